import { formatToken, parseToken, type SecretToken } from './secret-token.ts';

/** The fleet secret as the server keeps it. Times are milliseconds since 1970, UTC. */
export interface DeviceToken {
  readonly id: string;
  readonly organizationId: string;
  readonly description: string;
  readonly lookup: string;
  /** Keyed hash of the whole token. */
  readonly hash: string;
  /** Last four characters, to recognize it by. */
  readonly hint: string;
  /** Folded domains; empty: every domain of the organization. */
  readonly domains: readonly string[];
  readonly enrollment: 'automatic' | 'approval';
  readonly maxEnrollments: number | null;
  readonly enrollments: number;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
}

export type DeviceTokenVerdict =
  | { readonly kind: 'good' }
  | { readonly kind: 'refused'; readonly code: 'token_revoked' | 'token_expired' | 'token_spent' | 'token_domain' };

export const DEVICE_TOKEN_PREFIX = 'lkd_';

export const formatDeviceToken = (parts: { readonly lookup: string; readonly secret: string }): string =>
  formatToken(DEVICE_TOKEN_PREFIX, parts);

export const parseDeviceToken = (text: string): SecretToken => parseToken(DEVICE_TOKEN_PREFIX, text);

type Refusal = Extract<DeviceTokenVerdict, { kind: 'refused' }>['code'];

const refusals: readonly (readonly [Refusal, (token: DeviceToken, domain: string, now: number) => boolean])[] = [
  ['token_revoked', (token) => token.revokedAt !== null],
  ['token_expired', (token, _domain, now) => now >= token.expiresAt],
  ['token_spent', (token) => token.maxEnrollments !== null && token.enrollments >= token.maxEnrollments],
  ['token_domain', (token, domain) => token.domains.length > 0 && !token.domains.includes(domain)],
];

/** May a device enroll with this token for a user of `domain` (folded)? The hash has been compared before. */
export const judgeDeviceToken = (token: DeviceToken, domain: string, now: number): DeviceTokenVerdict => {
  const refusal = refusals.find(([, applies]) => applies(token, domain, now));
  return refusal === undefined ? { kind: 'good' } : { kind: 'refused', code: refusal[0] };
};
