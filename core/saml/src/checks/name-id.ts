import { SamlError } from '../errors.ts';

/**
 * The one rule for a NameID's text, whoever sends it: 1 to 255 characters in Normalization Form C, no control, format or
 * line-separator characters, no white space at either end. What breaks it is refused, never mended: so two names are the same
 * user only if they are the same characters.
 */
export function checkNameID(value: string): void {
  const problem = NAME_ID_RULES.find(([broken]) => broken(value));
  if (problem !== undefined) throw new SamlError('name_id', `NameID ${problem[1]}`);
}

const NAME_ID_RULES: readonly (readonly [(value: string) => boolean, string])[] = [
  [(value) => value === '', 'is empty'],
  [(value) => value.length > 255, 'is longer than 255 characters'],
  [(value) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value), 'holds a control or format character'],
  [(value) => value !== value.trim(), 'begins or ends with white space'],
  [(value) => value !== value.normalize('NFC'), 'is not in Unicode Normalization Form C'],
];
