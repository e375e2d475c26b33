import type { SigningKey, VerificationKey } from '../crypto.ts';
import { SamlError } from '../errors.ts';
import { keyFits, signatureAlgorithmFromUri, signatureAlgorithmUri } from '../signature/algorithms.ts';
import { expectShortRelayState, isBase64, type MessageParameter } from './fields.ts';

const DEFLATE = 'urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE';

/** A message out of a query string. */
export interface RedirectMessage {
  readonly parameter: MessageParameter;
  /** Base64 of the raw-deflated message: the app inflates it, with a limit. */
  readonly deflatedBase64: string;
  readonly relayState?: string;
  readonly signature?: {
    /** The URI of SigAlg. */
    readonly algorithm: string;
    /** The octets the signature is over, as they came. */
    readonly signedOctets: string;
    /** Base64. */
    readonly value: string;
  };
}

/** saml-bindings §3.4.4.1: the URL to send the browser to. The message in it must not have a signature of its own. */
export function writeRedirect(message: {
  readonly location: string;
  readonly parameter: MessageParameter;
  /** Base64 of the raw-deflated message. */
  readonly deflated: string;
  readonly relayState?: string;
  readonly key?: SigningKey;
}): string {
  const { location, parameter, deflated, relayState, key } = message;
  expectShortRelayState(relayState);
  if (location.includes('#')) throw new SamlError('binding_malformed', 'a Location with a fragment cannot carry a query');
  let query = `${parameter}=${encode(deflated)}`;
  if (relayState !== undefined) query += `&RelayState=${encode(relayState)}`;
  if (key !== undefined) {
    query += `&SigAlg=${encode(signatureAlgorithmUri(key.algorithm))}`;
    query += `&Signature=${encode(key.sign(query))}`;
  }
  return `${location}${location.includes('?') ? '&' : '?'}${query}`;
}

/**
 * Takes a query apart as it came: the signature is over the sender's own octets, so nothing is decoded and encoded again.
 * Repeated parameters and names in disguise (`%53AMLRequest`) are refused, because two readers would see different messages.
 */
export function parseRedirect(rawQuery: string): RedirectMessage {
  const raw = new Map<string, string>();
  for (const pair of rawQuery.split('&')) {
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    if (/[%+]/.test(name)) throw new SamlError('binding_malformed', 'a parameter name must not be encoded');
    if (raw.has(name)) throw new SamlError('binding_malformed', 'a parameter must not come twice');
    raw.set(name, equals < 0 ? '' : pair.slice(equals + 1));
  }

  const parameters = (['SAMLRequest', 'SAMLResponse'] as const).filter((name) => raw.has(name));
  const [parameter] = parameters;
  if (parameter === undefined || parameters.length > 1) {
    throw new SamlError('binding_malformed', 'there must be either a SAMLRequest or a SAMLResponse');
  }
  if ((decode(raw.get('SAMLEncoding')) ?? DEFLATE) !== DEFLATE)
    throw new SamlError('binding_malformed', 'SAMLEncoding must be DEFLATE');
  const deflatedBase64 = base64Value(raw, parameter);
  const relayState = decode(raw.get('RelayState'));
  const signature = readSignature(raw, parameter);
  return {
    parameter,
    deflatedBase64,
    ...(relayState !== undefined && { relayState }),
    ...(signature !== undefined && { signature }),
  };
}

/** saml-bindings §3.4.4.1: the signature, by one of the configured keys. */
export function verifyRedirect(message: RedirectMessage, keys: readonly VerificationKey[]): void {
  const { signature } = message;
  if (signature === undefined) throw new SamlError('signature_missing', 'the query is not signed');
  const algorithm = signatureAlgorithmFromUri(signature.algorithm);
  if (algorithm === undefined) throw new SamlError('signature_algorithm', 'SigAlg is not allowed');
  const fitting = keys.filter((key) => keyFits(key, algorithm));
  if (fitting.length === 0) throw new SamlError('signature_algorithm', `no configured key is for ${algorithm}`);
  if (!fitting.some((key) => key.verify(algorithm, signature.signedOctets, signature.value))) {
    throw new SamlError('signature_invalid', 'no configured key has made this signature');
  }
}

/** saml-bindings §3.4.4.1: message, RelayState, SigAlg, in this order whatever order they came in. */
function readSignature(raw: ReadonlyMap<string, string>, parameter: MessageParameter): RedirectMessage['signature'] {
  const algorithm = decode(raw.get('SigAlg'));
  if (algorithm === undefined && !raw.has('Signature')) return undefined;
  if (algorithm === undefined) throw new SamlError('binding_malformed', 'Signature comes without SigAlg');
  if (!raw.has('Signature')) throw new SamlError('binding_malformed', 'SigAlg comes without Signature');
  const signedOctets = [parameter, 'RelayState', 'SigAlg']
    .filter((name) => raw.has(name))
    .map((name) => `${name}=${raw.get(name)}`)
    .join('&');
  return { algorithm, signedOctets, value: base64Value(raw, 'Signature') };
}

function base64Value(raw: ReadonlyMap<string, string>, name: string): string {
  const value = decode(raw.get(name)) ?? '';
  // Some senders break base64 into lines (RFC 2045); the signature is over the octets as they came all the same.
  const joined = value.replace(/[\r\n]/g, '');
  if (!isBase64(joined)) throw new SamlError('binding_malformed', `${name} is no base64`);
  return joined;
}

function decode(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch (cause) {
    throw new SamlError('binding_malformed', 'a parameter is badly percent-encoded', { cause });
  }
}

function encode(value: string): string {
  if (!value.isWellFormed()) throw new SamlError('text_illegal', 'a URL cannot carry an unpaired surrogate');
  return encodeURIComponent(value);
}
