/** What XML 1.0 (fifth edition) allows where, by UTF-16 unit. Unpaired surrogates are for `String.prototype.isWellFormed` to find. */

/** The units outside Char (§2.2). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for, and the negated class takes twice the time.
export const ILLEGAL_CHARACTER: RegExp = /[\0-\x08\x0b\x0c\x0e-\x1f\uFFFE\uFFFF]/;

/** For each unit: 1 may stand inside a name (§2.3 [4a]), 2 may also begin one ([4]). The colon is not here: it splits names. */
const NAME = new Uint8Array(65536);

// Planes 1 to 14 come as pairs of surrogates: U+D800..U+DB7F, then U+DC00..U+DFFF.
for (const range of [
  ...['AZ', '__', 'az', '\xC0\xD6', '\xD8\xF6', '\xF8\u02FF', '\u0370\u037D', '\u037F\u1FFF', '\u200C\u200D', '\u2070\u218F'],
  ...['\u2C00\u2FEF', '\u3001\uD7FF', '\uD800\uDB7F', '\uF900\uFDCF', '\uFDF0\uFFFD'],
]) {
  NAME.fill(2, range.charCodeAt(0), range.charCodeAt(1) + 1);
}
for (const range of ['-.', '09', '\xB7\xB7', '\u0300\u036F', '\u203F\u2040', '\uDC00\uDFFF']) {
  NAME.fill(1, range.charCodeAt(0), range.charCodeAt(1) + 1);
}

/** Where the name that begins at `start` ends; `start` itself if none begins there. */
export function endOfName(text: string, start: number): number {
  let at = start;
  if (at < text.length && NAME[text.charCodeAt(at)] === 2) {
    do at++;
    while (at < text.length && NAME[text.charCodeAt(at)] !== 0);
  }
  return at;
}

/** Space, tab, line feed, carriage return (§2.3 [3]). */
export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d;
}

/** The order of code points, which differs from JavaScript's where surrogates meet U+E000..U+FFFF. */
export function compareByCodePoint(one: string, other: string): number {
  if (one === other) return 0;
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index++) {
    const a = one.charCodeAt(index);
    const b = other.charCodeAt(index);
    if (a === b) continue;
    const surrogate = isSurrogate(a);
    if (surrogate !== isSurrogate(b)) return surrogate ? 1 : -1;
    return a - b;
  }
  return one.length - other.length;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xe000;
}
