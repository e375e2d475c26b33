import type { Area } from '@latchkey/contract';

/** What the roles and API keys of an organization are about, and those of operators, in the order they are shown in. */
export const areasOf = {
  organization: [
    'organization',
    'settings',
    'directory',
    'devices',
    'device-tokens',
    'applications',
    'webhook',
    'audit',
    'administrators',
    'api-keys',
  ],
  operator: ['operator', 'organization', 'administrators', 'api-keys', 'audit', 'backup'],
} as const satisfies Readonly<Record<string, readonly Area[]>>;

/** Those that an API key has no scope of its own for: only a key of everything reaches them. */
export const withoutScope: readonly Area[] = ['administrators', 'api-keys', 'operator'];
