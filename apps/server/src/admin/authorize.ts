import type { Access, Caller } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';

const forOperators = new Problem(
  403,
  'operator_needed',
  'Only an operator of this server may do this.',
  'Use an operator key, as latchkey setup has given you one.',
);

const notForOperators = new Problem(
  403,
  'organization_key_needed',
  "Operators do not read or change an organization's data.",
  'Use a key of the organization; an operator can create one: latchkey api-key create. To read in an emergency: --break-glass REASON.',
);

const onlyToRead = new Problem(
  403,
  'break_glass_reads_only',
  'Breaking the glass lets an operator read, not change.',
  'Use a key of the organization; an operator can create one: latchkey api-key create.',
);

// Whether another organization exists is nobody's business.
const elsewhere = new Problem(404, 'organization_unknown', 'There is no such organization.');

/** May this caller use a route of this kind for this organization? Undefined if so. */
export const authorize = (
  access: Exclude<Access, 'public'>,
  caller: Caller,
  organizationId: string | undefined,
  /** Whether an operator breaks the glass, and only to read. */
  glass: 'whole' | 'broken_to_read' | 'broken_to_write' = 'whole',
): Problem | undefined => {
  if (access === 'any') return undefined;
  if (caller.kind === 'operator') {
    if (access !== 'organization' || glass === 'broken_to_read') return undefined;
    return glass === 'whole' ? notForOperators : onlyToRead;
  }
  if (organizationId !== undefined && organizationId !== caller.organizationId) return elsewhere;
  return access === 'operator' ? forOperators : undefined;
};
