import { randomBytes } from 'node:crypto';

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Random base62 characters, each equally likely: what secrets are made of. */
export const randomText = (length: number): string => {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // 248 = 4 × 62: a byte above would make the first letters likelier.
      if (byte < 248 && text.length < length) text += base62[byte % 62];
    }
  }
  return text;
};
