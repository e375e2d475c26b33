import { createHmac } from 'node:crypto';

/** RFC 6238 §4.1 and the values every authenticator app takes for granted: SHA-1, 30 seconds, 6 digits. */
const PERIOD = 30_000;
const DIGITS = 6;
/** RFC 6238 §5.2: one step for a clock that is slow, or a person; one for a clock that is fast. */
const SKEW_STEPS = 1;
/** RFC 4226 §4: at least 128 bits, 160 recommended. */
export const TOTP_SECRET_OCTETS = 20;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 §6, without padding. */
export const base32 = (octets: Uint8Array): string => {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const octet of octets) {
    value = (value << 8) | octet;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += alphabet[(value >>> (bits - 5)) & 31];
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + alphabet[(value << (5 - bits)) & 31];
};

/** RFC 4226 §5.3. */
export const hotp = (secret: Uint8Array, counter: number, digits = DIGITS): string => {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac('sha1', secret).update(message).digest();
  const offset = mac.readUInt8(19) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits).padStart(digits, '0');
};

/** The step whose code this is, if it is one of those that hold now. */
export const findTotpStep = (secret: Uint8Array, code: string, now: number): number | undefined => {
  const given = code.replaceAll(/\s/g, '');
  const step = Math.floor(now / PERIOD);
  // Six digits of which the server counts the attempts: how long a comparison takes tells nothing of use.
  return [step, step - SKEW_STEPS, step + SKEW_STEPS].find((each) => hotp(secret, each) === given);
};

/** What a QR code carries (the key URI format of Google Authenticator, which all others read). */
export const totpUri = (secret: Uint8Array, issuer: string, account: string): string =>
  `otpauth://totp/${encodeURIComponent(issuer)}:${encodeURIComponent(account)}?secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=${DIGITS}&period=${PERIOD / 1000}`;
