import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignatureAlgorithm } from '../../core/saml/src/crypto.ts';
import { SamlError } from '../../core/saml/src/errors.ts';
import { digestAlgorithmUri, digestOf, signatureAlgorithmUri } from '../../core/saml/src/signature/algorithms.ts';
import { writeSignature } from '../../core/saml/src/signature/sign.ts';
import { verifySignature } from '../../core/saml/src/signature/verify.ts';
import { canonicalize } from '../../core/saml/src/xml/canonicalize.ts';
import { text } from '../../core/saml/src/xml/query.ts';
import { readXml } from '../../core/saml/src/xml/read.ts';
import { ecKey, nodeDigest, rsaKey, type SamlKeyPair } from '../kit/saml-keys.ts';
import { hasPrograms, run } from './programs.ts';

const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';
const id = '_a1';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-xmlsec1-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, content: string): string => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};

type KeyName = 'rsa2048' | 'rsa4096' | 'p256' | 'p384';
const keys = new Map<KeyName, SamlKeyPair>();
const keyOf = (name: KeyName): SamlKeyPair => {
  const key = keys.get(name);
  if (key === undefined) throw new TypeError(`no key ${name}`);
  return key;
};

/** The xmlsec1 of Debian 12 (1.2.37) knows no RSA-PSS; that of Debian 13 does. */
const transforms = hasPrograms('xmlsec1') ? run('xmlsec1', ['list-transforms']).stdout : '';
const knowsPss = /rsa-pss-sha256|sha256-rsa-MGF1/i.test(transforms);

const pairs: readonly (readonly [SignatureAlgorithm, KeyName])[] = [
  ['rsa-sha256', 'rsa2048'],
  ['rsa-sha384', 'rsa2048'],
  ['rsa-sha512', 'rsa4096'],
  ['ecdsa-sha256', 'p256'],
  ['ecdsa-sha384', 'p384'],
  ...(knowsPss ? ([['rsa-pss-sha256', 'rsa2048'] as const, ['rsa-pss-sha512', 'rsa4096'] as const] as const) : []),
];

/** What is signed, already canonical, cut where the signature goes in. */
const assertion = (value: string): readonly [string, string] => [
  `<saml:Assertion xmlns:saml="${SAML}" ID="${id}" IssueInstant="2026-01-01T00:00:00Z" Version="2.0"><saml:Issuer>https://idp.example.com</saml:Issuer>`,
  `<saml:Subject><saml:NameID>${value}</saml:NameID></saml:Subject></saml:Assertion>`,
];

const verifyWithXmlsec1 = (xml: string, key: SamlKeyPair): boolean => {
  const file = put('message.xml', xml);
  const certificate = put('certificate.pem', key.certificatePem);
  const arguments_ = [
    '--verify',
    '--pubkey-cert-pem',
    certificate,
    '--enabled-key-data',
    'rsa,ec',
    '--id-attr:ID',
    `${SAML}:Assertion`,
  ];
  return run('xmlsec1', [...arguments_, file]).status === 0;
};

/** A document to sign, as people write them: pretty-printed, with declarations far up. */
const template = (algorithm: SignatureAlgorithm, prefixList?: string): string => {
  const transform = 'Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"';
  const inclusive = prefixList
    ? `><ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="${prefixList}"/></ds:Transform>`
    : '/>';
  return `<?xml version="1.0" encoding="UTF-8"?>
<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:unused="urn:unused" Version="2.0">
  <Assertion xmlns="${SAML}" Version='2.0' ID="${id}"
             IssueInstant="2026-01-01T00:00:00Z">
    <Issuer>https://idp.example.com</Issuer>
    <ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
      <ds:SignedInfo>
        <ds:CanonicalizationMethod ${transform}/>
        <ds:SignatureMethod Algorithm="${signatureAlgorithmUri(algorithm)}"/>
        <ds:Reference URI="#${id}">
          <ds:Transforms>
            <ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
            <ds:Transform ${transform}${inclusive}
          </ds:Transforms>
          <ds:DigestMethod Algorithm="${digestAlgorithmUri(digestOf(algorithm))}"/>
          <ds:DigestValue/>
        </ds:Reference>
      </ds:SignedInfo>
      <ds:SignatureValue/>
      <ds:KeyInfo><ds:X509Data/></ds:KeyInfo>
    </ds:Signature>
    <Subject><NameID>zo&#xEB; &amp; <![CDATA[<j\u{1F511}rg>]]></NameID></Subject>
    <AttributeStatement xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
      <Attribute Name="a&#9;b&quot;"><AttributeValue xsi:type="xs:string">1 &gt; 0&#13;</AttributeValue></Attribute>
    </AttributeStatement>
  </Assertion>
</samlp:Response>`;
};

const signWithXmlsec1 = (xml: string, key: SamlKeyPair): string => {
  const file = put('template.xml', xml);
  const files = `${put('key.pem', key.privatePem)},${put('certificate.pem', key.certificatePem)}`;
  const { status, stdout, stderr } = run('xmlsec1', [
    '--sign',
    '--privkey-pem',
    files,
    '--id-attr:ID',
    `${SAML}:Assertion`,
    file,
  ]);
  if (status !== 0) throw new Error(stderr);
  return stdout;
};

const assertionIn = (xml: string) => {
  const found = readXml(xml).children.find((node) => typeof node !== 'string' && node.localName === 'Assertion');
  if (found === undefined || typeof found === 'string') throw new TypeError('no Assertion');
  return found;
};

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'accepted';
  } catch (error) {
    if (error instanceof SamlError) return error.code;
    throw error;
  }
};

describe.skipIf(!hasPrograms('xmlsec1'))('xmlsec1', () => {
  beforeAll(async () => {
    keys.set('rsa2048', await rsaKey(2048));
    keys.set('rsa4096', await rsaKey(4096));
    keys.set('p256', await ecKey('P-256'));
    keys.set('p384', await ecKey('P-384'));
  });

  it.each(pairs)('verifies what we sign by construction: %s with %s', (algorithm, name) => {
    const key = keyOf(name);
    const [before, after] = assertion('jörg &amp; \u{1F511} &lt;x&gt;&#xD;');
    const xml = before + writeSignature(before + after, id, key.signingKey(algorithm), nodeDigest) + after;
    expect(verifyWithXmlsec1(xml, key)).toBe(true);
    expect(verifyWithXmlsec1(xml.replace('idp.example.com', 'idp.example.net'), key)).toBe(false);
  });

  it.each(pairs)('signs what we verify: %s with %s', (algorithm, name) => {
    const key = keyOf(name);
    const signed = signWithXmlsec1(template(algorithm), key);
    const verified = verifySignature(assertionIn(signed), [key.verificationKey], nodeDigest);
    expect(verified.localName).toBe('Assertion');
    const changed = signed.replace('idp.example.com', 'idp.example.net');
    expect(codeOf(() => verifySignature(assertionIn(changed), [key.verificationKey], nodeDigest))).toBe('signature_invalid');
  });

  it.each(['xs', 'xs xsi', '#default', '#default unused samlp'])(
    'signs with InclusiveNamespaces PrefixList="%s" what we verify (exc-c14n §3)',
    (prefixList) => {
      const key = keyOf('p256');
      const signed = signWithXmlsec1(template('ecdsa-sha256', prefixList), key);
      expect(codeOf(() => verifySignature(assertionIn(signed), [key.verificationKey], nodeDigest))).toBe('accepted');
    },
  );

  it('signs with SHA-1 what it accepts and we refuse: a weak algorithm', () => {
    const key = keyOf('rsa2048');
    const weak = template('rsa-sha256').replace(
      signatureAlgorithmUri('rsa-sha256'),
      'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
    );
    const signed = signWithXmlsec1(weak, key);
    expect(verifyWithXmlsec1(signed, key)).toBe(true);
    expect(codeOf(() => verifySignature(assertionIn(signed), [key.verificationKey], nodeDigest))).toBe('signature_algorithm');
  });

  it('reads the same text as we do in what it signed', () => {
    const key = keyOf('p256');
    const verified = verifySignature(
      assertionIn(signWithXmlsec1(template('ecdsa-sha256'), key)),
      [key.verificationKey],
      nodeDigest,
    );
    const subject = verified.children.find((node) => typeof node !== 'string' && node.localName === 'Subject');
    const nameId = typeof subject === 'object' ? subject.children[0] : undefined;
    expect(typeof nameId === 'object' ? text(nameId) : undefined).toBe('zoë & <j\u{1F511}rg>');
  });
});

/** Documents with what canonicalization is about: namespaces declared anywhere, prefixes, order, white space, references. */
const prefix = fc.constantFrom('', 'a', 'b', 'c');
// No & in a namespace: libxml2 writes it without escaping it, against c14n §2.3, and that is not even XML.
const uri = fc.constantFrom('urn:x', 'urn:y', 'urn:z', 'https://example.com/ns?a=1');
const characters = fc
  .array(
    fc.constantFrom(
      ' ',
      '\n',
      '\r\n',
      '\t',
      'x',
      'é',
      '\u{1F511}',
      '\uE000',
      '&#13;',
      '&#x9;',
      '&lt;',
      '&amp;',
      '&gt;',
      '&apos;',
      '&#xA;',
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));
const declarations = fc.dictionary(prefix, uri, { maxKeys: 2, noNullPrototype: true });
const attributes = fc.array(fc.tuple(fc.constantFrom('', 'a:', 'b:', 'c:', 'xml:'), characters), { maxLength: 4 });

const { node } = fc.letrec<{ node: string; content: string }>((tie) => ({
  content: fc.oneof({ maxDepth: 4 }, characters, fc.constantFrom('<![CDATA[<&"\r\n>]]>', '<![CDATA[]]>', '"', "'"), tie('node')),
  node: fc
    .tuple(prefix, declarations, fc.boolean(), attributes, fc.array(tie('content'), { maxLength: 4 }))
    .map(([own, declared, undo, given, children]) => {
      const name = own === '' ? 'e' : `${own}:e`;
      const spaces = Object.entries(undo ? { ...declared, '': '' } : declared).map(
        ([key, value]) => ` xmlns${key === '' ? '' : `:${key}`}="${value}"`,
      );
      // Local names differ, so that two prefixes of one namespace never make the same attribute twice.
      const shown = given.map(([key, value], index) => ` ${key}n${(index * 7) % 10}="${value}"`);
      return `<${name}${[...shown, ...spaces].join('')}>${children.join('')}</${name}>`;
    }),
}));

const nested = node.map((inner) => `<r xmlns:a="urn:a" xmlns:b="urn:b" xmlns:c="urn:a">${inner}</r>`);

describe.skipIf(!hasPrograms('xmllint'))('xmllint', () => {
  it('writes the same exclusive canonical form of any document we read (exc-c14n §3)', () => {
    fc.assert(
      fc.property(nested, (xml) => {
        const { status, stdout, stderr } = run('xmllint', ['--exc-c14n', '-'], xml);
        expect(status, stderr).toBe(0);
        expect(canonicalize(readXml(xml))).toBe(stdout);
      }),
      { numRuns: 500 },
    );
  });
});
