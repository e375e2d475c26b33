import type { Domain } from './store.ts';

/** The TXT record that proves a domain. Its value is bound to organization and domain, so nobody can copy it. */
export interface Challenge {
  readonly name: string;
  readonly value: string;
}

export const challengeFor = (
  mac: (purpose: string, text: string) => string,
  organizationId: string,
  domain: string,
): Challenge => ({
  name: `_latchkey-challenge.${domain}`,
  value: `latchkey-domain=${mac('domain-challenge', `${organizationId} ${domain}`)}`,
});

/** What DNS says: the record is there, is not there, or nobody could be asked. */
export type Finding = 'present' | 'absent' | 'unknown';

const hour = 3_600_000;
const day = 24 * hour;
/** design §1: "re-checked daily with 7 days' grace". */
export const graceFor: number = 7 * day;

/** What follows from a finding. */
export type ProofVerdict =
  | {
      readonly kind: 'same' | 'missing' | 'back' | 'lost' | 'contest_over';
      readonly change: Partial<Domain> & { proof?: 'none' };
    }
  /** The claim has its record: it is proved, if no other organization has proved the name. */
  | { readonly kind: 'prove' };

/**
 * Judges a domain by what DNS says of its record now. Only a record that is really gone starts the grace; that nobody could be asked
 * does not, but does not stop it either.
 */
export const judgeProof = (
  domain: Pick<Domain, 'proof' | 'failingSince' | 'contestedAt'>,
  finding: Finding,
  now: number,
): ProofVerdict => {
  const checkedAt = now;
  if (domain.proof === 'granted') return { kind: 'same', change: { checkedAt, nextCheckAt: null } };
  if (domain.proof === 'none') {
    if (finding === 'present') return { kind: 'prove' };
    if (domain.contestedAt === null) return { kind: 'same', change: { checkedAt, nextCheckAt: null } };
    if (finding === 'unknown') return { kind: 'same', change: { checkedAt, nextCheckAt: now + hour } };
    return { kind: 'contest_over', change: { checkedAt, contestedAt: null, nextCheckAt: null } };
  }
  if (finding === 'present') {
    const change = { checkedAt, failingSince: null, nextCheckAt: now + day };
    return { kind: domain.failingSince === null ? 'same' : 'back', change };
  }
  if (domain.failingSince === null) {
    if (finding === 'unknown') return { kind: 'same', change: { checkedAt, nextCheckAt: now + hour } };
    return { kind: 'missing', change: { checkedAt, failingSince: now, nextCheckAt: now + day } };
  }
  const lostAt = domain.failingSince + graceFor;
  if (now >= lostAt) {
    return { kind: 'lost', change: { checkedAt, proof: 'none', failingSince: null, nextCheckAt: null } };
  }
  return { kind: 'same', change: { checkedAt, nextCheckAt: Math.min(now + (finding === 'unknown' ? hour : day), lostAt) } };
};
