const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const NONE = 64;
/** By character code. */
const VALUES = new Uint8Array(128).fill(NONE);
for (const [value, character] of [...ALPHABET].entries()) VALUES[character.charCodeAt(0)] = value;

/** Thrown by the decoders; callers turn it into their own code. */
export class Base64urlError extends Error {
  override readonly name = 'Base64urlError';
}

export const encodeBase64url = (bytes: Uint8Array): string => {
  let out = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out += ALPHABET.charAt((held >> bits) & 63);
    }
  }
  return bits === 0 ? out : out + ALPHABET.charAt((held << (6 - bits)) & 63);
};

/** RFC 4648 §5 without padding; refuses what another encoder could have written differently (§3.5: pad bits must be zero). */
export const decodeBase64url = (text: string): Uint8Array => {
  if (text.length % 4 === 1) throw new Base64urlError('not base64url: impossible length');
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let at = 0;
  let bits = 0;
  let held = 0;
  for (let index = 0; index < text.length; index++) {
    const value = VALUES[text.charCodeAt(index)] ?? NONE;
    if (value === NONE) throw new Base64urlError('not base64url: a character outside A-Z a-z 0-9 - _');
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = (held >> bits) & 255;
    at += 1;
  }
  if ((held & ((1 << bits) - 1)) !== 0) throw new Base64urlError('not base64url: pad bits are not zero');
  return bytes;
};

/** Base64url of the UTF-8 octets of `text`; a lone surrogate is our own mistake. */
export const encodeBase64urlText = (text: string): string => {
  if (!text.isWellFormed()) throw new TypeError('text with a lone surrogate cannot be encoded');
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return encodeBase64url(Uint8Array.from(bytes));
};

/** The text whose UTF-8 octets `text` encodes; overlong forms and surrogates are refused. */
export const decodeBase64urlText = (text: string): string => {
  const bytes = decodeBase64url(text);
  let escaped = '';
  let isPlain = true;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    const stays = byte < 0x80 && byte !== 0x25;
    isPlain &&= stays;
    escaped += stays ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`;
  }
  if (isPlain) return escaped;
  try {
    // ECMA-262 §19.2.6.6: its decoder is exactly strict UTF-8.
    return decodeURIComponent(escaped);
  } catch (cause) {
    throw new Base64urlError('not UTF-8', { cause });
  }
};
