/** A page of another feature, by its path below the organization: no feature imports another. */
export const pathIn = (organization: string, path: string): string => `/o/${organization}/${path}`;
