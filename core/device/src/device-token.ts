import type { Platform } from './platform.ts';
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
  /** Empty: every platform. */
  readonly platforms: readonly Platform[];
  /** CIDR ranges that a device must come from; empty: from anywhere. */
  readonly networks: readonly string[];
  readonly enrollment: 'automatic' | 'approval';
  readonly maxEnrollments: number | null;
  readonly enrollments: number;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
  /** The token that takes its place. */
  readonly rotatedTo: string | null;
}

/** What a token is judged by. */
export interface EnrollmentFacts {
  /** Folded. */
  readonly domain: string;
  /** As far as the machine says. */
  readonly platform: Platform | undefined;
  /** Whether it comes from one of the token's networks; of no matter for a token without any. */
  readonly inNetworks: boolean;
  readonly now: number;
}

export type DeviceTokenVerdict =
  | { readonly kind: 'good' }
  | {
      readonly kind: 'refused';
      readonly code: 'token_revoked' | 'token_expired' | 'token_spent' | 'token_domain' | 'token_platform' | 'token_network';
    };

export const DEVICE_TOKEN_PREFIX = 'lkd_';

export const formatDeviceToken = (parts: { readonly lookup: string; readonly secret: string }): string =>
  formatToken(DEVICE_TOKEN_PREFIX, parts);

export const parseDeviceToken = (text: string): SecretToken => parseToken(DEVICE_TOKEN_PREFIX, text);

type Refusal = Extract<DeviceTokenVerdict, { kind: 'refused' }>['code'];

const refusals: readonly (readonly [Refusal, (token: DeviceToken, facts: EnrollmentFacts) => boolean])[] = [
  ['token_revoked', (token) => token.revokedAt !== null],
  ['token_expired', (token, { now }) => now >= token.expiresAt],
  ['token_spent', (token) => token.maxEnrollments !== null && token.enrollments >= token.maxEnrollments],
  ['token_domain', (token, { domain }) => token.domains.length > 0 && !token.domains.includes(domain)],
  [
    'token_platform',
    (token, { platform }) => token.platforms.length > 0 && (platform === undefined || !token.platforms.includes(platform)),
  ],
  ['token_network', (token, { inNetworks }) => token.networks.length > 0 && !inNetworks],
];

/** May a device enroll with this token? The hash has been compared before. */
export const judgeDeviceToken = (token: DeviceToken, facts: EnrollmentFacts): DeviceTokenVerdict => {
  const refusal = refusals.find(([, applies]) => applies(token, facts));
  return refusal === undefined ? { kind: 'good' } : { kind: 'refused', code: refusal[0] };
};
