export const DAY = 86_400;

/** Days that a token may be good for; 366 is the most the server takes. */
export const expiryChoices = [7, 30, 90, 180, 366] as const;
