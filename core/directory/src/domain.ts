import { DirectoryError } from './errors.ts';

// RFC 1123 §2.1 labels: letters, digits and inner hyphens, 63 at most.
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const invalid = (message: string): DirectoryError => new DirectoryError('domain_invalid', message);

/**
 * The one spelling of a domain: lower-case ASCII. A name in other letters must be given in its `xn--` form (RFC 5890 §2.3.2.1): the
 * conversion needs tables that are no part of a pure core, and two conversions that differ would be two tenants.
 *
 * @example foldDomain('Acme.COM') // 'acme.com'
 */
export const foldDomain = (name: string): string => {
  if (name === '') throw invalid('The domain is empty; write one such as acme.com.');
  // By ASCII only: toLowerCase would also turn the Kelvin sign into a k.
  const folded = name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
  if (!/^[\x00-\x7f]*$/.test(folded)) throw invalid('The domain has letters outside ASCII; write it in its xn-- form.');
  if (folded.length > 253) throw invalid('The domain is longer than 253 characters.');
  const labels = folded.split('.');
  if (labels.length < 2) throw invalid('The domain needs at least two parts, as in acme.com.');
  for (const part of labels) {
    if (!label.test(part)) {
      throw invalid(
        'Each part of a domain is 1 to 63 letters, digits and inner hyphens, as in acme.com (no scheme, no port, no final dot).',
      );
    }
  }
  if (/^[0-9]+$/.test(labels.at(-1) ?? '')) throw invalid('The domain looks like an address; write a name such as acme.com.');
  return folded;
};
