import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import type { AdminStorage, ApiKey } from './store.ts';

/** Revokes a key, at once. A key cannot revoke itself, so there is always one left to make the next with. */
export const revokeApiKey = async (
  needs: { readonly storage: AdminStorage; readonly now: () => number },
  act: Act,
  input: { readonly organizationId: string | null; readonly keyId: string },
): Promise<ApiKey> => {
  if (act.actor === `api-key:${input.keyId}`) {
    throw new Problem(409, 'api_key_in_use', 'A key cannot revoke itself.', 'Create another one and revoke this one with it.');
  }
  const at = needs.now();
  const revoke = async (store: {
    readonly find: (id: string) => Promise<ApiKey | undefined>;
    readonly revoke: (id: string, at: number) => Promise<boolean>;
    readonly appendAuditEvent: AdminStorage['server']['appendAuditEvent'];
  }): Promise<ApiKey> => {
    const key = await store.find(input.keyId);
    if (key === undefined) throw new Problem(404, 'api_key_unknown', 'There is no such API key.');
    if (!(await store.revoke(key.id, at))) return key;
    await store.appendAuditEvent({
      ...act,
      action: 'api_key.revoked',
      outcome: 'success',
      reason: '',
      subject: `api-key:${key.id}`,
      details: { description: key.description, hint: key.hint },
    });
    return { ...key, revokedAt: at };
  };
  return input.organizationId === null
    ? needs.storage.serverTransaction((store) =>
        revoke({ find: store.findOperatorKeyById, revoke: store.revokeOperatorKey, appendAuditEvent: store.appendAuditEvent }),
      )
    : needs.storage
        .organization(input.organizationId)
        .transaction((store) =>
          revoke({ find: store.findApiKeyById, revoke: store.revokeApiKey, appendAuditEvent: store.appendAuditEvent }),
        );
};
