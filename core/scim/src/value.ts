// Most texts; they are in NFC, and without a sigma.
const ascii = /^[ -~]*$/;

/**
 * What texts that are not caseExact are compared by: equal whatever their case and composition, the same on every storage engine.
 */
export const foldValue = (text: string): string => {
  const lower = text.toLowerCase();
  // A final sigma is the same letter (Unicode CaseFolding.txt), but toLowerCase chooses it by position: take one form.
  return ascii.test(lower) ? lower : lower.normalize('NFC').replaceAll('ς', 'σ');
};

/** Order of UTF-16 units as the order of their code points, which is the order of UTF-8 bytes, and so that of the databases. */
const rank = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);

/** Negative, 0 or positive; by code points, not by language. */
export const compareText = (a: string, b: string): number => {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) {
    if (a[i] !== b[i]) return rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
  }
  return a.length - b.length;
};

const dateTime = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/i;

/**
 * The instant of an xsd:dateTime (RFC 7643 §2.3.5) in milliseconds since 1970, with a fraction if need be; undefined if it is none.
 * Without a zone it is UTC.
 */
export const parseDateTime = (text: string): number | undefined => {
  const [, date, time, fraction = '', zone = 'Z'] = dateTime.exec(text) ?? [];
  if (date === undefined || time === undefined) return undefined;
  const written = `${date}T${time}`;
  const seconds = Date.parse(`${written}Z`);
  // Date.parse lets 30 February through as 2 March.
  if (Number.isNaN(seconds) || new Date(seconds).toISOString().slice(0, 19) !== written) return undefined;
  const [sign, hours, minutes] = zone.length === 1 ? ['+', 0, 0] : [zone[0], Number(zone.slice(1, 3)), Number(zone.slice(4))];
  if (hours > 14 || minutes > 59) return undefined;
  const offset = (hours * 60 + minutes) * 60_000;
  return seconds + Number(`0${fraction}`) * 1000 - (sign === '-' ? -offset : offset);
};
