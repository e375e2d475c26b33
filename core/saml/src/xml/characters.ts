/** What XML 1.0 (fifth edition) allows where. */

/** Anything outside Char (§2.2) but unpaired surrogates, which `String.prototype.isWellFormed` finds. */
export const ILLEGAL_CHARACTER = /[^\t\n\r\x20-\uFFFD]/;

/** For ASCII, by code: 1 may stand inside a name (§2.3 [4a]), 2 may also begin one ([4]). The colon is not here: it splits names. */
const ASCII_NAME = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  if (/[A-Z_a-z]/.test(String.fromCharCode(code))) ASCII_NAME[code] = 2;
  else if (/[-.0-9]/.test(String.fromCharCode(code))) ASCII_NAME[code] = 1;
}

// Planes 1 to 14 come as pairs of surrogates: U+D800..U+DB7F, then U+DC00..U+DFFF. The reader has refused unpaired ones.
const NAME_START =
  /[\xC0-\xD6\xD8-\xF6\xF8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uD800-\uDB7F\uF900-\uFDCF\uFDF0-\uFFFD]/;
const NAME_MORE = /[\u0300-\u036F\xB7\u203F\u2040\uDC00-\uDFFF]/;

export function startsName(code: number): boolean {
  return code < 128 ? ASCII_NAME[code] === 2 : NAME_START.test(String.fromCharCode(code));
}

export function continuesName(code: number): boolean {
  if (code < 128) return ASCII_NAME[code] !== 0;
  const character = String.fromCharCode(code);
  return NAME_START.test(character) || NAME_MORE.test(character);
}

/** Space, tab, line feed, carriage return (§2.3 [3]). */
export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d;
}
