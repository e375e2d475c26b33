import { foldDomain } from '@latchkey/directory';
import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import type { Domain, OrganizationStorage } from './store.ts';

/** An operator vouches that a domain belongs to an organization. Granting it again changes nothing. */
export const grantDomain = async (
  needs: { readonly storage: OrganizationStorage; readonly newId: (prefix: string) => string; readonly now: () => number },
  act: Act,
  input: { readonly organizationId: string; readonly name: string },
): Promise<Domain> => {
  const name = foldDomain(input.name);
  return needs.storage.organization(input.organizationId).transaction(async (store) => {
    if ((await store.readOrganization()) === undefined) {
      throw new Problem(404, 'organization_unknown', 'There is no such organization.');
    }
    const before = await store.findOwnDomain(name);
    if (before?.proof === 'granted') return before;
    if (before !== undefined) await store.removeDomain(name);
    const domain: Domain = {
      id: needs.newId('dom'),
      name,
      proof: 'granted',
      createdAt: needs.now(),
      checkedAt: null,
      failingSince: null,
      contestedAt: null,
      nextCheckAt: null,
    };
    if (!(await store.insertDomain(domain))) {
      throw new Problem(
        409,
        'domain_taken',
        `${name} belongs to another organization.`,
        'A proved domain has one organization on this server. Take it from the other one first.',
      );
    }
    await store.appendAuditEvent({
      ...act,
      action: 'domain.granted',
      outcome: 'success',
      reason: '',
      subject: `domain:${name}`,
      details: { before: before?.proof ?? null, after: 'granted' },
    });
    return domain;
  });
};
