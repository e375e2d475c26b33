import pg from 'pg';

/** For whom a transaction runs: one organization, or the server itself. */
export type Scope = { readonly kind: 'organization'; readonly id: string } | { readonly kind: 'server' };

/**
 * The statements that open a transaction in its scope. All of it is local to the transaction: what a pooled connection kept would
 * be the next one's. Row-level security (row-level-security.ts) reads the two settings.
 */
export const openStatements = (scope: Scope, role: string | undefined, mode: 'read' | 'write'): string => {
  const begin = mode === 'read' ? 'begin read only' : 'begin isolation level serializable';
  const setRole = role === undefined ? '' : `; set local role ${pg.escapeIdentifier(role)}`;
  // What cannot be text in PostgreSQL is no organization's id.
  const id = scope.kind === 'organization' && !scope.id.includes('\0') ? scope.id.toWellFormed() : '';
  const server = scope.kind === 'server' ? 'on' : '';
  return `${begin}${setRole}; select set_config('latchkey.organization', ${pg.escapeLiteral(id)}, true), set_config('latchkey.server', '${server}', true)`;
};
