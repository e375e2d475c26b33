/** The version of the whole product; a test holds it equal to package.json's. */
export const VERSION = '0.1.0';

/** A clock before this day is wrong: proofs, expiries and certificates would be judged by it, so the server does not start. */
export const RELEASED_AT = Date.parse('2026-11-22T00:00:00Z');
