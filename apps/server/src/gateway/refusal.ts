import { deviceErrorTexts } from '@latchkey/device';

/**
 * Every way the gateway refuses. nginx knows 401 and 403 only and takes the rest for a failure, so these are all there is, and 503.
 * `challenge` is the error of RFC 6750 §3.1 and RFC 9449 §7.1; '' is a challenge without one: there were no credentials.
 */
export const refusals = {
  sign_in_needed: { status: 401, challenge: '', title: 'This site is opened by the Latchkey agent of a managed device.' },
  token_invalid: {
    status: 401,
    challenge: 'invalid_token',
    title: 'The access token is not valid for this site: ask for a new one.',
  },
  bearer_refused: {
    status: 401,
    challenge: 'invalid_token',
    title: deviceErrorTexts.bearer_refused,
  },
  use_dpop_nonce: { status: 401, challenge: 'use_dpop_nonce', title: deviceErrorTexts.use_dpop_nonce },
  request_refused: { status: 401, challenge: 'invalid_dpop_proof', title: deviceErrorTexts.request_refused },
  session_ended: { status: 401, challenge: 'invalid_token', title: deviceErrorTexts.session_ended },
  organization_suspended: { status: 403, title: deviceErrorTexts.organization_suspended },
  application_unknown: { status: 403, title: deviceErrorTexts.application_unknown },
  application_disabled: { status: 403, title: deviceErrorTexts.application_disabled },
  user_disabled: { status: 403, title: deviceErrorTexts.user_disabled },
  device_pending: { status: 403, title: deviceErrorTexts.device_pending },
  device_denied: { status: 403, title: deviceErrorTexts.device_denied },
  device_unregistered: { status: 403, title: deviceErrorTexts.device_unregistered },
  device_removed: { status: 403, title: deviceErrorTexts.device_removed },
  device_quarantined: { status: 403, title: deviceErrorTexts.device_quarantined },
  evidence_too_low: { status: 403, title: deviceErrorTexts.evidence_too_low },
  group_needed: { status: 403, title: 'This site is for members of certain groups.' },
  platform_refused: { status: 403, title: 'This site is not for devices with this operating system.' },
  proxy_not_trusted: { status: 403, title: 'Only a proxy that this server trusts may ask here.' },
  proxy_misconfigured: { status: 403, title: 'The proxy in front of this site is not set up right: tell its administrator.' },
  unavailable: { status: 503, title: deviceErrorTexts.unavailable },
} as const satisfies Readonly<
  Record<string, { readonly status: 401 | 403 | 503; readonly challenge?: string; readonly title: string }>
>;

export type RefusalCode = keyof typeof refusals;

export const isRefusalCode = (code: unknown): code is RefusalCode => typeof code === 'string' && Object.hasOwn(refusals, code);

/** A request that is not let through. `why` is for the log, and for whoever has set up the proxy. */
export class GatewayRefusal extends Error {
  readonly code: RefusalCode;
  readonly why: string;

  constructor(code: RefusalCode, why: string, options?: { readonly cause?: unknown }) {
    super(`${code}: ${why}`, options);
    this.name = 'GatewayRefusal';
    this.code = code;
    this.why = why;
  }
}
