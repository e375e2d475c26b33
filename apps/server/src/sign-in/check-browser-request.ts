import { inflateRawSync } from 'node:zlib';
import {
  type CheckedAuthnRequest,
  checkAuthnRequest,
  parsePost,
  parseRedirect,
  type ReceivedBy,
  readAuthnRequestIssuer,
  SamlError,
} from '@latchkey/saml';
import { idpEntityId, idpSsoUrl } from './addresses.ts';
import type { AnswerAuthnRequestNeeds } from './answer-authn-request.ts';
import { decodeUtf8, MAX_OCTETS } from './utf-8.ts';

/** What came with a browser: the query as it stands in the URL, or the form's octets. */
export type BrowserRequest =
  | { readonly binding: 'redirect'; readonly query: string }
  | { readonly binding: 'post'; readonly form: string };

const formFields = (form: string): Readonly<Record<string, unknown>> => {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(form)) {
    // A field that comes twice is a list, which the reader refuses.
    fields[name] = Object.hasOwn(fields, name) ? [fields[name], value] : value;
  }
  return fields;
};

const inflate = (base64: string): Buffer => {
  try {
    // A small query may hold a gigabyte (saml-attacks, class 37).
    return inflateRawSync(Buffer.from(base64, 'base64'), { maxOutputLength: MAX_OCTETS });
  } catch (cause) {
    throw new SamlError('binding_malformed', 'SAMLRequest is not deflated, or too large', { cause });
  }
};

const unpack = (request: BrowserRequest): { readonly text: string; readonly receivedBy: ReceivedBy } => {
  if (request.binding === 'redirect') {
    const message = parseRedirect(request.query);
    if (message.parameter !== 'SAMLRequest') throw new SamlError('message_unexpected', 'a SAMLRequest is due here');
    return { text: decodeUtf8(inflate(message.deflatedBase64)), receivedBy: { binding: 'redirect', message } };
  }
  const { parameter, base64 } = parsePost(formFields(request.form));
  if (parameter !== 'SAMLRequest') throw new SamlError('message_unexpected', 'a SAMLRequest is due here');
  return { text: decodeUtf8(Buffer.from(base64, 'base64')), receivedBy: { binding: 'post' } };
};

/** The IdP's checks of a request that a browser brought. It is never answered: a browser has no device key. */
export const checkBrowserRequest = async (
  needs: AnswerAuthnRequestNeeds,
  organizationId: string,
  request: BrowserRequest,
): Promise<CheckedAuthnRequest> => {
  const { text, receivedBy } = unpack(request);
  const element = needs.read(text);
  const sp = await needs.findServiceProvider(organizationId, readAuthnRequestIssuer(element));
  if (sp?.enabled !== true) throw new SamlError('issuer_unknown', 'no such service provider is registered here');
  return checkAuthnRequest({
    element,
    receivedBy,
    sp,
    idp: { entityId: idpEntityId(needs.origin, organizationId), ssoUrl: idpSsoUrl(needs.origin, organizationId) },
    now: new Date(needs.now()),
    skewSeconds: needs.skewSeconds,
    digest: needs.digest,
  });
};
