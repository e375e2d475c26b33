import { createHash, createPublicKey, type KeyObject, sign as signBytes } from 'node:crypto';
import type { XmlElement } from '../../core/saml/src/xml/element.ts';
import { child } from '../../core/saml/src/xml/query.ts';

export const DS = 'http://www.w3.org/2000/09/xmldsig#';
export const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
export const ENVELOPED = `${DS}enveloped-signature`;
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';

/** Whoever signs: with node:crypto directly, because ours refuses most of what is done here. */
export interface Party {
  readonly privateKey: KeyObject;
  /** Base64 of the DER certificate. */
  readonly certificate: string;
}

/** A message cut into what an attacker moves about. `bare` is the signed element without its signature. */
export interface Parts {
  readonly before: string;
  readonly bare: string;
  readonly signature: string;
  readonly after: string;
  readonly id: string;
}

export function cut(document: string, signed: XmlElement): Parts {
  const signature = child(signed, DS, 'Signature');
  const id = signed.attributes.find(({ localName }) => localName === 'ID')?.value;
  if (signature === undefined || id === undefined) throw new TypeError('the genuine message must be signed');
  return {
    before: document.slice(0, signed.start),
    bare: document.slice(signed.start, signature.start) + document.slice(signature.end, signed.end),
    signature: document.slice(signature.start, signature.end),
    after: document.slice(signed.end),
    id,
  };
}

/** Puts a signature (or anything) where the schema has it. */
export const afterIssuer = (element: string, what: string): string => element.replace(/<\/[\w:]*Issuer>/, (end) => end + what);

export const prepend = (element: string, what: string): string => element.replace(/^<[^>]*>/, (start) => start + what);

export function append(element: string, what: string): string {
  const end = element.lastIndexOf('</');
  return element.slice(0, end) + what + element.slice(end);
}

export const withAttribute = (element: string, attribute: string): string =>
  element.replace(/^<[\w:]+/, (name) => `${name} ${attribute}`);

export const withId = (element: string, id: string): string => element.replace(/ ID="[^"]*"/, ` ID="${id}"`);

export const methodOf = (key: KeyObject, hash = 'sha256'): string => {
  const name = `${createPublicKey(key).asymmetricKeyType === 'rsa' ? 'rsa' : 'ecdsa'}-${hash}`;
  return name === 'rsa-sha1' ? `${DS}rsa-sha1` : `http://www.w3.org/2001/04/xmldsig-more#${name}`;
};

export const digestOf = (text: string, hash = 'sha256'): string => createHash(hash).update(text).digest('base64');

const algorithm = (element: string, uri: string): string => `<ds:${element} Algorithm="${uri}"></ds:${element}>`;

export interface Forgery {
  readonly canonicalization?: string;
  readonly hash?: string;
  readonly method?: string;
  readonly digestMethod?: string;
  readonly uri?: string;
  readonly transforms?: string;
  /** What the digest is computed over; the element itself if not given. */
  readonly digested?: string;
  readonly digestValue?: string;
  readonly references?: (reference: string) => string;
  readonly signer?: (signedInfo: string) => string;
}

export const TRANSFORMS = algorithm('Transform', ENVELOPED) + algorithm('Transform', EXC_C14N);

/** A signature as good as its maker's key, wrong only in what is asked for. */
export function forge(bare: string, id: string, by: Party, forgery: Forgery = {}): string {
  const hash = forgery.hash ?? 'sha256';
  const reference =
    `<ds:Reference URI="${forgery.uri ?? `#${id}`}"><ds:Transforms>${forgery.transforms ?? TRANSFORMS}</ds:Transforms>` +
    `${algorithm('DigestMethod', forgery.digestMethod ?? SHA256)}` +
    `<ds:DigestValue>${forgery.digestValue ?? digestOf(forgery.digested ?? bare)}</ds:DigestValue></ds:Reference>`;
  const content =
    `${algorithm('CanonicalizationMethod', forgery.canonicalization ?? EXC_C14N)}` +
    `${algorithm('SignatureMethod', forgery.method ?? methodOf(by.privateKey, hash))}` +
    `${forgery.references === undefined ? reference : forgery.references(reference)}</ds:SignedInfo>`;
  const signedInfo = `<ds:SignedInfo xmlns:ds="${DS}">${content}`;
  const value =
    forgery.signer?.(signedInfo) ??
    signBytes(hash, Buffer.from(signedInfo), { key: by.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64');
  return (
    `<ds:Signature xmlns:ds="${DS}"><ds:SignedInfo>${content}<ds:SignatureValue>${value}</ds:SignatureValue>` +
    `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${by.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>`
  );
}
