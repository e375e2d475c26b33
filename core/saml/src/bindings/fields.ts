import { SamlError } from '../errors.ts';

/** The two kinds of message a browser binding carries. */
export type MessageParameter = 'SAMLRequest' | 'SAMLResponse';

/** saml-bindings §3.4.3, §3.5.3: what we send must not exceed 80 octets. What others send us is theirs, and is echoed. */
export function expectShortRelayState(relayState: string | undefined): void {
  if (relayState !== undefined && utf8Length(relayState) > 80)
    throw new SamlError('binding_malformed', 'RelayState must not exceed 80 octets');
}

function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}

export function isBase64(text: string): boolean {
  return text.length > 0 && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}
