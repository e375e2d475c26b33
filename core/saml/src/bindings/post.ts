import { SamlError } from '../errors.ts';
import { escapeAttribute } from '../xml/write.ts';
import { expectShortRelayState, isBase64, type MessageParameter } from './fields.ts';

/**
 * saml-bindings §3.5.4: a page that posts itself. With a nonce it does so by a script that a strict Content-Security-Policy
 * allows (`script-src 'nonce-...'`); without scripts there is a button.
 */
export function writePostForm(form: {
  readonly action: string;
  readonly parameter: MessageParameter;
  /** Base64 of the message. */
  readonly value: string;
  readonly relayState?: string;
  readonly nonce?: string;
}): string {
  const { action, parameter, value, relayState, nonce } = form;
  expectShortRelayState(relayState);
  if (!/^https?:\/\//.test(action))
    throw new SamlError('binding_malformed', 'a form can only be posted to an http or https address');
  const button = '<button type="submit">Continue</button>';
  return (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Signing in</title></head><body>' +
    `<form method="post" action="${escapeAttribute(action)}">${hidden(parameter, value)}` +
    (relayState === undefined ? '' : hidden('RelayState', relayState)) +
    (nonce === undefined
      ? `${button}</form>`
      : `<noscript><p>Press the button to go on.</p>${button}</noscript></form>` +
        `<script nonce="${escapeAttribute(nonce)}">document.forms[0].submit()</script>`) +
    '</body></html>'
  );
}

function hidden(name: string, value: string): string {
  return `<input type="hidden" name="${name}" value="${escapeAttribute(value)}">`;
}

/** A message out of a form. */
export interface PostMessage {
  readonly parameter: MessageParameter;
  /** Base64 of the message, without white space: the app decodes it, with a limit. */
  readonly base64: string;
  readonly relayState?: string;
}

/** Each field once, either a request or a response, and base64 that is base64. */
export function parsePost(fields: Readonly<Record<string, unknown>>): PostMessage {
  const parameters = (['SAMLRequest', 'SAMLResponse'] as const).filter((name) => field(fields, name) !== undefined);
  const [parameter] = parameters;
  if (parameter === undefined || parameters.length > 1) {
    throw new SamlError('binding_malformed', 'there must be either a SAMLRequest or a SAMLResponse');
  }
  // RFC 2045 lets senders break base64 into lines.
  const base64 = (field(fields, parameter) ?? '').replace(/[ \t\r\n]/g, '');
  if (!isBase64(base64)) throw new SamlError('binding_malformed', `${parameter} is no base64`);
  const relayState = field(fields, 'RelayState');
  return { parameter, base64, ...(relayState !== undefined && { relayState }) };
}

function field(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new SamlError('binding_malformed', `${name} must come once`);
}
