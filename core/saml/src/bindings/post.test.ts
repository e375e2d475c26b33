import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePost, writePostForm } from './post.ts';

const refusal = (code: string) => expect.objectContaining({ name: 'SamlError', code });
const form = { action: 'https://sp.example.com/acs?a=b&c', parameter: 'SAMLResponse', value: 'AAAA' } as const;

test('the page posts itself by a script with the nonce, and by a button without scripts (saml-bindings §3.5.4)', () => {
  const page = writePostForm({ ...form, relayState: 'r', nonce: 'N' });
  expect(page).toContain('<form method="post" action="https://sp.example.com/acs?a=b&amp;c">');
  expect(page).toContain('<input type="hidden" name="SAMLResponse" value="AAAA">');
  expect(page).toContain('<input type="hidden" name="RelayState" value="r">');
  expect(page).toContain('<script nonce="N">');
  expect(page).toContain('<noscript>');
});

test('without a nonce there is no script', () => {
  expect(writePostForm(form)).not.toContain('<script');
  expect(writePostForm(form)).toContain('<button');
});

test('class 57: RelayState cannot leave its attribute, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('"', "'", '<', '>', '&', '\n', 'a', '/'), maxLength: 40 }), (relayState) => {
      const page = writePostForm({ ...form, relayState });
      const value = /name="RelayState" value="([^"]*)"><button/.exec(page)?.[1] ?? '';
      expect(value).not.toContain('<');
      const text = value.replaceAll('&lt;', '<').replaceAll('&quot;', '"').replaceAll('&#xA;', '\n').replaceAll('&amp;', '&');
      expect(text).toBe(relayState);
    }),
  );
});

test('class 57: more than 80 octets of our own, and an action that is no web address, are refused', () => {
  expect(() => writePostForm({ ...form, relayState: 'x'.repeat(81) })).toThrow(refusal('binding_malformed'));
  expect(() => writePostForm({ ...form, action: 'javascript:alert(1)' })).toThrow(refusal('binding_malformed'));
});

test('the fields of a form are read, base64 in lines too (RFC 2045)', () => {
  expect(parsePost({ SAMLResponse: 'AA\r\nAA', RelayState: 'r', other: ['x'] })).toEqual({
    parameter: 'SAMLResponse',
    base64: 'AAAA',
    relayState: 'r',
  });
  expect(parsePost({ SAMLRequest: 'AAAA' })).toEqual({ parameter: 'SAMLRequest', base64: 'AAAA' });
});

test.each([
  ['a field twice', { SAMLResponse: ['AAAA', 'BBBB'] }],
  ['RelayState twice', { SAMLResponse: 'AAAA', RelayState: ['a', 'b'] }],
  ['request and response', { SAMLRequest: 'AAAA', SAMLResponse: 'AAAA' }],
  ['neither', { RelayState: 'x' }],
  ['class 33: base64 with entities', { SAMLResponse: 'AA&#13;&#10;AA' }],
  ['base64url', { SAMLResponse: 'A-_A' }],
  ['empty', { SAMLResponse: '' }],
])('refused: %s', (_, fields) => {
  expect(() => parsePost(fields)).toThrow(refusal('binding_malformed'));
});
