const LONGEST = 300;

/** Seconds until the next try after so many failures in a row: doubling, half of it left to chance, 5 minutes at most. */
export const backOff = (failures: number, random: number): number =>
  Math.min(LONGEST, 2 ** Math.min(failures, 16)) * (0.5 + random / 2);

/** ±20 %, so that a fleet that started together does not come back together. */
export const jitter = (seconds: number, random: number): number => seconds * (0.8 + 0.4 * random);
