import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeDigest as digest, ecKey } from '../../../../test/kit/saml-keys.ts';
import { xmlText } from '../../../../test/kit/xml-documents.ts';
import { SamlError } from '../errors.ts';
import type { AuthnRequest } from '../message.ts';
import { verifySignature } from '../signature/verify.ts';
import { canonicalize } from '../xml/canonicalize.ts';
import { readXml } from '../xml/read.ts';
import { parseAuthnRequest, readAuthnRequestIssuer, writeAuthnRequest } from './authn-request.ts';

const pair = await ecKey();
const signing = { key: pair.signingKey('ecdsa-sha256'), digest };
const parse = (text: string) => parseAuthnRequest(readXml(text));
const refusal = (code: string) => expect.objectContaining({ name: 'SamlError', code });

const uri = fc.webUrl();
const id = fc.stringMatching(/^[A-Za-z_][\w.-]{0,20}$/);
const instant = fc.date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true });
const request: fc.Arbitrary<AuthnRequest> = fc.record(
  {
    id,
    issueInstant: instant,
    issuer: uri,
    destination: uri,
    assertionConsumerServiceURL: uri,
    assertionConsumerServiceIndex: fc.nat(65535),
    protocolBinding: uri,
    forceAuthn: fc.boolean(),
    isPassive: fc.boolean(),
    subject: fc.record(
      { value: xmlText, format: uri, nameQualifier: xmlText, spNameQualifier: xmlText },
      { requiredKeys: ['value'] },
    ),
    nameIDPolicy: fc.record({ format: uri, spNameQualifier: xmlText, allowCreate: fc.boolean() }, { requiredKeys: [] }),
    requestedAuthnContext: fc.record({
      comparison: fc.constantFrom('exact', 'minimum', 'maximum', 'better'),
      classRefs: fc.array(uri, { minLength: 1, maxLength: 3 }),
    }),
    claim: fc.record({
      userName: fc.emailAddress(),
      deviceId: id,
      parameters: fc.dictionary(fc.stringMatching(/^[a-zA-Z]{1,10}$/), xmlText, { maxKeys: 5, noNullPrototype: true }),
    }),
  },
  { requiredKeys: ['id', 'issueInstant', 'issuer'] },
);

test('what is written is read back the same', () => {
  fc.assert(
    fc.property(request, (value) => {
      expect(parse(writeAuthnRequest(value))).toEqual(value);
    }),
  );
});

test('what is written is canonical already, signed or not (exc-c14n)', () => {
  fc.assert(
    fc.property(request, (value) => {
      for (const text of [writeAuthnRequest(value), writeAuthnRequest(value, signing)])
        expect(canonicalize(readXml(text))).toBe(text);
    }),
    { numRuns: 50 },
  );
});

test('what is signed by construction verifies', () => {
  fc.assert(
    fc.property(request, (value) => {
      const element = readXml(writeAuthnRequest(value, signing));
      expect(parseAuthnRequest(verifySignature(element, [pair.verificationKey], digest))).toEqual(value);
    }),
    { numRuns: 50 },
  );
});

const open =
  '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0" IssueInstant="2026-11-22T10:00:00Z"';
const issuer = '<saml:Issuer>https://sp.example.com</saml:Issuer>';
const message = (content: string, attributes = '') => `${open}${attributes}>${issuer}${content}</samlp:AuthnRequest>`;

test('Scoping, Conditions and unknown Extensions may be there (saml-core §3.4.1)', () => {
  const text = message(
    '<samlp:Extensions><x:y xmlns:x="urn:x"/></samlp:Extensions><saml:Conditions/><samlp:Scoping ProxyCount="1"><samlp:IDPList/></samlp:Scoping>',
    ' ProviderName="x" Consent="urn:c" AttributeConsumingServiceIndex="1"',
  );
  expect(parse(text)).toEqual({ id: '_1', issueInstant: new Date('2026-11-22T10:00:00Z'), issuer: 'https://sp.example.com' });
});

test.each([
  [
    'a SubjectConfirmation in the Subject (saml-profiles §4.1.4.1)',
    '<saml:Subject><saml:NameID>a</saml:NameID><saml:SubjectConfirmation Method="m"/></saml:Subject>',
    '',
  ],
  ['elements out of schema order', '<samlp:NameIDPolicy/><saml:Subject><saml:NameID>a</saml:NameID></saml:Subject>', ''],
  ['an element twice', '<samlp:NameIDPolicy/><samlp:NameIDPolicy/>', ''],
  ['an unknown element', '<samlp:Other/>', ''],
  ['text between the elements', 'x', ''],
  ['an unknown attribute', '', ' Other="1"'],
  ['an attribute of a namespace', '', ' samlp:Other="_2"'],
  ['an index beyond 65535', '', ' AssertionConsumerServiceIndex="65536"'],
  ['a boolean that is none', '', ' IsPassive="yes"'],
  ['a claim without device', '<samlp:Extensions><Claim xmlns="urn:latchkey:claim:1" userName="a"/></samlp:Extensions>', ''],
  [
    'two claims',
    `<samlp:Extensions>${'<Claim xmlns="urn:latchkey:claim:1" userName="a" deviceId="d"/>'.repeat(2)}</samlp:Extensions>`,
    '',
  ],
  [
    'a parameter twice',
    '<samlp:Extensions><Claim xmlns="urn:latchkey:claim:1" userName="a" deviceId="d"><Parameter Name="x"/><Parameter Name="x"/></Claim></samlp:Extensions>',
    '',
  ],
])('refused: %s', (_, content, attributes) => {
  expect(() => parse(message(content, attributes))).toThrow(refusal('message_malformed'));
});

test.each([
  [
    'no Issuer',
    '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0" IssueInstant="2026-11-22T10:00:00Z"/>',
    'issuer_unknown',
  ],
  ['class 56: Version 1.1', message('').replace('2.0" Issue', '1.1" Issue'), 'version_unsupported'],
  ['class 49: a time without Z', message('').replace('00Z', '00'), 'message_malformed'],
  ['class 49: the 30th of February', message('').replace('11-22', '02-30'), 'message_malformed'],
  ['class 49: a leap second', message('').replace('10:00:00', '23:59:60'), 'message_malformed'],
  ['another message', '<Response xmlns="urn:oasis:names:tc:SAML:2.0:protocol"/>', 'message_unexpected'],
  ['class 23: the right name in the wrong namespace', '<AuthnRequest xmlns="urn:x"/>', 'message_unexpected'],
])('refused: %s', (_, text, code) => {
  expect(() => parse(text)).toThrow(refusal(code));
});

test('class 49: fractions of a second of any length are read, to the millisecond', () => {
  expect(parse(message('').replace('00Z', '00.1239999Z')).issueInstant).toEqual(new Date('2026-11-22T10:00:00.123Z'));
});

test('class 43: a value cannot become markup, and what XML cannot carry is refused', () => {
  const base = { id: '_1', issueInstant: new Date(0), issuer: 'x' };
  const evil = { ...base, issuer: 'x</saml:Issuer><saml:Issuer>y' };
  expect(readAuthnRequestIssuer(readXml(writeAuthnRequest(evil)))).toBe(evil.issuer);
  expect(() => writeAuthnRequest({ ...base, issuer: 'a\u0000b' })).toThrow(refusal('text_illegal'));
});

test('garbage is refused with nothing but SamlError', () => {
  const claim = { userName: 'a@b', deviceId: 'd', parameters: { x: 'y' } };
  const requestedAuthnContext = { comparison: 'exact', classRefs: ['c'] } as const;
  const full = {
    id: '_1',
    issueInstant: new Date(0),
    issuer: 'i',
    subject: { value: 's' },
    nameIDPolicy: {},
    requestedAuthnContext,
    claim,
  };
  const pieces = fc.constantFrom(...writeAuthnRequest(full, signing).split(/(?=[<>]|[A-Za-z]+=")/));
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), fc.nat(1), (parts, opened) => {
      try {
        parse((opened === 0 ? `${open}>` : '') + parts.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(SamlError);
      }
    }),
    { numRuns: 500 },
  );
});
