import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeDigest as digest, ecKey } from '../../../../test/kit/saml-keys.ts';
import { xmlText } from '../../../../test/kit/xml-documents.ts';
import { SamlError } from '../errors.ts';
import type { Endpoint, EntityDescriptor } from '../message.ts';
import { bindings } from '../names.ts';
import { canonicalize } from '../xml/canonicalize.ts';
import { readXml } from '../xml/read.ts';
import { parseEntityDescriptor, readMetadata } from './read.ts';
import { writeEntityDescriptor } from './write.ts';

const pair = await ecKey();
const stranger = await ecKey();
const now = new Date('2026-11-22T10:00:00Z');
const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
const refusal = (code: string) => expect.objectContaining({ name: 'SamlError', code });

const uri = fc.webUrl({ withQueryParameters: true });
const endpoint: fc.Arbitrary<Endpoint> = fc.record(
  { binding: uri, location: uri, responseLocation: uri, index: fc.nat(65535), isDefault: fc.boolean() },
  { requiredKeys: ['binding', 'location'] },
);
const endpoints = fc.uniqueArray(endpoint, { maxLength: 3, selector: ({ index }) => index });
const key = fc.record(
  { use: fc.constantFrom('signing', 'encryption'), certificate: fc.base64String({ minLength: 4, maxLength: 40 }) },
  { requiredKeys: ['certificate'] },
);
const keys = fc.array(key, { maxLength: 2 });
const entity: fc.Arbitrary<EntityDescriptor> = fc
  .record(
    {
      entityID: xmlText.map((text) => `e${text}`),
      validUntil: fc.date({ min: new Date('2026-11-23T00:00:00Z'), max: new Date('9999-01-01T00:00:00Z'), noInvalidDate: true }),
      sp: fc.record({
        authnRequestsSigned: fc.boolean(),
        wantAssertionsSigned: fc.boolean(),
        keys,
        nameIDFormats: fc.array(uri, { maxLength: 2 }),
        assertionConsumerServices: endpoints.filter(({ length }) => length > 0),
        singleLogoutServices: endpoints,
      }),
      idp: fc.record({
        wantAuthnRequestsSigned: fc.boolean(),
        keys,
        nameIDFormats: fc.array(uri, { maxLength: 2 }),
        singleSignOnServices: endpoints.filter(({ length }) => length > 0),
        singleLogoutServices: endpoints,
      }),
    },
    { requiredKeys: ['entityID'] },
  )
  .filter(({ sp, idp }) => sp !== undefined || idp !== undefined);

test('what is written is read back the same, signed or not, and is canonical already', () => {
  const signing = { id: '_m', key: pair.signingKey('ecdsa-sha256'), digest };
  const signer = { keys: [pair.verificationKey], digest };
  fc.assert(
    fc.property(entity, (value) => {
      const text = writeEntityDescriptor(value);
      expect(parseEntityDescriptor(readXml(text), { now })).toEqual(value);
      expect(canonicalize(readXml(text))).toBe(text);
      expect(parseEntityDescriptor(readXml(writeEntityDescriptor(value, signing)), { now, signer })).toEqual(value);
    }),
  );
});

test('the metadata that mod_auth_mellon writes', () => {
  const { entityID, sp, idp } = readMetadata(fixture('mellon-metadata.xml'), readXml, { now });
  expect(entityID).toBe('https://mellon.example.com/mellon/metadata');
  expect(idp).toBeUndefined();
  expect(sp?.keys.map(({ use }) => use)).toEqual(['signing', 'encryption']);
  expect(sp?.keys[0]?.certificate).not.toMatch(/\s/);
  expect(sp?.authnRequestsSigned).toBe(true);
  expect(sp?.assertionConsumerServices.find(({ binding }) => binding === bindings.paos)).toEqual({
    binding: bindings.paos,
    location: 'https://mellon.example.com/mellon/paosResponse',
    index: 2,
  });
});

test('the metadata that the Shibboleth SP writes: a comment in front, Extensions, white space in the certificate', () => {
  const { entityID, sp } = readMetadata(fixture('shibboleth-metadata.xml'), readXml, { now });
  expect(entityID).toBe('https://shib.example.com/shibboleth');
  expect(sp?.keys).toHaveLength(1);
  expect(sp?.assertionConsumerServices.map(({ index }) => index)).toEqual([1, 2, 4, 5]);
});

const base: EntityDescriptor = {
  entityID: 'https://sp.example.com',
  sp: {
    authnRequestsSigned: true,
    wantAssertionsSigned: true,
    keys: [{ use: 'signing', certificate: 'AAAA' }],
    nameIDFormats: [],
    assertionConsumerServices: [{ binding: bindings.httpPost, location: 'https://sp.example.com/acs', index: 0 }],
    singleLogoutServices: [],
  },
};
const plain = writeEntityDescriptor(base);
const around = (content: string, attributes = '') =>
  `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"${attributes}>${content}</md:EntitiesDescriptor>`;
const parse = (text: string) => readMetadata(text, readXml, { now });

test('an EntitiesDescriptor around exactly one entity is that entity', () => {
  expect(parse(around(plain))).toEqual(base);
});

test.each([
  ['class 62: validUntil past', plain.replace('entityID=', 'validUntil="2026-11-22T10:00:00Z" entityID=')],
  ['class 62: validUntil past, on the envelope', around(plain, ' validUntil="2026-11-22T09:00:00Z"')],
  [
    'class 62: validUntil past, on the role',
    plain.replace('<md:SPSSODescriptor', '<md:SPSSODescriptor validUntil="2020-01-01T00:00:00Z"'),
  ],
  ['class 62: several entities', around(plain + plain.replace('sp.example.com', 'other.example.com'))],
  ['class 62: several entities with the same entityID', around(plain + plain)],
  ['class 62: an EntitiesDescriptor inside', around(plain + around(plain))],
  ['class 62: a javascript: Location', plain.replace('https://sp.example.com/acs', 'javascript:alert(1)')],
  [
    'class 62: a Location with user information',
    plain.replace('https://sp.example.com/acs', 'https://sp.example.com@evil.example/acs'),
  ],
  ['class 62: a Location with white space', plain.replace('https://sp.example.com/acs', ' https://sp.example.com/acs')],
  ['class 62: a ResponseLocation that is none', plain.replace('Location=', 'ResponseLocation="data:x" Location=')],
  ['class 62: no role', '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="x"/>'],
  [
    'class 62: a role for SAML 1.1 only',
    plain.replace(
      'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0',
      'protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1',
    ),
  ],
  ['two SPSSODescriptors', plain.replace(/<md:SPSSODescriptor.*<\/md:SPSSODescriptor>/, '$&$&')],
  ['two endpoints with one index', plain.replace(/<md:AssertionConsumerService.*<\/md:AssertionConsumerService>/, '$&$&')],
  ['no AssertionConsumerService', plain.replace(/<md:AssertionConsumerService.*<\/md:AssertionConsumerService>/, '')],
  ['a certificate that is no base64', plain.replace('>AAAA<', '>A*AA<')],
  ['another document', '<html/>'],
])('refused: %s', (_, text) => {
  expect(() => parse(text)).toThrow(refusal('metadata_invalid'));
});

test('class 62: a DOCTYPE is refused here as everywhere', () => {
  expect(() => parse(`<!DOCTYPE x>${plain}`)).toThrow(refusal('xml_forbidden'));
});

test('class 62: with a pinned signer, unsigned and foreign metadata is refused', () => {
  const signed = writeEntityDescriptor(base, { id: '_m', key: stranger.signingKey('ecdsa-sha256'), digest });
  const options = { now, signer: { keys: [pair.verificationKey], digest } };
  expect(() => parseEntityDescriptor(readXml(plain), options)).toThrow(refusal('signature_missing'));
  expect(() => parseEntityDescriptor(readXml(signed), options)).toThrow(refusal('signature_invalid'));
});

test('garbage is refused with nothing but SamlError', () => {
  const pieces = fc.constantFrom(
    ...fixture('shibboleth-metadata.xml').split(/(?=<)/),
    '<!-- x -->',
    '<!--',
    '-->',
    '<![CDATA[x]]>',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      try {
        parse(parts.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(SamlError);
      }
    }),
  );
});
