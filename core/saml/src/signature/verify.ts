import type { Digest, DigestAlgorithm, SignatureAlgorithm, VerificationKey } from '../crypto.ts';
import { SamlError, type SamlErrorCode } from '../errors.ts';
import { canonicalize } from '../xml/canonicalize.ts';
import type { XmlElement } from '../xml/element.ts';
import { attr } from '../xml/query.ts';
import {
  DSIG_NAMESPACE,
  digestAlgorithmFromUri,
  ENVELOPED_SIGNATURE,
  EXC_C14N,
  keyFits,
  signatureAlgorithmFromUri,
} from './algorithms.ts';

const SAML_NAMESPACE = 'urn:oasis:names:tc:SAML:2.0:assertion';
const SAMLP_NAMESPACE = 'urn:oasis:names:tc:SAML:2.0:protocol';
const MD_NAMESPACE = 'urn:oasis:names:tc:SAML:2.0:metadata';

/**
 * Verifies the enveloped signature of an element and returns the very element that was digested: read nothing but what it holds.
 * saml-core §5.4 allows one shape of signature only, and this accepts no other. The keys come from configuration; KeyInfo is
 * never looked into. Throws `SamlError` with one of the `signature_` codes.
 */
export function verifySignature(element: XmlElement, keys: readonly VerificationKey[], digest: Digest): XmlElement {
  const signature = findSignature(element);
  const { signedInfo, signatureValue } = readSignature(signature);
  const { algorithm, canonicalization, reference } = readSignedInfo(signedInfo);
  const { inclusivePrefixes, digestAlgorithm, digestValue } = readReference(reference, element);

  // xmldsig-bestpractices §2.1: who signed comes before what was signed.
  const fitting = keys.filter((key) => keyFits(key, algorithm));
  if (fitting.length === 0) throw new SamlError('signature_algorithm', `no configured key is for ${algorithm}`);
  const signedText = canonicalize(signedInfo, { inclusivePrefixes: canonicalization });
  if (!fitting.some((key) => key.verify(algorithm, signedText, signatureValue))) {
    throw new SamlError('signature_invalid', 'no configured key has made this signature');
  }
  if (digest(digestAlgorithm, canonicalize(element, { inclusivePrefixes, without: signature })) !== digestValue) {
    throw new SamlError('signature_invalid', 'the signed element was changed');
  }
  return element;
}

/** The one signature among the children, where the schema has it (classes 2, 5, 6, 11: it moved; 12: it is gone). */
function findSignature(element: XmlElement): XmlElement {
  const elements = element.children.filter((node) => typeof node !== 'string');
  const signatures = elements.filter((node) => isDsig(node, 'Signature'));
  const [signature] = signatures;
  if (signature === undefined) throw new SamlError('signature_missing', `${element.localName.slice(0, 64)} is not signed`);
  if (signatures.length > 1) throw new SamlError('signature_malformed', 'more than one Signature');
  if (elements.indexOf(signature) !== schemaPosition(element, elements[0])) {
    throw new SamlError('signature_malformed', 'Signature is not where the schema has it');
  }
  return signature;
}

/** saml-core §2.3.3, §3.2.1, §3.2.2: after the Issuer. saml-metadata §2.3: first. */
function schemaPosition(element: XmlElement, first: XmlElement | undefined): number {
  if (element.namespace === MD_NAMESPACE) return 0;
  const hasIssuer = first?.localName === 'Issuer' && first.namespace === SAML_NAMESPACE;
  return hasIssuer && (element.namespace === SAML_NAMESPACE || element.namespace === SAMLP_NAMESPACE) ? 1 : -1;
}

interface SignatureParts {
  readonly signedInfo: XmlElement;
  readonly signatureValue: string;
}

/** xmldsig-core §4.2, without Object (classes 1, 8). KeyInfo may be there and is not read (class 26). */
function readSignature(signature: XmlElement): SignatureParts {
  const [signedInfo, signatureValue, keyInfo, more] = elementsOf(signature);
  if (!isDsig(signedInfo, 'SignedInfo')) malformed('Signature must begin with SignedInfo');
  if (!isDsig(signatureValue, 'SignatureValue')) malformed('SignatureValue must follow SignedInfo');
  if (keyInfo !== undefined && !isDsig(keyInfo, 'KeyInfo')) malformed('only KeyInfo may follow SignatureValue');
  if (more !== undefined) malformed('nothing may follow KeyInfo');
  return { signedInfo, signatureValue: base64Of(signatureValue) };
}

interface SignedInfo {
  readonly algorithm: SignatureAlgorithm;
  /** The PrefixList of its canonicalization. */
  readonly canonicalization: readonly string[];
  readonly reference: XmlElement;
}

/** Exactly one of each (classes 15, 16), and no SignatureMethod outside the list (12, 26, 27). */
function readSignedInfo(signedInfo: XmlElement): SignedInfo {
  const [canonicalizationMethod, signatureMethod, reference, more] = elementsOf(signedInfo);
  if (!isDsig(canonicalizationMethod, 'CanonicalizationMethod')) malformed('SignedInfo must begin with CanonicalizationMethod');
  if (!isDsig(signatureMethod, 'SignatureMethod')) malformed('SignatureMethod must follow CanonicalizationMethod');
  if (!isDsig(reference, 'Reference')) malformed('Reference must follow SignatureMethod');
  if (more !== undefined) refuse('signature_reference', 'more than one Reference');
  // saml-core §5.4.3 also has the form with comments; there are none here, so whoever asks for it means mischief (class 20).
  if (attr(canonicalizationMethod, 'Algorithm') !== EXC_C14N) {
    refuse('signature_algorithm', 'CanonicalizationMethod must be exclusive canonicalization without comments');
  }
  const algorithm = signatureAlgorithmFromUri(attr(signatureMethod, 'Algorithm') ?? '');
  if (algorithm === undefined) refuse('signature_algorithm', 'SignatureMethod is not allowed');
  if (signatureMethod.children.length > 0) refuse('signature_algorithm', 'SignatureMethod must be empty');
  return { algorithm, canonicalization: prefixListOf(canonicalizationMethod), reference };
}

interface Reference {
  readonly inclusivePrefixes: readonly string[];
  readonly digestAlgorithm: DigestAlgorithm;
  readonly digestValue: string;
}

/** saml-core §5.4.2: the reference is to the element the signature is in. §5.4.4: two transforms, in this order (class 19). */
function readReference(reference: XmlElement, element: XmlElement): Reference {
  const id = attr(element, 'ID');
  // A NCName: nothing that a URI fragment could read as something else (class 18).
  if (id === undefined || !NCNAME.test(id))
    refuse('signature_reference', `${element.localName.slice(0, 64)} has no ID that can be referred to`);
  if (attr(reference, 'URI') !== `#${id}`)
    refuse('signature_reference', 'Reference is not to the element that holds the signature');
  const [transforms, digestMethod, digestValue, more] = elementsOf(reference);
  if (!isDsig(transforms, 'Transforms')) malformed('Reference must begin with Transforms');
  if (!isDsig(digestMethod, 'DigestMethod')) malformed('DigestMethod must follow Transforms');
  if (!isDsig(digestValue, 'DigestValue')) malformed('DigestValue must follow DigestMethod');
  if (more !== undefined) malformed('nothing may follow DigestValue');

  const [enveloped, canonicalization, third] = elementsOf(transforms);
  if (
    !isDsig(enveloped, 'Transform') ||
    attr(enveloped, 'Algorithm') !== ENVELOPED_SIGNATURE ||
    !isDsig(canonicalization, 'Transform') ||
    attr(canonicalization, 'Algorithm') !== EXC_C14N ||
    third !== undefined
  ) {
    refuse('signature_algorithm', 'Transforms must be enveloped-signature and exclusive canonicalization');
  }
  // xml-crypto writes the PrefixList into this one too, in a namespace of its own making; it means nothing (xmldsig-core §6.6.4).
  prefixListOf(enveloped, ENVELOPED_SIGNATURE);
  const digestAlgorithm = digestAlgorithmFromUri(attr(digestMethod, 'Algorithm') ?? '');
  if (digestAlgorithm === undefined) refuse('signature_algorithm', 'DigestMethod is not allowed');
  if (digestMethod.children.length > 0) refuse('signature_algorithm', 'DigestMethod must be empty');
  return { inclusivePrefixes: prefixListOf(canonicalization), digestAlgorithm, digestValue: base64Of(digestValue) };
}

const NCNAME = /^[\p{L}_][\p{L}\p{N}\p{M}_.-]*$/u;

/** exc-c14n §3: an optional InclusiveNamespaces is all that may stand in a method or transform. */
function prefixListOf(method: XmlElement, namespace = EXC_C14N): readonly string[] {
  if (method.children.length === 0) return NONE;
  const [inclusive, more] = elementsOf(method);
  if (inclusive === undefined && more === undefined) return NONE;
  if (inclusive?.localName !== 'InclusiveNamespaces' || inclusive.namespace !== namespace || more !== undefined) {
    malformed('only InclusiveNamespaces may stand in a canonicalization or transform');
  }
  const prefixes = (attr(inclusive, 'PrefixList') ?? '').split(/[ \t\r\n]+/).filter((prefix) => prefix !== '');
  // Each costs a look for every element.
  if (prefixes.length > MAX_PREFIXES) malformed('PrefixList is too long');
  return prefixes;
}

const NONE: readonly string[] = [];
const MAX_PREFIXES = 32;

// Canonical: no bits left over, so that no second text means the same signature.
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{4})$/;

/** Base64 in an element, without the white space that XML may break it with (class 33). */
function base64Of(element: XmlElement): string {
  const [value] = element.children;
  if (typeof value !== 'string' || element.children.length > 1) malformed(`${element.localName} must hold text only, and some`);
  const base64 = /[ \t\r\n]/.test(value) ? value.replace(/[ \t\r\n]+/g, '') : value;
  if (!BASE64.test(base64)) malformed(`${element.localName} is not base64`);
  return base64;
}

/** The element children; text between them must be white space. */
function elementsOf(element: XmlElement): XmlElement[] {
  const found: XmlElement[] = [];
  for (const node of element.children) {
    if (typeof node !== 'string') found.push(node);
    else if (/[^ \t\r\n]/.test(node)) malformed(`text in ${element.localName}`);
  }
  return found;
}

function isDsig(element: XmlElement | undefined, localName: string): element is XmlElement {
  return element !== undefined && element.localName === localName && element.namespace === DSIG_NAMESPACE;
}

function malformed(detail: string): never {
  throw new SamlError('signature_malformed', detail);
}

function refuse(code: SamlErrorCode, detail: string): never {
  throw new SamlError(code, detail);
}
