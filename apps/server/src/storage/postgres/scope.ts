import type { Statement } from './send.ts';

/** For whom a transaction runs: one organization, or the server itself. */
export type Scope = { readonly kind: 'organization'; readonly id: string } | { readonly kind: 'server' };

const settings = `set_config('latchkey.organization', $1, true), set_config('latchkey.server', $2, true)`;
const begin: Statement = { text: 'begin isolation level serializable', values: [] };

/**
 * The statements that open a transaction in its scope. All of it is local to the transaction: what a pooled connection kept would
 * be the next one's. Row-level security (row-level-security.ts) reads the two settings. One that reads is not begun: it is the
 * single statement sent with these.
 */
export const openStatements = (scope: Scope, role: string | undefined, mode: 'read' | 'write'): readonly Statement[] => {
  // What cannot be text in PostgreSQL is no organization's id.
  const id = scope.kind === 'organization' && !scope.id.includes('\0') ? scope.id.toWellFormed() : '';
  const readOnly = mode === 'read' ? `, set_config('transaction_read_only', 'on', true)` : '';
  const setRole = role === undefined ? '' : `, set_config('role', $3, true)`;
  const set: Statement = {
    text: `select ${settings}${setRole}${readOnly}`,
    values: [id, scope.kind === 'server' ? 'on' : '', ...(role === undefined ? [] : [role])],
  };
  return mode === 'read' ? [set] : [begin, set];
};
