import { DeviceError } from './errors.ts';

/** A secret in the form `prefix` + lookup + secret + checksum, as an administrator copies it. */
export interface SecretToken {
  /** Names the token; not secret, unique on the server. */
  readonly lookup: string;
  readonly secret: string;
  /** The whole token: what is hashed and compared. */
  readonly text: string;
}

export const LOOKUP_LENGTH = 10;
export const SECRET_LENGTH = 32;
const CHECKSUM_LENGTH = 6;
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PATTERN = /^[0-9A-Za-z]*$/;

/** CRC-32 of ISO 3309 (the one of zlib and PNG) over ASCII text. */
const crc32 = (text: string): number => {
  let crc = ~0;
  for (let at = 0; at < text.length; at += 1) {
    crc ^= text.charCodeAt(at);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
};

/** Six base62 characters of the CRC-32: a secret scanner and a person's typing error are told apart without the server. */
const checksum = (text: string): string => {
  let left = crc32(text);
  let out = '';
  for (let at = 0; at < CHECKSUM_LENGTH; at += 1) {
    out = BASE62.charAt(left % 62) + out;
    left = Math.floor(left / 62);
  }
  return out;
};

/** Writes a token; `lookup` (10) and `secret` (32) are random base62 characters. */
export const formatToken = (prefix: string, parts: { readonly lookup: string; readonly secret: string }): string => {
  const { lookup, secret } = parts;
  if (lookup.length !== LOOKUP_LENGTH || secret.length !== SECRET_LENGTH || !PATTERN.test(lookup + secret)) {
    throw new TypeError('a token is made of 10 and 32 base62 characters');
  }
  const text = prefix + lookup + secret;
  return text + checksum(text);
};

/** Reads a token; never echoes what it was given, which may be a secret with one wrong character. */
export const parseToken = (prefix: string, text: string): SecretToken => {
  if (!text.startsWith(prefix)) throw new DeviceError('token_malformed', `a token of this kind begins with ${prefix}`);
  const length = prefix.length + LOOKUP_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH;
  if (text.length !== length) {
    throw new DeviceError('token_malformed', `a token has ${length} characters, this one has ${text.length}`);
  }
  if (!PATTERN.test(text.slice(prefix.length))) {
    throw new DeviceError('token_malformed', `after ${prefix} a token has only letters and digits`);
  }
  const body = text.slice(0, -CHECKSUM_LENGTH);
  if (checksum(body) !== text.slice(-CHECKSUM_LENGTH)) {
    throw new DeviceError('token_malformed', 'the checksum does not fit: at least one character is wrong');
  }
  const split = prefix.length + LOOKUP_LENGTH;
  return { lookup: body.slice(prefix.length, split), secret: body.slice(split), text };
};
