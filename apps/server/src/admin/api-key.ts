import type { ApiKeyScope } from '@latchkey/contract';
import { formatToken, LOOKUP_LENGTH, parseToken, SECRET_LENGTH } from '@latchkey/device';
import type { ApiKey } from './store.ts';

/** Prefixed for secret scanners, with a checksum, like a device token. */
const prefix = 'lka_';

export interface ApiKeyNeeds {
  /** Keyed hash of a whole API key. */
  readonly hashApiKey: (key: string) => string;
  readonly randomText: (length: number) => string;
  readonly newId: (prefix: string) => string;
  readonly now: () => number;
}

/** A new key; `secret` exists nowhere else. */
export const makeApiKey = (
  needs: ApiKeyNeeds,
  input: {
    readonly organizationId: string | null;
    readonly description: string;
    readonly expiresInSeconds: number;
    readonly scopes: readonly ApiKeyScope[];
  },
): { readonly key: ApiKey; readonly secret: string } => {
  const lookup = needs.randomText(LOOKUP_LENGTH);
  const secret = formatToken(prefix, { lookup, secret: needs.randomText(SECRET_LENGTH) });
  const createdAt = needs.now();
  const key: ApiKey = {
    id: needs.newId('key'),
    organizationId: input.organizationId,
    description: input.description,
    lookup,
    hash: needs.hashApiKey(secret),
    hint: secret.slice(-4),
    createdAt,
    expiresAt: createdAt + input.expiresInSeconds * 1000,
    revokedAt: null,
    lastUsedAt: null,
    scopes: [...new Set(input.scopes)].sort(),
  };
  return { key, secret };
};

/** The public part of a key as it was sent, or undefined if it cannot be one. */
export const lookupOf = (text: string): string | undefined => {
  try {
    return parseToken(prefix, text).lookup;
  } catch {
    return undefined;
  }
};
