import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeDigest as digest, ecKey } from '../../../../test/kit/saml-keys.ts';
import { xmlText } from '../../../../test/kit/xml-documents.ts';
import type { Assertion, Response } from '../message.ts';
import { verifySignature } from '../signature/verify.ts';
import { canonicalize } from '../xml/canonicalize.ts';
import type { XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read.ts';
import { parseAssertion } from './assertion.ts';
import { parseResponse, writeResponse } from './response.ts';

const pair = await ecKey();
const key = pair.signingKey('ecdsa-sha256');
const keys = [pair.verificationKey];

const uri = fc.webUrl();
const id = fc.stringMatching(/^[A-Za-z_][\w.-]{0,20}$/);
const instant = fc.date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true });
const nameID = fc.record(
  { value: xmlText, format: uri, nameQualifier: xmlText, spNameQualifier: xmlText },
  { requiredKeys: ['value'] },
);

const assertion: fc.Arbitrary<Assertion> = fc.record({
  id: id.map((value) => `a${value}`),
  issueInstant: instant,
  issuer: uri,
  subject: nameID,
  subjectConfirmations: fc.array(
    fc.record(
      { method: uri, inResponseTo: id, recipient: uri, notBefore: instant, notOnOrAfter: instant },
      { requiredKeys: ['method'] },
    ),
    { maxLength: 2 },
  ),
  conditions: fc.record(
    {
      notBefore: instant,
      notOnOrAfter: instant,
      audienceRestrictions: fc.array(fc.array(uri, { maxLength: 2 }), { maxLength: 2 }),
      oneTimeUse: fc.boolean(),
      proxyRestriction: fc.boolean(),
    },
    { requiredKeys: ['audienceRestrictions', 'oneTimeUse', 'proxyRestriction'] },
  ),
  authnStatement: fc.record(
    { authnInstant: instant, sessionIndex: xmlText, sessionNotOnOrAfter: instant, authnContextClassRef: uri },
    { requiredKeys: ['authnInstant', 'authnContextClassRef'] },
  ),
  attributes: fc.array(
    fc.record(
      { name: uri, nameFormat: uri, friendlyName: xmlText, values: fc.array(xmlText, { maxLength: 3 }) },
      { requiredKeys: ['name', 'values'] },
    ),
    { maxLength: 3 },
  ),
});

const response: fc.Arbitrary<Response> = fc.record(
  {
    id: id.map((value) => `r${value}`),
    issueInstant: instant,
    issuer: uri,
    inResponseTo: id,
    destination: uri,
    status: fc.record({ code: uri, subCode: uri, message: xmlText }, { requiredKeys: ['code'] }),
    assertion,
  },
  { requiredKeys: ['id', 'issueInstant', 'issuer', 'status'] },
);

const parse = (element: XmlElement, verify: (assertion: XmlElement) => XmlElement = (unsigned) => unsigned): Response => {
  const { assertionElements, encryptedAssertionElements, ...rest } = parseResponse(element);
  expect(encryptedAssertionElements).toEqual([]);
  const [first] = assertionElements;
  return first === undefined ? rest : { ...rest, assertion: parseAssertion(verify(first)) };
};

test('what is written is read back the same', () => {
  fc.assert(
    fc.property(response, (value) => {
      expect(parse(readXml(writeResponse(value, { digest })))).toEqual(value);
    }),
  );
});

test('what is written is canonical already, however it is signed (exc-c14n)', () => {
  fc.assert(
    fc.property(response, fc.boolean(), fc.boolean(), (value, signAssertion, signResponse) => {
      const signing = { digest, ...(signAssertion && { assertionKey: key }), ...(signResponse && { responseKey: key }) };
      const text = writeResponse(value, signing);
      expect(canonicalize(readXml(text))).toBe(text);
    }),
    { numRuns: 50 },
  );
});

test('what is signed by construction verifies, the Assertion, the Response and both', () => {
  fc.assert(
    fc.property(response, (value) => {
      const verify = (element: XmlElement) => verifySignature(element, keys, digest);
      expect(parse(readXml(writeResponse(value, { digest, assertionKey: key })), verify)).toEqual(value);
      expect(parse(verify(readXml(writeResponse(value, { digest, responseKey: key }))))).toEqual(value);
      expect(parse(verify(readXml(writeResponse(value, { digest, responseKey: key, assertionKey: key }))), verify)).toEqual(
        value,
      );
    }),
    { numRuns: 50 },
  );
});

const names = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
const start = `<saml:Assertion ${names} ID="_a" Version="2.0" IssueInstant="2026-11-22T10:00:00Z"><saml:Issuer>i</saml:Issuer>`;
const subject = '<saml:Subject><saml:NameID>jane</saml:NameID></saml:Subject>';
const authn =
  '<saml:AuthnStatement AuthnInstant="2026-11-22T10:00:00Z"><saml:AuthnContext><saml:AuthnContextClassRef>c</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>';
const read = (text: string) => parseAssertion(readXml(text));
const whole = (parts: string) => `${start}${parts}</saml:Assertion>`;

test('what other identity providers add is read over: schema types, Advice, SubjectLocality, statements in any order', () => {
  const text = whole(
    `${subject}<saml:Conditions/><saml:Advice/>` +
      '<saml:AttributeStatement><saml:Attribute Name="n"><saml:AttributeValue xsi:type="xs:string">v</saml:AttributeValue>' +
      '<saml:AttributeValue><saml:NameID>complex</saml:NameID></saml:AttributeValue><saml:AttributeValue xsi:nil="true"/></saml:Attribute></saml:AttributeStatement>' +
      authn.replace('<saml:AuthnContext>', '<saml:SubjectLocality Address="::1"/><saml:AuthnContext>'),
  );
  expect(read(text).attributes).toEqual([{ name: 'n', values: ['v'] }]);
});

test.each([
  ['class 49 no_conditions: no Conditions', whole(`${subject}${authn}`), 'conditions'],
  [
    'class 56 unknown_condition: a Condition that is not understood',
    whole(`${subject}<saml:Conditions><x:Y xmlns:x="urn:x"/></saml:Conditions>${authn}`),
    'conditions',
  ],
  ['class 56 no_authnstatement: no AuthnStatement', whole(`${subject}<saml:Conditions/>`), 'authn_statement'],
  ['two AuthnStatements', whole(`${subject}<saml:Conditions/>${authn}${authn}`), 'authn_statement'],
  [
    'class 56 version_1_1: Version 1.1',
    whole(`${subject}<saml:Conditions/>${authn}`).replace('"2.0"', '"1.1"'),
    'version_unsupported',
  ],
  ['no Subject', whole(`<saml:Conditions/>${authn}`), 'message_malformed'],
  ['a Subject without NameID', whole(`<saml:Subject/><saml:Conditions/>${authn}`), 'message_malformed'],
  [
    'class 30 comment_in_nameid: markup in the NameID',
    whole(`${subject.replace('jane', 'ja<b/>ne')}<saml:Conditions/>${authn}`),
    'message_malformed',
  ],
  ['an unknown statement', whole(`${subject}<saml:Conditions/>${authn}<saml:AuthzDecisionStatement/>`), 'message_malformed'],
  [
    'class 22 attr_pollution_id: a second ID in a namespace',
    whole(`${subject}<saml:Conditions/>${authn}`).replace('ID="_a"', 'ID="_a" saml:ID="_b"'),
    'xml_duplicate_id',
  ],
])('refused: %s', (_, text, code) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ name: 'SamlError', code }));
});

test('class 43: an attribute value cannot become another attribute', () => {
  const evil = 'x</saml:AttributeValue></saml:Attribute><saml:Attribute Name="role"><saml:AttributeValue>admin';
  const base = fc.sample(assertion, { numRuns: 1, seed: 1 })[0] as Assertion; // one run gives one sample
  const attributes = [{ name: 'displayName', values: [evil] }];
  const text = writeResponse(
    { id: '_r', issueInstant: new Date(0), issuer: 'i', status: { code: 's' }, assertion: { ...base, attributes } },
    { digest },
  );
  expect(parse(readXml(text)).assertion?.attributes).toEqual(attributes);
});
