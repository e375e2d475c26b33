const secretName = /pass(word|wd|phrase)|secret|token|credential|private.?key/i;
const removed = '[removed]';
const mostCharacters = 16_384;
const mostRead = 262_144;

const isSecretPath = (value: object): boolean => 'path' in value && typeof value.path === 'string' && secretName.test(value.path);

const clean = (name: string, value: unknown): unknown => {
  if (name !== '' && secretName.test(name) && value !== null && typeof value !== 'boolean') return removed;
  // A PATCH names what it sets beside the value.
  if (typeof value === 'object' && value !== null && isSecretPath(value)) return { ...value, value: removed };
  return value;
};

/** A body for the sync log: nothing of a secret nature, and not longer than a person reads. What is no JSON may hold anything. */
export const withoutSecrets = (body: unknown, length: number): string => {
  if (body === undefined) return '';
  if (length > mostRead) return `(${length} octets)`;
  try {
    const text = JSON.stringify(body, clean) ?? '';
    return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters).toWellFormed()}…`;
  } catch {
    return `(${length} octets)`; // nested deeper than can be written
  }
};
