import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ecKey, rsaKey } from '../../../../test/kit/saml-keys.ts';
import { SamlError } from '../errors.ts';
import { parseRedirect, verifyRedirect, writeRedirect } from './redirect.ts';

const rsa = await rsaKey();
const ec = await ecKey();
const location = 'https://idp.example.com/sso';
const message = { location, parameter: 'SAMLRequest', deflated: 'fVL/+w==' } as const;
const query = (url: string) => url.slice(url.indexOf('?') + 1);
const refusal = (code: string) => expect.objectContaining({ name: 'SamlError', code });

const relayState = fc.string({ unit: 'binary', maxLength: 20 });

test('what is written is read back the same', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('SAMLRequest', 'SAMLResponse'),
      fc.base64String({ minLength: 4 }),
      fc.option(relayState, { nil: undefined }),
      (parameter, deflated, state) => {
        const url = writeRedirect({ location, parameter, deflated, ...(state !== undefined && { relayState: state }) });
        expect(parseRedirect(query(url))).toEqual({
          parameter,
          deflatedBase64: deflated,
          ...(state !== undefined && { relayState: state }),
        });
      },
    ),
  );
});

test.each([
  ['rsa-sha256', rsa],
  ['rsa-pss-sha256', rsa],
  ['ecdsa-sha256', ec],
] as const)('what is signed by %s verifies, and only by its key (saml-bindings §3.4.4.1)', (algorithm, pair) => {
  const parsed = parseRedirect(query(writeRedirect({ ...message, relayState: 'a b&c', key: pair.signingKey(algorithm) })));
  expect(() => verifyRedirect(parsed, [pair.verificationKey])).not.toThrow();
  const others = [rsa, ec].filter((other) => other !== pair).map(({ verificationKey }) => verificationKey);
  expect(() => verifyRedirect(parsed, others)).toThrow(refusal('signature_algorithm'));
});

const key = ec.signingKey('ecdsa-sha256');
const signed = query(writeRedirect({ ...message, relayState: 'state+/=', key }));
const verify = (raw: string) => verifyRedirect(parseRedirect(raw), [ec.verificationKey]);

test('class 29: the order in the URL does not matter, the octets are put in the order of the specification', () => {
  expect(() => verify(signed.split('&').reverse().join('&'))).not.toThrow();
});

test('class 29: lower-case escapes are verified as they came, not as we would write them', () => {
  const octets =
    'SAMLRequest=fVL%2f%2bw%3d%3d&RelayState=a%20b&SigAlg=http%3a%2f%2fwww.w3.org%2f2001%2f04%2fxmldsig-more%23ecdsa-sha256';
  const lower = `${octets}&Signature=${encodeURIComponent(key.sign(octets))}`;
  expect(() => verify(lower)).not.toThrow();
  expect(() => verify(lower.replaceAll('%2f', '%2F'))).toThrow(refusal('signature_invalid'));
});

test('a parameter that is not of the binding is passed over', () => {
  expect(() => verify(`tenant=1&${signed}`)).not.toThrow();
});

test.each([
  ['class 29: a changed RelayState', signed.replace('state', 'other')],
  ['class 29: RelayState taken out of the octets', signed.replace(/&RelayState=[^&]*/, '')],
  ['class 29: a changed message', signed.replace('fVL', 'fVM')],
  ['class 29: request turned into response', signed.replace('SAMLRequest', 'SAMLResponse')],
])('refused: %s', (_, raw) => {
  expect(() => verify(raw)).toThrow(refusal('signature_invalid'));
});

test.each([
  [
    'class 29: SigAlg changed to a weak one',
    signed.replace(/SigAlg=[^&]*/, `SigAlg=${encodeURIComponent('http://www.w3.org/2000/09/xmldsig#rsa-sha1')}`),
  ],
  [
    'class 26: SigAlg changed to HMAC',
    signed.replace(/SigAlg=[^&]*/, `SigAlg=${encodeURIComponent('http://www.w3.org/2001/04/xmldsig-more#hmac-sha256')}`),
  ],
])('refused: %s', (_, raw) => {
  expect(() => verify(raw)).toThrow(refusal('signature_algorithm'));
});

test.each([
  ['class 29: a parameter twice', `${signed}&SAMLRequest=AAAA`],
  ['class 29: RelayState twice', `${signed}&RelayState=x`],
  ['class 29: a percent-encoded name', signed.replace('SAMLRequest', '%53AMLRequest')],
  ['class 29: an encoded name beside the plain one', `${signed}&%53AMLRequest=AAAA`],
  ['request and response', `${signed}&SAMLResponse=AAAA`],
  ['neither', 'RelayState=x'],
  ['empty', ''],
  ['no base64', 'SAMLRequest=a-b_'],
  ['a plus sign that was not encoded', 'SAMLRequest=fVL++w=='],
  ['bad percent-encoding', 'SAMLRequest=AAAA&RelayState=%zz'],
  ['bad UTF-8', 'SAMLRequest=AAAA&RelayState=%ff'],
  ['class 12: Signature without SigAlg', signed.replace(/&SigAlg=[^&]*/, '')],
  ['class 12: SigAlg without Signature', signed.replace(/&Signature=[^&]*/, '')],
  ['class 12 strip_empty_sigvalue', signed.replace(/&Signature=[^&]*/, '&Signature=')],
  ['another encoding than DEFLATE', `${signed}&SAMLEncoding=urn%3Ax`],
])('refused: %s', (_, raw) => {
  expect(() => parseRedirect(raw)).toThrow(refusal('binding_malformed'));
});

test('class 12 strip: an unsigned query does not verify', () => {
  expect(() => verify(query(writeRedirect(message)))).toThrow(refusal('signature_missing'));
});

test('class 57: our own RelayState has at most 80 octets, and no CR or LF stands in the URL', () => {
  expect(() => writeRedirect({ ...message, relayState: 'x'.repeat(81) })).toThrow(refusal('binding_malformed'));
  expect(writeRedirect({ ...message, relayState: 'a\r\nSet-Cookie: b' })).not.toMatch(/[\r\n ]/);
});

test('a Location with a query is added to; one with a fragment is refused', () => {
  expect(writeRedirect({ ...message, location: `${location}?a=b` })).toContain('?a=b&SAMLRequest=');
  expect(() => writeRedirect({ ...message, location: `${location}#a` })).toThrow(refusal('binding_malformed'));
});

test('garbage is refused with nothing but SamlError', () => {
  const pieces = fc.oneof(fc.constantFrom(...signed.split(/(?=[&=%])/)), fc.string({ maxLength: 5 }));
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
      try {
        verify(parts.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(SamlError);
      }
    }),
  );
});
