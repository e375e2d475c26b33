export type SetsPath = 'groups' | 'departments';

/** Where the API has the directory. */
export const usersPath = (organization: string): string => `/organizations/${organization}/users`;
export const setsPath = (organization: string, sets: SetsPath): string => `/organizations/${organization}/${sets}`;
export const importsPath = (organization: string): string => `/organizations/${organization}/imports`;

/** What the browser fetches by itself: a file to keep. */
export const fileUrl = (path: string): string => `/api/v1${path}`;

/** Of everything in the directory: who is in a group, and what a group is called, changes with one another. */
export const directoryKey = (organization: string) => ['directory', organization] as const;
