import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import type { Organization, OrganizationStorage } from './store.ts';

interface Needs {
  readonly storage: OrganizationStorage;
  readonly now: () => number;
}

const waitingMilliseconds = 7 * 24 * 3_600_000;

/** Suspends an organization now, and has everything of it removed after 7 days; until then it can be resumed. */
export const deleteOrganization = async (
  needs: Needs,
  act: Act,
  input: { readonly organizationId: string },
): Promise<Organization> => {
  const { organizationId } = input;
  const event = {
    ...act,
    action: 'organization.deletion_scheduled',
    outcome: 'success',
    reason: '',
    subject: `organization:${organizationId}`,
  } as const;
  const organization = await needs.storage.organization(organizationId).transaction(async (store): Promise<Organization> => {
    const before = await store.readOrganization();
    if (before === undefined) throw new Problem(404, 'organization_unknown', 'There is no such organization.');
    if (before.deleteAt !== null) return before;
    const deleteAt = needs.now() + waitingMilliseconds;
    await store.setOrganizationState('suspended');
    await store.setDeletion(null, deleteAt);
    await store.appendAuditEvent({ ...event, details: { before: before.state, deleteAt: new Date(deleteAt).toISOString() } });
    return { ...before, state: 'suspended', deleteAt };
  });
  // Its own log goes with it; the operators' stays.
  const { name, deleteAt } = organization;
  const details = { name, deleteAt: deleteAt === null ? null : new Date(deleteAt).toISOString() };
  await needs.storage.serverTransaction((store) => store.appendAuditEvent({ ...event, details }));
  return organization;
};

const leaseMilliseconds = 10 * 60_000;
/** Few enough that nobody waits for them. */
const rowsAtOnce = 500;

/** Removes everything of the organizations whose time has come. What is interrupted goes on later, on whatever node. */
export const removeDueOrganizations = async (needs: Needs, act: Act): Promise<void> => {
  const now = needs.now();
  for (const { id, name, deleteAt } of await needs.storage.server.listDueDeletions(now)) {
    const organization = needs.storage.organization(id);
    if (!(await organization.transaction((store) => store.setDeletion(deleteAt, now + leaseMilliseconds)))) continue;
    while (await organization.transaction((store) => store.removeSomeRows(rowsAtOnce)));
    await needs.storage.serverTransaction((store) =>
      store.appendAuditEvent({
        ...act,
        action: 'organization.deleted',
        outcome: 'success',
        reason: '',
        subject: `organization:${id}`,
        details: { name },
      }),
    );
    await organization.transaction((store) => store.removeOrganization());
  }
};
