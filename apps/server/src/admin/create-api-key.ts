import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import { type ApiKeyNeeds, makeApiKey } from './api-key.ts';
import type { AdminStorage, ApiKey } from './store.ts';

/** Makes a key of an organization, or (null) of an operator. */
export const createApiKey = async (
  needs: ApiKeyNeeds & { readonly storage: AdminStorage },
  act: Act,
  input: Parameters<typeof makeApiKey>[1],
): Promise<{ readonly key: ApiKey; readonly secret: string }> => {
  const made = makeApiKey(needs, input);
  const event = {
    ...act,
    action: 'api_key.created',
    outcome: 'success',
    reason: '',
    subject: `api-key:${made.key.id}`,
    details: {
      description: made.key.description,
      hint: made.key.hint,
      scopes: made.key.scopes,
      expiresAt: new Date(made.key.expiresAt).toISOString(),
    },
  } as const;
  const { organizationId } = input;
  if (organizationId === null) {
    await needs.storage.serverTransaction(async (store) => {
      await store.insertOperatorKey(made.key);
      await store.appendAuditEvent(event);
    });
    return made;
  }
  if ((await needs.storage.server.findOrganization(organizationId)) === undefined) {
    throw new Problem(404, 'organization_unknown', 'There is no such organization.');
  }
  await needs.storage.organization(organizationId).transaction(async (store) => {
    await store.insertApiKey(made.key);
    await store.appendAuditEvent(event);
  });
  return made;
};
