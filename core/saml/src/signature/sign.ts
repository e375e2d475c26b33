import type { Digest, SigningKey } from '../crypto.ts';
import { SamlError } from '../errors.ts';
import {
  DSIG_NAMESPACE,
  digestAlgorithmUri,
  digestOf,
  ENVELOPED_SIGNATURE,
  EXC_C14N,
  signatureAlgorithmUri,
} from './algorithms.ts';

/**
 * The `ds:Signature` for an element whose exclusive canonical form, without the signature, is `canonicalText`. The caller
 * wrote that text canonical from the start and puts the signature where the schema wants it; nothing is parsed or canonicalized.
 */
export function writeSignature(canonicalText: string, id: string, key: SigningKey, digest: Digest): string {
  // The id goes into a URI fragment and an attribute as it is.
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(id)) throw new SamlError('text_illegal', 'an ID that is signed must be an ASCII NCName');
  const hash = digestOf(key.algorithm);
  // In canonical form: what is signed and what is sent differ only in where xmlns:ds stands.
  const content =
    `<ds:CanonicalizationMethod Algorithm="${EXC_C14N}"></ds:CanonicalizationMethod>` +
    `<ds:SignatureMethod Algorithm="${signatureAlgorithmUri(key.algorithm)}"></ds:SignatureMethod>` +
    `<ds:Reference URI="#${id}"><ds:Transforms>` +
    `<ds:Transform Algorithm="${ENVELOPED_SIGNATURE}"></ds:Transform>` +
    `<ds:Transform Algorithm="${EXC_C14N}"></ds:Transform></ds:Transforms>` +
    `<ds:DigestMethod Algorithm="${digestAlgorithmUri(hash)}"></ds:DigestMethod>` +
    `<ds:DigestValue>${digest(hash, canonicalText)}</ds:DigestValue></ds:Reference></ds:SignedInfo>`;
  return (
    `<ds:Signature xmlns:ds="${DSIG_NAMESPACE}"><ds:SignedInfo>${content}` +
    `<ds:SignatureValue>${key.sign(`<ds:SignedInfo xmlns:ds="${DSIG_NAMESPACE}">${content}`)}</ds:SignatureValue>` +
    `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${key.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>`
  );
}
