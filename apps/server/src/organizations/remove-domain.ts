import { foldDomain } from '@latchkey/directory';
import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import type { OrganizationStorage } from './store.ts';

/** Takes a domain from an organization: its users cannot sign in any more, at once. */
export const removeDomain = async (
  needs: { readonly storage: OrganizationStorage },
  act: Act,
  input: { readonly organizationId: string; readonly name: string },
): Promise<void> => {
  const name = foldDomain(input.name);
  await needs.storage.organization(input.organizationId).transaction(async (store) => {
    const domain = await store.findOwnDomain(name);
    if (domain === undefined) throw new Problem(404, 'domain_unknown', 'The organization has no such domain.');
    await store.removeDomain(name);
    await store.appendAuditEvent({
      ...act,
      action: 'domain.removed',
      outcome: 'success',
      reason: '',
      subject: `domain:${name}`,
      details: { before: domain.proof, after: null },
    });
  });
};
