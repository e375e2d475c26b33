import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import type { Organization, OrganizationStorage } from './store.ts';

/** Suspends an organization (nobody of it signs in, its API keys are refused) or lets it go on, which also keeps it from deletion. */
export const changeOrganizationState = async (
  needs: { readonly storage: OrganizationStorage },
  act: Act,
  input: { readonly organizationId: string; readonly state: Organization['state'] },
): Promise<Organization> =>
  needs.storage.organization(input.organizationId).transaction(async (store) => {
    const organization = await store.readOrganization();
    if (organization === undefined) throw new Problem(404, 'organization_unknown', 'There is no such organization.');
    if (await store.setOrganizationState(input.state)) {
      await store.appendAuditEvent({
        ...act,
        action: input.state === 'active' ? 'organization.resumed' : 'organization.suspended',
        outcome: 'success',
        reason: '',
        subject: `organization:${organization.id}`,
        details: { before: organization.state, after: input.state },
      });
    }
    if (input.state === 'suspended' || organization.deleteAt === null) return { ...organization, state: input.state };
    await store.setDeletion(organization.deleteAt, null);
    await store.appendAuditEvent({
      ...act,
      action: 'organization.deletion_cancelled',
      outcome: 'success',
      reason: '',
      subject: `organization:${organization.id}`,
      details: { before: new Date(organization.deleteAt).toISOString(), after: null },
    });
    return { ...organization, state: input.state, deleteAt: null };
  });
