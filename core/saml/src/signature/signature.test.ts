import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ecKey, nodeDigest, rsaKey, type SamlKeyPair } from '../../../../test/kit/saml-keys.ts';
import { xmlText } from '../../../../test/kit/xml-documents.ts';
import type { SignatureAlgorithm, VerificationKey } from '../crypto.ts';
import { SamlError, type SamlErrorCode } from '../errors.ts';
import { canonicalize } from '../xml/canonicalize.ts';
import { child } from '../xml/query.ts';
import { readXml } from '../xml/read.ts';
import { escapeText } from '../xml/write.ts';
import { writeSignature } from './sign.ts';
import { verifySignature } from './verify.ts';

const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';
const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol';
const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const EXC = 'http://www.w3.org/2001/10/xml-exc-c14n#';

const rsa = await rsaKey(2048);
const rsa3072 = await rsaKey(3072);
const weak = await rsaKey(1024);
const p256 = await ecKey('P-256');
const p384 = await ecKey('P-384');

const START = `<saml:Assertion xmlns:saml="${SAML}" ID="_a" Version="2.0"><saml:Issuer>https://idp.example</saml:Issuer>`;
const END = '<saml:Subject><saml:NameID>alice@example.com</saml:NameID></saml:Subject></saml:Assertion>';

function signed(key: SamlKeyPair, algorithm: SignatureAlgorithm, start = START, end = END, id = '_a'): string {
  return start + writeSignature(start + end, id, key.signingKey(algorithm), nodeDigest) + end;
}

function codeOf(text: string, ...keys: VerificationKey[]): SamlErrorCode | 'accepted' {
  try {
    const element = readXml(text);
    expect(verifySignature(element, keys, nodeDigest)).toBe(element);
    return 'accepted';
  } catch (error) {
    if (error instanceof SamlError) return error.code;
    throw error;
  }
}

const GENUINE = signed(p256, 'ecdsa-sha256');
const SIGNATURE = GENUINE.slice(START.length, -END.length);

/** Changes SignedInfo and signs the changed one, as a signer would who is honest but not strict, or who was talked into it. */
function resigned(change: (signature: string) => string): string {
  const changed = change(SIGNATURE);
  const document = readXml(START + changed + END);
  const signature = child(document, DSIG, 'Signature');
  const signedInfo = signature && child(signature, DSIG, 'SignedInfo');
  if (signedInfo === undefined) throw new TypeError('no SignedInfo');
  const value = p256.signingKey('ecdsa-sha256').sign(canonicalize(signedInfo));
  return START + changed.replace(/(<ds:SignatureValue>)[^<]*/, `$1${value}`) + END;
}

describe('signatures by construction verify', () => {
  test.each([
    ['rsa-sha256', rsa],
    ['rsa-sha384', rsa],
    ['rsa-sha512', rsa3072],
    ['rsa-pss-sha256', rsa],
    ['rsa-pss-sha384', rsa3072],
    ['rsa-pss-sha512', rsa],
    ['ecdsa-sha256', p256],
    ['ecdsa-sha256', p384],
    ['ecdsa-sha384', p384],
  ] as const)('%s', (algorithm, key) => {
    const text = signed(key, algorithm);
    expect(codeOf(text, key.verificationKey)).toBe('accepted');
    expect(canonicalize(readXml(text))).toBe(text);
    expect(codeOf(text.replace('alice', 'mallory'), key.verificationKey)).toBe('signature_invalid');
  });

  test('whatever the values are', () => {
    fc.assert(
      fc.property(xmlText, (value) => {
        const end = `<saml:Subject>${escapeText(value)}</saml:Subject></saml:Assertion>`;
        expect(codeOf(signed(p256, 'ecdsa-sha256', START, end), p256.verificationKey)).toBe('accepted');
      }),
      { numRuns: 50 },
    );
  });

  test('a samlp: message after its Issuer, and metadata first (saml-metadata §2.3.2)', () => {
    const start = `<samlp:Response xmlns:samlp="${SAMLP}" ID="_r"><saml:Issuer xmlns:saml="${SAML}">i</saml:Issuer>`;
    expect(codeOf(signed(p256, 'ecdsa-sha256', start, '</samlp:Response>', '_r'), p256.verificationKey)).toBe('accepted');
    const metadata = '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_m">';
    const end = '<md:Organization></md:Organization></md:EntityDescriptor>';
    expect(codeOf(signed(p256, 'ecdsa-sha256', metadata, end, '_m'), p256.verificationKey)).toBe('accepted');
    const late = readXml(
      signed(p256, 'ecdsa-sha256', `${metadata}<md:Organization></md:Organization>`, '</md:EntityDescriptor>', '_m'),
    );
    expect(() => verifySignature(late, [p256.verificationKey], nodeDigest)).toThrow('signature_malformed');
  });

  test('inside a document that has other namespaces around it', () => {
    const response = readXml(
      `<samlp:Response xmlns:samlp="${SAMLP}" xmlns="urn:x" xmlns:ds="urn:y"> ${GENUINE} </samlp:Response>`,
    );
    const assertion = child(response, SAML, 'Assertion');
    if (assertion === undefined) throw new TypeError('no Assertion');
    expect(verifySignature(assertion, [p256.verificationKey], nodeDigest)).toBe(assertion);
  });

  test('by any of the configured keys (rollover)', () => {
    expect(codeOf(GENUINE, rsa.verificationKey, p384.verificationKey, p256.verificationKey)).toBe('accepted');
  });

  test('class 33: white space inside base64 is dropped, other forms are refused', () => {
    const broken = GENUINE.replace(
      /(<ds:SignatureValue>)([^<]*)/,
      (_all, tag, value: string) => `${tag}&#13;&#10; ${value.slice(0, 40)}\n${value.slice(40)}\t`,
    );
    expect(codeOf(broken, p256.verificationKey)).toBe('accepted');
  });

  test('writing refuses an ID that is no NCName', () => {
    expect(() => signed(p256, 'ecdsa-sha256', START, END, 'x"><')).toThrow('text_illegal');
  });
});

const METHOD = `<ds:CanonicalizationMethod Algorithm="${EXC}"></ds:CanonicalizationMethod>`;
const SIGNATURE_METHOD = /<ds:SignatureMethod Algorithm="[^"]*">/;
const REFERENCE = SIGNATURE.slice(SIGNATURE.indexOf('<ds:Reference'), SIGNATURE.indexOf('</ds:SignedInfo>'));
const SIGNED_INFO = SIGNATURE.slice(SIGNATURE.indexOf('<ds:SignedInfo>'), SIGNATURE.indexOf('<ds:SignatureValue>'));
const TRANSFORM = `<ds:Transform Algorithm="${EXC}"></ds:Transform>`;
const ENVELOPED = `<ds:Transform Algorithm="${DSIG}enveloped-signature"></ds:Transform>`;
const algorithm = (uri: string) => (signature: string) =>
  signature.replace(SIGNATURE_METHOD, `<ds:SignatureMethod Algorithm="${uri}">`);
const replace = (what: string, by: string) => (signature: string) => {
  expect(signature).toContain(what);
  return signature.replace(what, by);
};
const EMPTY_DIGEST = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
const MOVED = `<saml:Advice>${SIGNATURE}</saml:Advice>`;

/** What is done to a genuine message; `resigned` means the SignedInfo that came out is really signed by our peer. */
const REFUSED: readonly (readonly [string, SamlErrorCode, string])[] = [
  ['class 12 strip: no Signature', 'signature_missing', START + END],
  [
    'class 12 strip_empty_sigvalue: empty SignatureValue',
    'signature_malformed',
    GENUINE.replace(/(<ds:SignatureValue>)[^<]*/, '$1'),
  ],
  ['class 12 strip_no_reference: no Reference', 'signature_malformed', resigned(replace(REFERENCE, ''))],
  ['class 12 alg_none: Algorithm "none"', 'signature_algorithm', resigned(algorithm('none'))],
  [
    'class 12: SignatureMethod without Algorithm',
    'signature_algorithm',
    resigned((signature) => signature.replace(SIGNATURE_METHOD, '<ds:SignatureMethod>')),
  ],
  ['no SignatureValue', 'signature_malformed', GENUINE.replace(/<ds:SignatureValue>[^<]*<\/ds:SignatureValue>/, '')],
  ['an empty Signature', 'signature_malformed', `${START}<ds:Signature xmlns:ds="${DSIG}"></ds:Signature>${END}`],
  ['class 5, 6: the Signature is below another child', 'signature_missing', START + MOVED + END],
  [
    'class 11: the Signature is before the Issuer',
    'signature_malformed',
    GENUINE.replace(SIGNATURE, '').replace('<saml:Issuer>', `${SIGNATURE}<saml:Issuer>`),
  ],
  [
    'class 11: the Signature is last',
    'signature_malformed',
    START + END.replace('</saml:Assertion>', `${SIGNATURE}</saml:Assertion>`),
  ],
  ['class 11: the Signature is of another element', 'signature_reference', GENUINE.replace('ID="_a"', 'ID="_b"')],
  ['two Signatures', 'signature_malformed', START + SIGNATURE + SIGNATURE + END],
  [
    'class 8: an Object in the Signature',
    'signature_malformed',
    GENUINE.replace('</ds:Signature>', '<ds:Object></ds:Object></ds:Signature>'),
  ],
  [
    'class 8: an Object instead of KeyInfo',
    'signature_malformed',
    GENUINE.replace(/<ds:KeyInfo>.*<\/ds:KeyInfo>/, '<ds:Object></ds:Object>'),
  ],
  [
    'class 15 two_signedinfo: a forged SignedInfo first',
    'signature_malformed',
    GENUINE.replace(SIGNED_INFO, SIGNED_INFO.replace(/(<ds:DigestValue>)./, '$1x') + SIGNED_INFO),
  ],
  [
    'class 15 two_signedinfo_after: a forged SignedInfo last',
    'signature_malformed',
    GENUINE.replace('</ds:Signature>', `${SIGNED_INFO}</ds:Signature>`),
  ],
  ['class 16 two_references', 'signature_reference', resigned(replace(REFERENCE, REFERENCE + REFERENCE))],
  [
    'class 16: a second Reference of another namespace',
    'signature_reference',
    resigned(replace(REFERENCE, `${REFERENCE}<x></x>`)),
  ],
  ['class 17 digest_comment', 'xml_forbidden', GENUINE.replace('<ds:DigestValue>', '<ds:DigestValue><!--x-->')],
  [
    'class 17: an element in DigestValue',
    'signature_malformed',
    resigned(replace('<ds:DigestValue>', '<ds:DigestValue><x></x>')),
  ],
  ['class 18 ref_uri_empty', 'signature_reference', resigned(replace('URI="#_a"', 'URI=""'))],
  ['class 18: no URI', 'signature_reference', resigned(replace(' URI="#_a"', ''))],
  ['class 18: an external URI', 'signature_reference', resigned(replace('URI="#_a"', 'URI="https://evil.example/#_a"'))],
  ['class 18: an XPointer', 'signature_reference', resigned(replace('URI="#_a"', `URI="#xpointer(id('_a'))"`))],
  ['class 18: a namespaced URI', 'signature_reference', resigned(replace('URI="#_a"', `xmlns:x="u:x" x:URI="#_a"`))],
  [
    'class 19 xpath_transform_hides_nameid',
    'signature_algorithm',
    resigned(
      replace(
        TRANSFORM,
        `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(self::saml:NameID)</ds:XPath></ds:Transform>${TRANSFORM}`,
      ),
    ),
  ],
  [
    'class 19 xslt_transform',
    'signature_algorithm',
    resigned(replace(ENVELOPED, `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"></ds:Transform>`)),
  ],
  ['class 19: a third transform', 'signature_algorithm', resigned(replace(TRANSFORM, TRANSFORM + TRANSFORM))],
  [
    'class 19: the transforms in the other order',
    'signature_algorithm',
    resigned(replace(ENVELOPED + TRANSFORM, TRANSFORM + ENVELOPED)),
  ],
  ['class 19: one transform only', 'signature_algorithm', resigned(replace(ENVELOPED, ''))],
  [
    'class 19: something in the enveloped-signature transform',
    'signature_malformed',
    resigned(replace(ENVELOPED, ENVELOPED.replace('></', '><x></x></'))),
  ],
  [
    'class 19: something in the canonicalization transform',
    'signature_malformed',
    resigned(replace(TRANSFORM, TRANSFORM.replace('></', '><x></x></'))),
  ],
  [
    'class 19: two InclusiveNamespaces',
    'signature_malformed',
    resigned(
      replace(
        TRANSFORM,
        TRANSFORM.replace(
          '></',
          '><InclusiveNamespaces xmlns="http://www.w3.org/2001/10/xml-exc-c14n#"/><InclusiveNamespaces xmlns="http://www.w3.org/2001/10/xml-exc-c14n#"/></',
        ),
      ),
    ),
  ],
  [
    'class 19: a PrefixList without end',
    'signature_malformed',
    resigned(
      replace(
        TRANSFORM,
        TRANSFORM.replace('></', `><x:InclusiveNamespaces xmlns:x="${EXC}" PrefixList="${'a '.repeat(1000)}"/></`),
      ),
    ),
  ],
  [
    'class 20: canonicalization with comments',
    'signature_algorithm',
    resigned(replace(METHOD, METHOD.replace(EXC, `${EXC}WithComments`))),
  ],
  [
    'class 20: inclusive canonicalization',
    'signature_algorithm',
    resigned(replace(METHOD, METHOD.replace(EXC, 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'))),
  ],
  [
    'class 20: a transform with comments',
    'signature_algorithm',
    resigned(replace(TRANSFORM, TRANSFORM.replace(EXC, `${EXC}WithComments`))),
  ],
  ['class 15: two CanonicalizationMethods', 'signature_malformed', resigned(replace(METHOD, METHOD + METHOD))],
  [
    'class 21: the digest of nothing',
    'signature_invalid',
    resigned((signature) => signature.replace(/(<ds:DigestValue>)[^<]*/, `$1${EMPTY_DIGEST}`)),
  ],
  [
    'class 21: an empty DigestValue',
    'signature_malformed',
    resigned((signature) => signature.replace(/(<ds:DigestValue>)[^<]*/, '$1')),
  ],
  [
    'class 23: Signature of another namespace',
    'signature_missing',
    GENUINE.replace(`xmlns:ds="${DSIG}"`, 'xmlns:ds="http://www.w3.org/2000/09/xmldsig"'),
  ],
  [
    'class 26 hmac_with_cert: HMAC',
    'signature_algorithm',
    resigned(algorithm('http://www.w3.org/2001/04/xmldsig-more#hmac-sha256')),
  ],
  [
    'class 26: an algorithm of another key type',
    'signature_algorithm',
    resigned(algorithm('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256')),
  ],
  ['class 27 weak_sha1: rsa-sha1', 'signature_algorithm', resigned(algorithm(`${DSIG}rsa-sha1`))],
  ['class 27: ecdsa-sha1', 'signature_algorithm', resigned(algorithm('http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1'))],
  ['class 27 weak_md5: rsa-md5', 'signature_algorithm', resigned(algorithm('http://www.w3.org/2001/04/xmldsig-more#rsa-md5'))],
  ['class 27: dsa', 'signature_algorithm', resigned(algorithm(`${DSIG}dsa-sha1`))],
  [
    'class 27: RSA-PSS with parameters',
    'signature_algorithm',
    resigned(algorithm('http://www.w3.org/2007/05/xmldsig-more#rsa-pss')),
  ],
  [
    'class 27: a SHA-1 digest',
    'signature_algorithm',
    resigned(replace('http://www.w3.org/2001/04/xmlenc#sha256', `${DSIG}sha1`)),
  ],
  [
    'something in SignatureMethod',
    'signature_algorithm',
    resigned((signature) => signature.replace(SIGNATURE_METHOD, '$&<ds:HMACOutputLength>1</ds:HMACOutputLength>')),
  ],
  ['something in DigestMethod', 'signature_algorithm', resigned(replace('</ds:DigestMethod>', 'x</ds:DigestMethod>'))],
  ['text in SignedInfo', 'signature_malformed', resigned(replace('<ds:Reference', 'x<ds:Reference'))],
  ['text in Signature', 'signature_malformed', GENUINE.replace('<ds:SignatureValue>', 'x<ds:SignatureValue>')],
  ['SignatureValue that is no base64', 'signature_malformed', GENUINE.replace('<ds:SignatureValue>', '<ds:SignatureValue>!')],
  [
    'SignatureValue with padding bits set',
    'signature_malformed',
    GENUINE.replace(/[AQgw]==<\/ds:SignatureValue>/, 'B==</ds:SignatureValue>'),
  ],
  ['SignatureValue of another length', 'signature_invalid', GENUINE.replace(/(<ds:SignatureValue>)[^<]*/, '$1AAAA')],
  [
    'another prefix inside a value (QName games)',
    'signature_invalid',
    GENUINE.replaceAll('saml:NameID', 'x:NameID').replace('<x:NameID', `<x:NameID xmlns:x="${SAML}"`),
  ],
  ['an attribute added', 'signature_invalid', GENUINE.replace('<saml:Subject>', '<saml:Subject x="">')],
  ['white space added', 'signature_invalid', GENUINE.replace('<saml:Subject>', '<saml:Subject> ')],
  ['text after the Signature', 'signature_invalid', GENUINE.replace('</ds:Signature>', '</ds:Signature> ')],
];

describe('verifySignature refuses', () => {
  test.each(REFUSED)('%s', (_title, code, text) => {
    expect(text).not.toBe(GENUINE);
    expect(codeOf(text, p256.verificationKey)).toBe(code);
  });

  test('an element without an ID, or with one that is no NCName (class 18)', () => {
    for (const id of ['', ' _a', '1a', "_a'", '_a)', '_a b']) {
      expect(codeOf(GENUINE.replace('ID="_a"', `ID="${id}"`).replace('URI="#_a"', `URI="#${id}"`), p256.verificationKey)).toBe(
        'signature_reference',
      );
    }
    expect(codeOf(GENUINE.replace(' ID="_a"', ''), p256.verificationKey)).toBe('signature_reference');
    expect(codeOf(GENUINE.replace(' ID="_a"', ' Id="_a"'), p256.verificationKey)).toBe('signature_reference');
  });

  test('class 26 key_swap_keyinfo: signed by another key with its own certificate in KeyInfo', async () => {
    const attacker = await ecKey('P-256');
    expect(codeOf(signed(attacker, 'ecdsa-sha256'), p256.verificationKey)).toBe('signature_invalid');
  });

  test('class 26: the key type, the size and the list of keys decide before anything is verified', () => {
    const never: VerificationKey = { type: 'rsa', size: 2048, verify: () => expect.unreachable() };
    expect(codeOf(GENUINE, never)).toBe('signature_algorithm');
    expect(codeOf(signed(rsa, 'rsa-sha256'), p256.verificationKey)).toBe('signature_algorithm');
    expect(codeOf(GENUINE)).toBe('signature_algorithm');
  });

  test('class 27: an RSA key of 1024 bits, though the signature is good', () => {
    expect(codeOf(signed(weak, 'rsa-sha256'), weak.verificationKey)).toBe('signature_algorithm');
  });

  test('RSA-SHA256 and RSA-PSS are not taken for each other', () => {
    const pss = 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1';
    const plain = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
    expect(codeOf(signed(rsa, 'rsa-sha256').replace(plain, pss), rsa.verificationKey)).toBe('signature_invalid');
    expect(codeOf(signed(rsa, 'rsa-pss-sha256').replace(pss, plain), rsa.verificationKey)).toBe('signature_invalid');
  });

  test('class 26: KeyInfo is never looked into', () => {
    const without = GENUINE.replace(/<ds:KeyInfo>.*<\/ds:KeyInfo>/, '');
    expect(codeOf(without, p256.verificationKey)).toBe('accepted');
    expect(codeOf(GENUINE.replace(/(<ds:X509Certificate>)[^<]*/, '$1garbage'), p256.verificationKey)).toBe('accepted');
  });

  test('class 16 many_refs_500 and class 19 many_transforms_1000', () => {
    expect(
      codeOf(
        resigned(replace(REFERENCE, REFERENCE.replaceAll(/<ds:Transforms>.*<\/ds:Transforms>/g, '').repeat(300))),
        p256.verificationKey,
      ),
    ).toBe('signature_reference');
    expect(codeOf(resigned(replace(TRANSFORM, TRANSFORM.repeat(1000))), p256.verificationKey)).toBe('signature_algorithm');
  });

  test('every message with one bit turned over', () => {
    const keyInfo = GENUINE.indexOf('<ds:KeyInfo>');
    const keyInfoEnd = GENUINE.indexOf('</ds:KeyInfo>');
    let refused = 0;
    for (let at = 0; at < GENUINE.length; at++) {
      if (at > keyInfo && at < keyInfoEnd) continue;
      for (let bit = 1; bit < 128; bit *= 2) {
        const mutant = GENUINE.slice(0, at) + String.fromCharCode(GENUINE.charCodeAt(at) ^ bit) + GENUINE.slice(at + 1);
        if (codeOf(mutant, p256.verificationKey) === 'accepted')
          expect.unreachable(`bit ${bit} at ${at}: ${mutant.slice(at - 20, at + 20)}`);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(7000);
  });

  test('whatever is cut out, doubled or moved: the message is refused or reads the same', () => {
    const original = canonicalize(readXml(START + END));
    const parts = GENUINE.split(/(?=<)/);
    const index = fc.nat({ max: parts.length - 1 });
    fc.assert(
      fc.property(index, index, index, fc.constantFrom('cut', 'double', 'move'), (from, to, target, action) => {
        const piece = parts.slice(Math.min(from, to), Math.max(from, to) + 1);
        const rest =
          action === 'double' ? parts : parts.filter((_part, at) => at < Math.min(from, to) || at > Math.max(from, to));
        const text = [...rest.slice(0, target), ...(action === 'cut' ? [] : piece), ...rest.slice(target)].join('');
        if (codeOf(text, p256.verificationKey) !== 'accepted') return;
        const document = readXml(text);
        const signature = child(document, DSIG, 'Signature');
        if (signature === undefined) throw new TypeError('no Signature');
        expect(canonicalize(document, { without: signature })).toBe(original);
      }),
      { numRuns: 3000 },
    );
  });
});
