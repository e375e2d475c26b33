import { createHmac } from 'node:crypto';
import type { Digest } from '../../core/saml/src/crypto.ts';
import type { Assertion, AuthnRequest, Response } from '../../core/saml/src/message.ts';
import { parseAssertion } from '../../core/saml/src/messages/assertion.ts';
import { parseAuthnRequest, writeAuthnRequest } from '../../core/saml/src/messages/authn-request.ts';
import { parseResponse, writeResponse } from '../../core/saml/src/messages/response.ts';
import { bindings, confirmationMethods, statusCodes } from '../../core/saml/src/names.ts';
import { readXml } from '../../core/saml/src/xml/read.ts';
import {
  afterIssuer,
  append,
  cut,
  DS,
  digestOf,
  ENVELOPED,
  EXC_C14N,
  type Forgery,
  forge,
  methodOf,
  type Parts,
  type Party,
  prepend,
  TRANSFORMS,
  withAttribute,
  withId,
} from './forge.ts';

/** One message and the name of its attack: `class 3 xsw3: ...`. */
export interface Attack {
  readonly name: string;
  readonly xml: string;
}

export type { Party };

export interface Genuine {
  /** The genuine message, as our writers write it, signed. */
  readonly genuine: string;
  /** A key of the attacker's own. */
  readonly attacker: Party;
  /** Whose key signed it. Given, each forgery is rightly signed and wrong only in what its name says; else by the attacker. */
  readonly signer?: Party;
}

/** Where a DOCTYPE stands before the root: to put a message into an envelope, the prolog goes in front of that. */
export function splitProlog(xml: string): { readonly prolog: string; readonly root: string } {
  const root = Math.max(xml.search(/<[A-Za-z]/), 0);
  return { prolog: xml.slice(0, root), root: xml.slice(root) };
}

const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';
const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol';
const EVIL_ID = '_evil0000000000000000000000000000';
const EMPTY_SHA256 = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';

/**
 * What a service provider must refuse, whatever its policy: classes 1 to 36, 45 to 50 and 53 to 56. `genuine` is a Response
 * with a signed Assertion in it; `victim` is the name the attacker would like to have.
 */
export function responseAttacks(needs: Genuine & { readonly victim: string; readonly digest: Digest }): Attack[] {
  const { genuine, victim } = needs;
  const root = readXml(genuine);
  const [element] = parseResponse(root).assertionElements;
  if (element === undefined) throw new TypeError('the genuine Response must have an Assertion');
  const parts = cut(genuine, element);
  const name = parseAssertion(element).subject.value;
  const spoof = (text: string) => text.replace(`>${name}<`, `>${victim}<`);
  const attacks = [...wrappings(parts, spoof), ...signatureAttacks(needs, parts, spoof), ...parserAttacks(genuine, name, spoof)];
  if (needs.signer === undefined) return attacks;
  const party = needs.signer;
  const { assertionElements: _, encryptedAssertionElements: __, ...response } = parseResponse(root);
  const unsigned = (change: Response) => resign(change, party, needs.digest);
  return [
    ...attacks,
    ...responseWrappings(genuine, parts, spoof, party),
    ...protocolAttacks({ ...response, assertion: parseAssertion(element) }, unsigned),
  ];
}

/** Messages that may be accepted, but only as what they say: `same` as the genuine user (or refused), `other` as another one. */
export function responseVariants(needs: Genuine): (Attack & { readonly expected: 'same' | 'other' })[] {
  const { genuine } = needs;
  const [element] = parseResponse(readXml(genuine)).assertionElements;
  if (element === undefined) throw new TypeError('the genuine Response must have an Assertion');
  const parts = cut(genuine, element);
  const name = parseAssertion(element).subject.value;
  const named = (value: string) => genuine.replace(`>${name}<`, `>${value}<`);
  const renamed = (value: string) => {
    const bare = parts.bare.replace(`>${name}<`, `>${value}<`);
    return parts.before + afterIssuer(bare, forge(bare, parts.id, needs.signer ?? needs.attacker)) + parts.after;
  };
  const first = name.charCodeAt(0);
  return [
    { name: 'class 32 cdata_in_nameid: the same text', xml: named(`<![CDATA[${name}]]>`), expected: 'same' },
    { name: 'class 32 charref_in_nameid: the same text', xml: named(`&#${first};${name.slice(1)}`), expected: 'same' },
    {
      name: 'class 33 b64_whitespace_entities: line breaks as references in SignatureValue',
      xml: genuine.replace(/(<ds:SignatureValue>.{20})/, '$1&#13;&#10;'),
      expected: 'same',
    },
    { name: 'class 53 nameid_case: upper case', xml: renamed(name.toUpperCase()), expected: 'other' },
    { name: 'class 53 nameid_unicode: a Cyrillic letter', xml: renamed(`\u0430${name.slice(1)}`), expected: 'other' },
    { name: 'class 53 nameid_plus: a plus-address', xml: renamed(name.replace('@', '+x@')), expected: 'other' },
    { name: 'class 53 nameid_fullwidth: equal only after NFKC', xml: renamed(`\uff41${name.slice(1)}`), expected: 'other' },
  ];
}

type Spoof = (text: string) => string;

/** Classes 3 to 11, 13 and 14: the genuine assertion is there, and an evil one where somebody might look. */
function wrappings({ before, bare, signature, after, id }: Parts, spoof: Spoof): Attack[] {
  const genuine = afterIssuer(bare, signature);
  const evil = spoof(withId(bare, EVIL_ID));
  const sameId = spoof(bare);
  const signedBy = (assertion: string, content = signature) => afterIssuer(assertion, content);
  const inSignature = (what: string) => append(signature, what);
  const response = (content: string) => before + content + after;
  const extensions = (what: string, content: string) =>
    before.replace('<samlp:Status>', `<samlp:Extensions>${what}</samlp:Extensions><samlp:Status>`) + content + after;
  const detail = (what: string, content: string) =>
    before.replace('</samlp:Status>', `<samlp:StatusDetail>${what}</samlp:StatusDetail></samlp:Status>`) + content + after;
  const advice = `<saml:Advice>${genuine}</saml:Advice>`;
  const encrypted = `<saml:EncryptedAssertion xmlns:saml="${SAML}"><x:EncryptedData xmlns:x="http://www.w3.org/2001/04/xmlenc#"/></saml:EncryptedAssertion>`;
  const head = before.replace(/<samlp:Status>.*/s, '');
  return [
    { name: 'class 3 xsw3: an evil Assertion before the genuine one', xml: response(evil + genuine) },
    { name: 'class 3 xsw3_after: an evil Assertion after the genuine one', xml: response(genuine + evil) },
    { name: 'class 4 xsw4: the genuine Assertion inside the evil one', xml: response(append(evil, genuine)) },
    {
      name: 'class 5 xsw5: the signature in the evil Assertion, the genuine one behind it',
      xml: response(signedBy(evil) + bare),
    },
    {
      name: 'class 6 xsw6: the genuine Assertion in the signature of the evil one',
      xml: response(signedBy(evil, inSignature(bare))),
    },
    { name: 'class 7 xsw7: an evil Assertion in Extensions', xml: extensions(evil, genuine) },
    { name: 'class 7 xsw7_same_id: one with the same ID in Extensions', xml: extensions(sameId, genuine) },
    { name: 'class 7 xsw7_signed_in_extensions: the genuine Assertion in Extensions', xml: extensions(genuine, evil) },
    {
      name: 'class 8 xsw8: the genuine Assertion in an Object of the signature',
      xml: response(signedBy(evil, inSignature(`<ds:Object>${bare}</ds:Object>`))),
    },
    { name: 'class 9 xsw_status_detail: the genuine Assertion in StatusDetail', xml: detail(genuine, evil) },
    { name: 'class 9 xsw_status_detail_evil: an evil Assertion in StatusDetail', xml: detail(evil, genuine) },
    {
      name: 'class 9 xsw_advice: the genuine Assertion in the Advice of the evil one',
      xml: response(evil.replace('<saml:AuthnStatement', `${advice}<saml:AuthnStatement`)),
    },
    {
      name: 'class 9 xsw_attribute_value: the genuine Assertion in an AttributeValue of the evil one',
      xml: response(
        append(
          evil,
          `<saml:AttributeStatement><saml:Attribute Name="x"><saml:AttributeValue>${genuine}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`,
        ),
      ),
    },
    {
      name: 'class 9 xsw_confirmation_data: the genuine Assertion in SubjectConfirmationData of the evil one',
      xml: response(evil.replace('</saml:SubjectConfirmationData>', `${genuine}</saml:SubjectConfirmationData>`)),
    },
    {
      name: 'class 9 xsw_root_wrap: the whole Response in Extensions of an evil one',
      xml: withId(extensions(response(genuine), evil), '_evil2'),
    },
    { name: 'class 9 xsw_other_root: the Response in another root', xml: `<x:R xmlns:x="urn:x">${response(genuine)}</x:R>` },
    { name: 'class 9 xsw_bare_assertion: the Assertion alone', xml: genuine },
    { name: 'class 10 xsw_dup_id_before: an evil Assertion with the same ID before', xml: response(sameId + genuine) },
    { name: 'class 10 xsw_dup_id_after: an evil Assertion with the same ID after', xml: response(genuine + sameId) },
    {
      name: 'class 11 sig_moved_to_response: the signature in the Response',
      xml: afterIssuer(head, signature) + before.slice(head.length) + bare + after,
    },
    {
      name: 'class 11 sig_moved_evil: the signature in the Response, an evil Assertion below',
      xml: afterIssuer(head, signature) + before.slice(head.length) + sameId + after,
    },
    { name: 'class 11 sig_at_end: the signature at the end of the Assertion', xml: response(append(bare, signature)) },
    { name: 'class 11 sig_first: the signature before the Issuer', xml: response(prepend(bare, signature)) },
    {
      name: 'class 11 sig_deep: the signature in the Subject',
      xml: response(bare.replace('</saml:Subject>', `${signature}</saml:Subject>`)),
    },
    { name: 'class 14 several: the Assertion twice, with other IDs', xml: response(genuine + withId(bare, `${id}b`)) },
    { name: 'class 14 several_signed: the signed Assertion twice', xml: response(genuine + genuine) },
    { name: 'class 14 mixed: an EncryptedAssertion after it', xml: response(genuine + encrypted) },
    { name: 'class 14 mixed_before: an EncryptedAssertion before it', xml: response(encrypted + genuine) },
    { name: 'class 14 encrypted: an EncryptedAssertion alone', xml: response(encrypted) },
  ];
}

/** Classes 1, 2 and 13, which need a signature over the whole Response. */
function responseWrappings(genuine: string, parts: Parts, spoof: Spoof, by: Party): Attack[] {
  const bare = parts.before + parts.bare + parts.after;
  const responseId = / ID="([^"]*)"/.exec(bare)?.[1] ?? '';
  const signature = forge(bare, responseId, by);
  const evil = spoof(withId(withId(bare, '_evil1').replace(parts.bare, withId(parts.bare, EVIL_ID)), '_evil1'));
  const signed = afterIssuer(bare, signature);
  const evilAssertion = spoof(withId(parts.bare, EVIL_ID));
  return [
    {
      name: 'class 1 xsw1: the genuine Response in the signature of the evil one',
      xml: afterIssuer(evil, append(signature, bare)),
    },
    {
      name: 'class 1 xsw1_object: the same in an Object',
      xml: afterIssuer(evil, append(signature, `<ds:Object>${bare}</ds:Object>`)),
    },
    { name: 'class 2 xsw2: the genuine Response before the signature', xml: afterIssuer(evil, bare + signature) },
    { name: 'class 2 xsw2_after: the genuine Response at the end', xml: append(afterIssuer(evil, signature), bare) },
    { name: 'class 13 injected_after: an evil Assertion in a signed Response', xml: append(signed, evilAssertion) },
    {
      name: 'class 13 injected_only: the Assertion of a signed Response exchanged',
      xml: signed.replace(parts.bare, evilAssertion),
    },
    {
      name: 'class 13 unsigned_around: a signed Response inside an unsigned one',
      xml: append(spoof(withId(genuine, '_evil3')), signed),
    },
  ];
}

/** Classes 12, 15 to 23, 26 and 27: the signature itself. For a Response's Assertion and for an AuthnRequest alike. */
function signatureAttacks(needs: Genuine, parts: Parts, spoof: Spoof): Attack[] {
  const { before, bare, signature, after, id } = parts;
  const by = needs.signer ?? needs.attacker;
  const evil = spoof(bare);
  const place = (element: string, ds: string) => before + afterIssuer(element, ds) + after;
  const forged = (forgery: Forgery, element = evil) => place(element, forge(element, id, by, forgery));
  const tampered = (change: (ds: string) => string, element = evil) => place(element, change(signature));
  const evilInfo = /<ds:SignedInfo>.*<\/ds:SignedInfo>/s.exec(forge(evil, id, needs.attacker))?.[0] ?? '';
  const evilDigest = digestOf(evil);
  const transform = (uri: string, content = '') => `<ds:Transform Algorithm="${uri}">${content}</ds:Transform>`;
  const key = /<ds:X509Certificate>([^<]*)</.exec(signature)?.[1] ?? '';
  const der = Buffer.from(key, 'base64');
  const pem = `-----BEGIN CERTIFICATE-----\n${key.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`;
  const hmac = (secret: string | Buffer): Forgery => ({
    method: 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256',
    signer: (text) => createHmac('sha256', secret).update(text).digest('base64'),
  });
  const weak = methodOf(by.privateKey, 'md5').includes('rsa-md5') ? ['sha1', 'md5'] : ['sha1'];
  const withoutName = evil.replace(/<saml:NameID[^>]*>.*?<\/saml:NameID>/s, '');
  return [
    { name: 'class 12 strip: no signature', xml: before + evil + after },
    { name: 'class 12 strip_unchanged: no signature, nothing changed', xml: before + bare + after },
    {
      name: 'class 12 strip_empty_sigvalue',
      xml: tampered((ds) => ds.replace(/<ds:SignatureValue>.*<\/ds:SignatureValue>/s, '<ds:SignatureValue></ds:SignatureValue>')),
    },
    {
      name: 'class 12 strip_sigvalue: no SignatureValue',
      xml: tampered((ds) => ds.replace(/<ds:SignatureValue>.*<\/ds:SignatureValue>/s, '')),
    },
    { name: 'class 12 strip_no_reference', xml: forged({ references: () => '' }) },
    { name: 'class 12 strip_empty_signature', xml: tampered(() => `<ds:Signature xmlns:ds="${DS}"></ds:Signature>`) },
    {
      name: 'class 12 strip_empty_digest',
      xml: tampered((ds) => ds.replace(/<ds:DigestValue>.*<\/ds:DigestValue>/s, '<ds:DigestValue></ds:DigestValue>')),
    },
    { name: 'class 12 alg_none', xml: forged({ method: 'none' }) },
    { name: 'class 12 tampered: changed after it was signed', xml: tampered((ds) => ds) },
    {
      name: 'class 15 two_signedinfo: a forged SignedInfo before the genuine one',
      xml: tampered((ds) => ds.replace('<ds:SignedInfo>', `${evilInfo}<ds:SignedInfo>`)),
    },
    {
      name: 'class 15 two_signedinfo_after: behind it',
      xml: tampered((ds) => ds.replace('</ds:SignedInfo>', `</ds:SignedInfo>${evilInfo}`)),
    },
    {
      name: 'class 15 two_signatures: a forged signature beside the genuine one',
      xml: tampered((ds) => ds + forge(evil, id, needs.attacker)),
    },
    { name: 'class 16 two_references', xml: forged({ references: (reference) => reference + reference }) },
    {
      name: 'class 16 two_references_tampered',
      xml: tampered((ds) => ds.replace(/<ds:Reference .*<\/ds:Reference>/s, (reference) => reference + reference)),
    },
    { name: 'class 16 many_refs_500', xml: forged({ references: (reference) => reference.repeat(500) }, bare) },
    {
      name: 'class 17 digest_comment',
      xml: tampered((ds) => ds.replace('<ds:DigestValue>', `<ds:DigestValue><!--${evilDigest}-->`)),
    },
    {
      name: 'class 17 digest_comment_forged_first',
      xml: tampered((ds) => ds.replace(/<ds:DigestValue>([^<]*)/, `<ds:DigestValue>${evilDigest}<!--$1-->`)),
    },
    {
      name: 'class 17 two_digests',
      xml: tampered((ds) => ds.replace('<ds:DigestValue>', `<ds:DigestValue>${evilDigest}</ds:DigestValue><ds:DigestValue>`)),
    },
    { name: 'class 18 ref_uri_empty', xml: forged({ uri: '' }, bare) },
    { name: 'class 18 ref_uri_external', xml: forged({ uri: 'https://evil.example/x' }, bare) },
    { name: 'class 18 ref_uri_xpointer', xml: forged({ uri: `#xpointer(id('${id}'))` }, bare) },
    { name: 'class 18 ref_uri_other: the ID of another element', xml: forged({ uri: '#_other' }, bare) },
    {
      name: 'class 18 ref_uri_encoded: the ID percent-encoded',
      xml: forged({ uri: `#%${id.charCodeAt(0).toString(16)}${id.slice(1)}` }, bare),
    },
    {
      name: 'class 19 xpath_transform_hides_nameid',
      xml: forged({
        transforms:
          transform(ENVELOPED) +
          transform(
            'http://www.w3.org/TR/1999/REC-xpath-19991116',
            '<ds:XPath>not(ancestor-or-self::*[local-name()=&quot;NameID&quot;])</ds:XPath>',
          ) +
          transform(EXC_C14N),
        digested: withoutName,
      }),
    },
    {
      name: 'class 19 xslt_transform',
      xml: forged(
        {
          transforms: `${TRANSFORMS}${transform('http://www.w3.org/TR/1999/REC-xslt-19991116', '<x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform" version="1.0"></x:stylesheet>')}`,
        },
        bare,
      ),
    },
    { name: 'class 19 base64_transform', xml: forged({ transforms: `${TRANSFORMS}${transform(`${DS}base64`)}` }, bare) },
    { name: 'class 19 no_enveloped: exclusive canonicalization alone', xml: forged({ transforms: transform(EXC_C14N) }, bare) },
    { name: 'class 19 no_transforms', xml: forged({ transforms: '' }, bare) },
    { name: 'class 19 many_transforms_1000', xml: forged({ transforms: transform(EXC_C14N).repeat(1000) }, bare) },
    { name: 'class 20 c14n_with_comments', xml: forged({ canonicalization: `${EXC_C14N}WithComments` }, bare) },
    {
      name: 'class 20 c14n_inclusive',
      xml: forged({ canonicalization: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315' }, bare),
    },
    {
      name: 'class 20 transform_with_comments',
      xml: forged({ transforms: transform(ENVELOPED) + transform(`${EXC_C14N}WithComments`) }, bare),
    },
    { name: 'class 21 void_digest: the digest of nothing', xml: forged({ digestValue: EMPTY_SHA256 }) },
    {
      name: 'class 21 void_digest_relative_ns',
      xml: place(withAttribute(evil, 'xmlns:r="1"'), forge(evil, id, by, { digestValue: EMPTY_SHA256 })),
    },
    {
      name: 'class 22 attr_pollution_id: a second ID in a namespace',
      xml: place(withAttribute(bare, `xmlns:p="${SAMLP}" p:ID="${EVIL_ID}"`), signature),
    },
    {
      name: 'class 22 attr_pollution_id_on_evil_only',
      xml: place(withAttribute(withId(evil, EVIL_ID), `xmlns:p="${SAMLP}" p:ID="${id}"`), signature),
    },
    { name: 'class 22 attr_pollution_lower: another spelling of ID', xml: place(withAttribute(bare, 'Id="_x"'), signature) },
    { name: 'class 22 attr_pollution_xml_id', xml: place(withAttribute(withId(evil, EVIL_ID), `xml:id="${id}"`), signature) },
    { name: 'class 23 ns_redefined: ds is another namespace', xml: tampered((ds) => ds.replace(DS, 'urn:x'), bare) },
    {
      name: 'class 23 ns_inner: SignedInfo in another namespace',
      xml: tampered((ds) => ds.replace('<ds:SignedInfo>', '<ds:SignedInfo xmlns:ds="urn:x">'), bare),
    },
    { name: 'class 26 key_swap_keyinfo: signed by a key that KeyInfo brings', xml: place(evil, forge(evil, id, needs.attacker)) },
    {
      name: 'class 26 key_swap_under_genuine_keyinfo',
      xml: place(evil, forge(evil, id, { ...needs.attacker, certificate: key })),
    },
    { name: 'class 26 hmac_with_cert_pem', xml: forged(hmac(pem)) },
    { name: 'class 26 hmac_with_cert_der', xml: forged(hmac(der)) },
    {
      name: 'class 26 method_of_another_key: the right key, said to be of another type',
      xml: forged({ method: `http://www.w3.org/2001/04/xmldsig-more#${weak.length > 1 ? 'ecdsa' : 'rsa'}-sha256` }, bare),
    },
    ...weak.map((hash) => ({ name: `class 27 weak_${hash}`, xml: forged({ hash }, bare) })),
    { name: 'class 27 weak_digest_sha1', xml: forged({ digestMethod: `${DS}sha1`, digestValue: digestOf(bare, 'sha1') }, bare) },
    { name: 'class 27 dsa', xml: forged({ method: `${DS}dsa-sha1` }, bare) },
  ];
}

/** Classes 23 to 25, 30, 31 and 34 to 36: the text. `name` is a text in the message that a truncating reader would read short. */
function parserAttacks(genuine: string, name: string, spoof: Spoof): Attack[] {
  const half = Math.ceil(name.length / 2);
  const split = (what: string) => genuine.replace(`>${name}<`, `>${name.slice(0, half)}${what}${name.slice(half)}<`);
  const inName = (what: string) => genuine.replace(`>${name}<`, `>${what}<`);
  const root = /^<([\w:]+)/.exec(genuine)?.[1] ?? 'x';
  const lol = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
  return [
    { name: 'class 23 dtd_attlist_ns', xml: `<!DOCTYPE ${root} [<!ATTLIST ds:Signature xmlns:ds CDATA "${DS}">]>${genuine}` },
    { name: 'class 24 dtd_empty', xml: `<!DOCTYPE ${root}>${genuine}` },
    { name: 'class 24 dtd_entity', xml: `<!DOCTYPE ${root} [<!ENTITY n "${name}">]>${inName('&n;')}` },
    { name: 'class 24 dtd_attr_default', xml: `<!DOCTYPE ${root} [<!ATTLIST ${root} ID ID "_x">]>${genuine}` },
    { name: 'class 24 entity_undeclared', xml: inName('&n;') },
    { name: 'class 24 entity_html', xml: split('&nbsp;') },
    { name: 'class 25 dtd_xxe_file', xml: `<!DOCTYPE ${root} [<!ENTITY n SYSTEM "file:///etc/passwd">]>${inName('&n;')}` },
    { name: 'class 25 dtd_xxe_http', xml: `<!DOCTYPE ${root} SYSTEM "http://127.0.0.1:1/x.dtd">${genuine}` },
    { name: 'class 25 dtd_billion_laughs', xml: `<!DOCTYPE ${root} [<!ENTITY l0 "lol">${lol}]>${inName('&l9;')}` },
    { name: 'class 30 comment_in_nameid', xml: split('<!---->') },
    { name: 'class 30 comment_anywhere', xml: append(genuine, '<!-- x -->') },
    { name: 'class 30 comment_before_root', xml: `<!-- x -->${genuine}` },
    { name: 'class 31 pi_in_nameid', xml: split('<?p x?>') },
    { name: 'class 31 pi_before_root', xml: `<?xml-stylesheet href="x"?>${genuine}` },
    { name: 'class 34 declared_utf16', xml: `<?xml version="1.0" encoding="UTF-16"?>${genuine}` },
    { name: 'class 34 declared_utf7', xml: `<?xml version="1.0" encoding="UTF-7"?>${genuine}` },
    { name: 'class 34 xml_1_1', xml: `<?xml version="1.1"?>${genuine}` },
    { name: 'class 34 nul', xml: split('\u0000') },
    { name: 'class 34 nul_reference', xml: split('&#0;') },
    { name: 'class 34 control', xml: split('\u0008') },
    { name: 'class 34 unpaired_surrogate', xml: split('\ud800') },
    { name: 'class 34 surrogate_reference', xml: split('&#xD800;') },
    { name: 'class 34 nonchar', xml: split('\uffff') },
    { name: 'class 35 trailing_root: a second root', xml: `${genuine}<x/>` },
    { name: 'class 35 trailing_evil: a second message', xml: genuine + spoof(genuine) },
    { name: 'class 35 trailing_text', xml: `${genuine}x` },
    { name: 'class 35 leading_text', xml: `x${genuine}` },
    { name: 'class 35 unclosed', xml: genuine.slice(0, genuine.lastIndexOf('</')) },
    { name: 'class 35 wrong_end_tag', xml: genuine.replace(/<\/[\w:]+>$/, '</x>') },
    { name: 'class 35 duplicate_attribute', xml: genuine.replace(/ ID="/, ' ID="_x" ID="') },
    { name: 'class 35 unbound_prefix', xml: append(genuine, '<nobody:x/>') },
    { name: 'class 36 deep_20000', xml: append(genuine, '<x>'.repeat(20_000) + '</x>'.repeat(20_000)) },
    { name: 'class 36 deep_65', xml: append(genuine, '<x>'.repeat(65) + '</x>'.repeat(65)) },
    { name: 'class 36 big_2mb', xml: split('x'.repeat(2_000_000)) },
    { name: 'class 36 many_nodes', xml: append(genuine, '<x/>'.repeat(2001)) },
    {
      name: 'class 36 many_attributes',
      xml: append(genuine, `<x ${Array.from({ length: 10_000 }, (_, i) => `a${i}=""`).join(' ')}/>`),
    },
    {
      name: 'class 36 many_namespaces',
      xml: append(genuine, `<x ${Array.from({ length: 5_000 }, (_, i) => `xmlns:a${i}="urn:a"`).join(' ')}/>`),
    },
  ];
}

function resign(response: Response, party: Party, digest: Digest): string {
  const { assertion } = response;
  const text = writeResponse(response, { digest });
  if (assertion === undefined) return text;
  const [element] = parseResponse(readXml(text)).assertionElements;
  if (element === undefined) return text;
  const bare = text.slice(element.start, element.end);
  return text.slice(0, element.start) + afterIssuer(bare, forge(bare, assertion.id, party)) + text.slice(element.end);
}

/** Classes 45 to 50 and 53 to 56: rightly signed, and not for us, not now, not this. */
function protocolAttacks(genuine: Response & { readonly assertion: Assertion }, write: (change: Response) => string): Attack[] {
  const { assertion } = genuine;
  const { inResponseTo: _, ...unsolicited } = genuine;
  const { destination: __, ...undirected } = genuine;
  const [bearer] = assertion.subjectConfirmations;
  if (bearer === undefined) throw new TypeError('the genuine Assertion must have a SubjectConfirmation');
  const { recipient: ___, ...anywhere } = bearer;
  const { notOnOrAfter: ____, ...forever } = bearer;
  const { inResponseTo: _____, ...unasked } = bearer;
  const after = (seconds: number) => new Date(assertion.issueInstant.getTime() + seconds * 1000);
  const changed = (change: Partial<Assertion>): Response => ({ ...genuine, assertion: { ...assertion, ...change } });
  const confirmed = (...subjectConfirmations: Assertion['subjectConfirmations']) => changed({ subjectConfirmations });
  const conditions = (change: Partial<Assertion['conditions']>) =>
    changed({ conditions: { ...assertion.conditions, ...change } });
  const audiences = assertion.conditions.audienceRestrictions;
  const location = genuine.destination ?? '';
  const named = (value: string) => changed({ subject: { ...assertion.subject, value } });
  const name = assertion.subject.value;
  const rewritten = (from: string | RegExp, to: string) => {
    // The changed text is not what our writer would write, so it is signed here.
    return write(genuine).replace(from, to);
  };
  const evil = 'https://evil.example/idp';
  const messages: readonly (readonly [string, Response])[] = [
    ['class 45 wrong_irt', { ...confirmed({ ...bearer, inResponseTo: '_nobody' }), inResponseTo: '_nobody' }],
    ['class 45 irt_mismatch_sc', confirmed({ ...bearer, inResponseTo: '_nobody' })],
    ['class 45 irt_mismatch_response', { ...genuine, inResponseTo: '_nobody' }],
    ['class 45 irt_unsigned_only', confirmed(unasked)],
    ['class 46 unsolicited', { ...unsolicited, ...{ assertion: { ...assertion, subjectConfirmations: [unasked] } } }],
    ['class 46 unsolicited_response', unsolicited],
    ['class 47 wrong_audience', conditions({ audienceRestrictions: [['https://other.example/metadata']] })],
    ['class 47 no_audience', conditions({ audienceRestrictions: [] })],
    [
      'class 47 two_audience_restrictions',
      conditions({ audienceRestrictions: [...audiences, ['https://other.example/metadata']] }),
    ],
    ['class 47 audience_prefix', conditions({ audienceRestrictions: audiences.map((list) => list.map((one) => `${one}/x`)) })],
    ['class 48 wrong_recipient', confirmed({ ...bearer, recipient: 'https://other.example/acs' })],
    ['class 48 recipient_prefix', confirmed({ ...bearer, recipient: `${bearer.recipient}/` })],
    ['class 48 recipient_case', confirmed({ ...bearer, recipient: bearer.recipient?.toUpperCase() ?? '' })],
    ['class 48 no_recipient', confirmed(anywhere)],
    ['class 48 wrong_destination', { ...genuine, destination: 'https://other.example/acs' }],
    ['class 48 destination_prefix', { ...genuine, destination: `${location}?x` }],
    ['class 48 destination_case', { ...genuine, destination: location.toUpperCase() }],
    ['class 48 no_destination', undirected],
    ['class 49 expired_conditions', conditions({ notBefore: after(-90_000), notOnOrAfter: after(-86_400) })],
    ['class 49 expired_subjectconf', confirmed({ ...bearer, notOnOrAfter: after(-86_400) })],
    ['class 49 notbefore_future', conditions({ notBefore: after(86_400), notOnOrAfter: after(90_000) })],
    ['class 49 subjectconf_notbefore', confirmed({ ...bearer, notBefore: after(-30) })],
    ['class 49 no_sc_notonorafter', confirmed(forever)],
    ['class 49 issued_in_future', changed({ issueInstant: after(86_400) })],
    ['class 49 session_over', changed({ authnStatement: { ...assertion.authnStatement, sessionNotOnOrAfter: after(-86_400) } })],
    ['class 50 wrong_issuer_both', { ...changed({ issuer: evil }), issuer: evil }],
    ['class 50 wrong_issuer_assertion', changed({ issuer: evil })],
    ['class 50 wrong_issuer_response', { ...genuine, issuer: evil }],
    ['class 53 nameid_whitespace', named(`${name}\n`)],
    ['class 53 nameid_leading_space', named(` ${name}`)],
    ['class 53 nameid_zero_width', named(`${name.slice(0, 1)}\u200b${name.slice(1)}`)],
    ['class 53 nameid_not_nfc', named(`e\u0301${name}`)],
    ['class 53 nameid_bidi', named(`\u202e${name}`)],
    ['class 53 nameid_empty', named('')],
    ['class 53 nameid_long', named('a'.repeat(256))],
    ['class 54 holder_of_key', confirmed({ ...bearer, method: confirmationMethods.holderOfKey })],
    ['class 54 no_subjectconfirmation', confirmed()],
    ['class 55 status_not_success', { ...genuine, status: { code: statusCodes.responder } }],
    ['class 55 status_success_below', { ...genuine, status: { code: statusCodes.responder, subCode: statusCodes.success } }],
  ];
  return [
    ...messages.map(([title, message]) => ({ name: title, xml: write(message) })),
    { name: 'class 50 no_response_issuer', xml: rewritten(/<saml:Issuer [^>]*>[^<]*<\/saml:Issuer>/, '') },
    { name: 'class 56 version_1_1', xml: rewritten('Version="2.0"', 'Version="1.1"') },
  ];
}

/** Attacks whose Assertion our own writer cannot write, rightly signed all the same: classes 49 and 56. */
export function rewrittenAssertionAttacks(needs: Genuine & { readonly signer: Party }): Attack[] {
  const [element] = parseResponse(readXml(needs.genuine)).assertionElements;
  if (element === undefined) throw new TypeError('the genuine Response must have an Assertion');
  const { before, bare, after, id } = cut(needs.genuine, element);
  const signed = (change: (assertion: string) => string) => {
    const text = change(bare);
    return before + afterIssuer(text, forge(text, id, needs.signer)) + after;
  };
  const in_ = (from: string | RegExp, to: string) => signed((assertion) => assertion.replace(from, to));
  return [
    { name: 'class 49 no_conditions', xml: in_(/<saml:Conditions.*<\/saml:Conditions>/s, '') },
    { name: 'class 49 no_zone: a time without Z', xml: in_(/ NotOnOrAfter="([^"]*)Z"/, ' NotOnOrAfter="$1"') },
    { name: 'class 49 leap: the 60th second', xml: in_(/ NotOnOrAfter="(\d{4})-[^"]*"/, ' NotOnOrAfter="$1-12-31T23:59:60Z"') },
    { name: 'class 49 no_such_day', xml: in_(/ NotOnOrAfter="(\d{4})-[^"]*"/, ' NotOnOrAfter="9$1-02-30T00:00:00Z"') },
    {
      name: 'class 54 confirmation_without_data',
      xml: in_(/<saml:SubjectConfirmationData.*<\/saml:SubjectConfirmationData>/s, ''),
    },
    { name: 'class 56 version_1_1_assertion', xml: in_('Version="2.0"', 'Version="1.1"') },
    { name: 'class 56 no_authnstatement', xml: in_(/<saml:AuthnStatement.*<\/saml:AuthnStatement>/s, '') },
    { name: 'class 56 unknown_condition', xml: in_('</saml:Conditions>', '<saml:Condition></saml:Condition></saml:Conditions>') },
    { name: 'class 56 unknown_statement', xml: signed((assertion) => append(assertion, '<saml:Statement></saml:Statement>')) },
    {
      name: 'class 56 unknown_attribute',
      xml: signed((assertion) => assertion.replace(' Version="2.0"', ' Version="2.0" X="1"')),
    },
  ];
}

/**
 * What an identity provider must refuse: classes 58 and 59 and those of signature and text. `genuine` is a signed AuthnRequest,
 * as ours are; `evilAcs` is where the attacker would like the answer to go.
 */
export function requestAttacks(
  needs: Genuine & { readonly evilAcs: string; readonly digest: Digest; readonly now: Date },
): Attack[] {
  const { genuine, evilAcs, now } = needs;
  const root = readXml(genuine);
  const request = parseAuthnRequest(root);
  const parts = cut(genuine, root);
  const spoof: Spoof = (text) =>
    withAttribute(text.replace(/ AssertionConsumerService(URL|Index)="[^"]*"/g, ''), `AssertionConsumerServiceURL="${evilAcs}"`);
  const evil = spoof(withId(parts.bare, EVIL_ID));
  const attacks: Attack[] = [
    ...signatureAttacks(needs, parts, spoof),
    ...parserAttacks(genuine, request.issuer, spoof),
    {
      name: 'class 1 xsw1: the genuine request in the signature of the evil one',
      xml: afterIssuer(evil, append(parts.signature, parts.bare)),
    },
    { name: 'class 2 xsw2: the genuine request before the signature', xml: afterIssuer(evil, parts.bare + parts.signature) },
    {
      name: 'class 7 xsw7: the genuine request in Extensions of the evil one',
      xml: afterIssuer(evil, `<samlp:Extensions>${genuine}</samlp:Extensions>`),
    },
    {
      name: 'class 8 xsw8: the genuine request in an Object',
      xml: afterIssuer(evil, append(parts.signature, `<ds:Object>${parts.bare}</ds:Object>`)),
    },
    { name: 'class 9 other_root', xml: `<x:R xmlns:x="urn:x">${genuine}</x:R>` },
    { name: 'class 11 sig_at_end', xml: append(parts.bare, parts.signature) },
    { name: 'class 59 other_message: a Response', xml: genuine.replaceAll('samlp:AuthnRequest', 'samlp:Response') },
  ];
  if (needs.signer === undefined) return attacks;
  const party = needs.signer;
  const signed = (change: Partial<AuthnRequest>): string => {
    const changed = { ...request, ...change };
    const text = writeAuthnRequest(changed);
    return afterIssuer(text, forge(text, changed.id, party));
  };
  const { assertionConsumerServiceURL: _, assertionConsumerServiceIndex: __, protocolBinding: ___, ...open } = request;
  const directed = (change: Partial<AuthnRequest>): string => {
    const text = writeAuthnRequest({ ...open, ...change });
    return afterIssuer(text, forge(text, request.id, party));
  };
  const after = (seconds: number) => new Date(now.getTime() + seconds * 1000);
  return [
    ...attacks,
    {
      name: 'class 58 acs_spoofed: an evil AssertionConsumerServiceURL, rightly signed',
      xml: directed({ assertionConsumerServiceURL: evilAcs }),
    },
    { name: 'class 58 acs_spoofed_unsigned', xml: writeAuthnRequest({ ...open, assertionConsumerServiceURL: evilAcs }) },
    { name: 'class 58 acs_index_out_of_range', xml: directed({ assertionConsumerServiceIndex: 65535 }) },
    {
      name: 'class 58 acs_index_and_url',
      xml: directed({ assertionConsumerServiceIndex: 0, assertionConsumerServiceURL: evilAcs }),
    },
    { name: 'class 58 acs_binding_artifact', xml: directed({ protocolBinding: bindings.httpArtifact }) },
    { name: 'class 58 acs_javascript', xml: directed({ assertionConsumerServiceURL: 'javascript:alert(1)' }) },
    { name: 'class 59 unsigned', xml: writeAuthnRequest(request) },
    { name: 'class 59 wrong_destination', xml: signed({ destination: 'https://other.example/sso' }) },
    { name: 'class 59 destination_prefix', xml: signed({ destination: `${request.destination}/` }) },
    { name: 'class 59 old', xml: signed({ issueInstant: after(-86_400) }) },
    { name: 'class 59 future', xml: signed({ issueInstant: after(86_400) }) },
    { name: 'class 59 unknown_issuer', xml: signed({ issuer: 'https://evil.example/metadata' }) },
    { name: 'class 59 xss_in_issuer', xml: signed({ issuer: '"><script>alert(1)</script>' }) },
    {
      name: 'class 59 authn_context_unknown',
      xml: signed({ requestedAuthnContext: { comparison: 'exact', classRefs: ['urn:x'] } }),
    },
    {
      name: 'class 59 subject_confirmed',
      xml: rewritten(
        genuine,
        party,
        '<saml:NameID>x</saml:NameID><saml:SubjectConfirmation Method="m"></saml:SubjectConfirmation>',
      ),
    },
    { name: 'class 59 version_1_1', xml: resignRequest(parts.bare.replace('Version="2.0"', 'Version="1.1"'), request.id, party) },
    { name: 'class 59 no_issuer', xml: parts.bare.replace(/<saml:Issuer.*?<\/saml:Issuer>/s, parts.signature) },
  ];
}

function resignRequest(bare: string, id: string, party: Party): string {
  return afterIssuer(bare, forge(bare, id, party));
}

/** A request whose Subject our own writer cannot write, rightly signed all the same. */
function rewritten(genuine: string, party: Party, subject: string): string {
  const { subject: _, ...request } = parseAuthnRequest(readXml(genuine));
  const text = writeAuthnRequest({ ...request, subject: { value: 'SUBJECT' } }).replace(
    '<saml:NameID>SUBJECT</saml:NameID>',
    subject,
  );
  return resignRequest(text, request.id, party);
}
