import { SamlError } from '@latchkey/saml';

/** saml-attacks, class 36: the largest message that is read. */
export const MAX_OCTETS = 256 * 1024;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Strict UTF-8: no other encoding, no overlong form, no byte order mark. */
export const decodeUtf8 = (octets: Uint8Array): string => {
  if (octets.length > MAX_OCTETS) throw new SamlError('xml_too_large', `more than ${MAX_OCTETS} octets`);
  let text: string;
  try {
    text = decoder.decode(octets);
  } catch (cause) {
    throw new SamlError('xml_encoding', 'the message is not UTF-8', { cause });
  }
  if (text.startsWith('\uFEFF')) throw new SamlError('xml_encoding', 'the message begins with a byte order mark');
  return text;
};
