import { SamlError } from '../errors.ts';
import { ILLEGAL_CHARACTER } from './characters.ts';

/**
 * Text as Canonical XML 1.0 §2.3 writes it, so that what is built from it needs no canonicalization before it is signed.
 * Markup in a value stays text (no injection); what XML 1.0 cannot carry at all is refused.
 */
export function escapeText(value: string): string {
  if (!TEXT_NEEDS_CARE.test(value)) return value;
  return escapeLegalText(legal(value));
}

/** An attribute value as Canonical XML 1.0 §2.3 writes it between double quotes. */
export function escapeAttribute(value: string): string {
  if (!ATTRIBUTE_NEEDS_CARE.test(value)) return value;
  return escapeLegalAttribute(legal(value));
}

/** As `escapeText`, for text that came out of the reader. */
export function escapeLegalText(value: string): string {
  return TEXT_SPECIAL.test(value) ? value.replace(ALL_TEXT_SPECIAL, reference) : value;
}

/** As `escapeAttribute`, for a value that came out of the reader. */
export function escapeLegalAttribute(value: string): string {
  return ATTRIBUTE_SPECIAL.test(value) ? value.replace(ALL_ATTRIBUTE_SPECIAL, reference) : value;
}

const TEXT_SPECIAL = /[&<>\r]/;
const ALL_TEXT_SPECIAL = /[&<>\r]/g;
const ATTRIBUTE_SPECIAL = /[&<"\t\n\r]/;
const ALL_ATTRIBUTE_SPECIAL = /[&<"\t\n\r]/g;

// One look for the usual value: everything that is neither special nor possibly illegal.
const TEXT_NEEDS_CARE = /[^\t\n\x20-%'-;=?-\uD7FF\uE000-\uFFFD]/;
const ATTRIBUTE_NEEDS_CARE = /[^\x20!#-%'-;=-\uD7FF\uE000-\uFFFD]/;

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

function reference(character: string): string {
  return REFERENCES[character] ?? character;
}

function legal(value: string): string {
  const illegal = ILLEGAL_CHARACTER.exec(value);
  if (illegal !== null || !value.isWellFormed()) {
    const code = illegal?.[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    throw new SamlError(
      'text_illegal',
      `XML 1.0 cannot carry ${code === undefined ? 'an unpaired surrogate' : `the character U+${code}`}`,
    );
  }
  return value;
}
