import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import { challengeFor, type Finding, graceFor, judgeProof, type ProofVerdict } from './domain-proof.ts';
import type { ResolveTxt } from './resolve-txt.ts';
import type { Domain, OrganizationStorage } from './store.ts';

export interface CheckDomainNeeds {
  readonly storage: OrganizationStorage;
  readonly resolveTxt: ResolveTxt;
  readonly mac: (purpose: string, text: string) => string;
  readonly now: () => number;
  /** The proved domains of this organization have changed. */
  readonly domainsChanged: (organizationId: string) => void;
}

const dailyMilliseconds = 24 * 3_600_000;
const contestedMilliseconds = 3_600_000;

/** The events that people are to be told of. */
const events: Readonly<
  Partial<
    Record<ProofVerdict['kind'], { readonly action: string; readonly outcome: 'success' | 'refused'; readonly reason: string }>
  >
> = {
  missing: { action: 'domain.proof_missing', outcome: 'refused', reason: 'dns_record_missing' },
  back: { action: 'domain.proof_back', outcome: 'success', reason: '' },
  lost: { action: 'domain.lost', outcome: 'refused', reason: 'dns_record_missing' },
  contest_over: { action: 'domain.contest_over', outcome: 'success', reason: '' },
};

const domainUnknown = (): Problem =>
  new Problem(404, 'domain_unknown', 'The organization has no such domain.', 'Claim it first: latchkey domain claim DOMAIN');

/** Two organizations show a proof of one name: the later one is parked, both are told, the operator decides or DNS does. */
const contest = async (needs: CheckDomainNeeds, act: Act, organizationId: string, name: string, now: number): Promise<void> => {
  const holder = (await needs.storage.server.findDomain(name))?.organizationId;
  const event = {
    ...act,
    action: 'domain.contested',
    outcome: 'refused',
    reason: 'domain_contested',
    subject: `domain:${name}`,
  } as const;
  // The claimant's row comes last: if this is interrupted, all of it is done again.
  if (holder !== undefined) {
    await needs.storage.organization(holder).transaction(async (store) => {
      const own = await store.findOwnDomain(name);
      // Does the holder's own record still stand? Looked up at once.
      if (own?.proof === 'dns') await store.changeDomain(name, { nextCheckAt: now });
      await store.appendAuditEvent({ ...event, details: { role: 'holder' } });
    });
  }
  await needs.storage.serverTransaction((store) =>
    store.appendAuditEvent({ ...event, details: { holder: holder ?? null, claimant: organizationId } }),
  );
  await needs.storage.organization(organizationId).transaction(async (store) => {
    await store.changeDomain(name, { checkedAt: now, contestedAt: now, nextCheckAt: now + contestedMilliseconds });
    await store.appendAuditEvent({ ...event, details: { role: 'claimant' } });
  });
};

/**
 * Looks the TXT record of a domain up and does what follows: a claim becomes proved (or contested), a proved one stays, fails or is
 * lost after 7 days of grace. Asked for by an administrator, and once a day by the server itself.
 */
export const checkDomain = async (
  needs: CheckDomainNeeds,
  act: Act,
  input: { readonly organizationId: string; readonly name: string },
): Promise<{ readonly domain: Domain; readonly finding: Finding }> => {
  const { organizationId, name } = input;
  const organization = needs.storage.organization(organizationId);
  if ((await organization.read.findOwnDomain(name)) === undefined) throw domainUnknown();
  const challenge = challengeFor(needs.mac, organizationId, name);
  // Before the transaction: nothing but storage may be awaited inside.
  const values = await needs.resolveTxt(challenge.name);
  const finding = values === 'unknown' ? 'unknown' : values.includes(challenge.value) ? 'present' : 'absent';
  const now = needs.now();

  const outcome = await organization.transaction(async (store) => {
    const before = await store.findOwnDomain(name);
    if (before === undefined) throw domainUnknown();
    const verdict = judgeProof(before, finding, now);
    if (verdict.kind === 'prove') {
      const proved: Domain = {
        ...before,
        proof: 'dns',
        checkedAt: now,
        failingSince: null,
        contestedAt: null,
        nextCheckAt: now + dailyMilliseconds,
      };
      // The index over proved names lets one organization in, whoever tries at the same time.
      await store.removeDomain(name);
      if (!(await store.insertDomain(proved))) {
        await store.insertDomain(before);
        return { kind: 'taken', before } as const;
      }
      await store.appendAuditEvent({
        ...act,
        action: 'domain.proved',
        outcome: 'success',
        reason: '',
        subject: `domain:${name}`,
        details: { before: before.proof, after: 'dns' },
      });
      return { kind: 'proved', domain: proved } as const;
    }
    await store.changeDomain(name, verdict.change);
    const domain: Domain = { ...before, ...verdict.change };
    const event = events[verdict.kind];
    if (event !== undefined) {
      const { failingSince } = domain;
      await store.appendAuditEvent({
        ...act,
        ...event,
        subject: `domain:${name}`,
        details: {
          record: challenge.name,
          ...(failingSince === null ? {} : { lostAt: new Date(failingSince + graceFor).toISOString() }),
        },
      });
    }
    return { kind: verdict.kind, domain } as const;
  });

  if (outcome.kind === 'proved' || outcome.kind === 'lost') needs.domainsChanged(organizationId);
  if (outcome.kind !== 'taken') return { domain: outcome.domain, finding };
  if (outcome.before.contestedAt === null) await contest(needs, act, organizationId, name, now);
  else {
    await organization.transaction((store) =>
      store.changeDomain(name, { checkedAt: now, nextCheckAt: now + contestedMilliseconds }),
    );
  }
  return { domain: (await organization.read.findOwnDomain(name)) ?? outcome.before, finding };
};

const atOnce = 20;
const leaseMilliseconds = 10 * 60_000;

/** Looks up again what is due, once whatever the number of nodes. */
export const checkDueDomains = async (needs: CheckDomainNeeds, act: Act): Promise<void> => {
  const now = needs.now();
  for (;;) {
    const due = await needs.storage.server.listDueDomains(now, atOnce);
    const done = await Promise.allSettled(
      due.map(async ({ organizationId, name, nextCheckAt }) => {
        const organization = needs.storage.organization(organizationId);
        const mine = await organization.transaction((store) =>
          store.claimDomainCheck(name, nextCheckAt, now + leaseMilliseconds),
        );
        if (mine) await checkDomain(needs, act, { organizationId, name });
      }),
    );
    const failure = done.find((each) => each.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
    if (due.length < atOnce) return;
  }
};
