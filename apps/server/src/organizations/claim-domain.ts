import { foldDomain } from '@latchkey/directory';
import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import type { Domain, NewDomain, OrganizationStorage } from './store.ts';

const mostDomains = 1_000;

/** Claims a domain, to prove it by DNS. A claim reserves nothing: others may claim the same. Claiming again changes nothing. */
export const claimDomain = async (
  needs: { readonly storage: OrganizationStorage; readonly newId: (prefix: string) => string; readonly now: () => number },
  act: Act,
  input: { readonly organizationId: string; readonly name: string },
): Promise<Domain> => {
  const name = foldDomain(input.name);
  return needs.storage.organization(input.organizationId).transaction(async (store) => {
    const before = await store.findOwnDomain(name);
    if (before !== undefined) return before;
    if ((await store.listDomains()).length >= mostDomains) {
      throw new Problem(409, 'too_many_domains', `An organization has at most ${mostDomains} domains.`, 'Remove one first.');
    }
    const domain: NewDomain = { id: needs.newId('dom'), name, proof: 'none', createdAt: needs.now() };
    await store.insertDomain(domain);
    await store.appendAuditEvent({
      ...act,
      action: 'domain.claimed',
      outcome: 'success',
      reason: '',
      subject: `domain:${name}`,
      details: {},
    });
    return { ...domain, checkedAt: null, failingSince: null, contestedAt: null, nextCheckAt: null };
  });
};
