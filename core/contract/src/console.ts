/** What the paths of the console begin with. The server answers them with its page, and never anything else. */
export const consolePaths = ['accept-invitation', 'o', 'operator', 'set-up', 'sign-in'] as const;
