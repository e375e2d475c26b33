import type { Caller } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import { lookupOf } from './api-key.ts';
import { includesScope, scopeFor } from './area.ts';
import type { AdminServerPort, ApiKey } from './store.ts';

const refused = (code: string, title: string, detail?: string): Problem => new Problem(401, code, title, detail);

/**
 * Who the `Authorization` header makes the caller (RFC 6750 §2.1). A key that is unknown and one that is wrong look alike; that a key
 * has expired or was revoked is told only to whoever holds it.
 */
export const authenticate = async (
  needs: {
    readonly server: Pick<AdminServerPort, 'findApiKey' | 'findOrganization'>;
    readonly hashApiKey: (key: string) => string;
    readonly equal: (a: string, b: string) => boolean;
    readonly now: () => number;
  },
  authorization: string | undefined,
): Promise<{ readonly caller: Caller; readonly key: ApiKey }> => {
  if (authorization === undefined) {
    throw refused('unauthorized', 'An API key is needed.', 'Send it in the header "Authorization: Bearer lka_...".');
  }
  const text = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  const lookup = text === undefined ? undefined : lookupOf(text);
  const key = lookup === undefined ? undefined : await needs.server.findApiKey(lookup);
  if (text === undefined || key === undefined || !needs.equal(needs.hashApiKey(text), key.hash)) {
    throw refused(
      'unauthorized',
      'The API key is not known here.',
      'Check that it was copied whole, and that it belongs to this server.',
    );
  }
  if (key.revokedAt !== null) throw refused('api_key_revoked', 'The API key was revoked.', 'Make a new one.');
  if (needs.now() >= key.expiresAt) throw refused('api_key_expired', 'The API key has expired.', 'Make a new one.');
  const who = {
    by: 'api-key',
    id: key.id,
    may: (area, what) => includesScope(key.scopes, scopeFor(area, what)),
  } as const satisfies Pick<Caller, 'by' | 'id' | 'may'>;
  if (key.organizationId === null) return { caller: { ...who, kind: 'operator' }, key };
  const organization = await needs.server.findOrganization(key.organizationId);
  if (organization?.state !== 'active') {
    throw new Problem(403, 'organization_suspended', 'This organization is suspended.', 'Ask the operator of this server.');
  }
  return { caller: { ...who, kind: 'organization', organizationId: key.organizationId }, key };
};
