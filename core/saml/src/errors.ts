/**
 * Every way a SAML message can be refused. The code is for log and audit; `detail` says where and why and is safe for the peer,
 * but servers answer signature, audience and replay failures alike.
 */
export type SamlErrorCode =
  | 'xml_too_large'
  | 'xml_encoding'
  | 'xml_malformed'
  | 'xml_forbidden' // DOCTYPE, processing instruction, comment, entity, XML 1.1
  | 'xml_limit' // depth, nodes, attributes, namespaces
  | 'xml_duplicate_id'
  | 'binding_malformed'
  | 'message_malformed' // schema order, missing or repeated element, bad attribute value
  | 'message_unexpected' // another message than the one that is due
  | 'version_unsupported'
  | 'signature_missing'
  | 'signature_malformed'
  | 'signature_algorithm'
  | 'signature_reference'
  | 'signature_invalid'
  | 'issuer_unknown'
  | 'destination_mismatch'
  | 'issue_instant'
  | 'acs_unregistered'
  | 'in_response_to'
  | 'status_not_success'
  | 'assertion_count'
  | 'subject_confirmation'
  | 'conditions'
  | 'audience'
  | 'expired'
  | 'not_yet_valid'
  | 'authn_statement'
  | 'name_id'
  | 'authn_context'
  | 'metadata_invalid'
  | 'text_illegal'; // a value that XML 1.0 cannot carry

export class SamlError extends Error {
  readonly code: SamlErrorCode;
  readonly detail: string;

  constructor(code: SamlErrorCode, detail: string, options?: { cause?: unknown }) {
    super(`${code}: ${detail}`, options);
    this.name = 'SamlError';
    this.code = code;
    this.detail = detail;
  }
}
