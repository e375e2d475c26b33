import type { AuditEvent, AuditFilter, AuditPort } from './store.ts';

const batch = 500;

/** Every event that matches, oldest first, one JSON line each; read in batches, so that neither memory nor the store is held. */
export async function* exportAudit(
  search: AuditPort['searchAuditEvents'],
  filter: AuditFilter,
  write: (event: AuditEvent) => unknown,
): AsyncGenerator<string> {
  let after: string | undefined;
  do {
    const { items, next } = await search({ ...filter, order: 'oldest', limit: batch, ...(after === undefined ? {} : { after }) });
    if (items.length > 0) yield `${items.map((event) => JSON.stringify(write(event))).join('\n')}\n`;
    after = next;
  } while (after !== undefined);
}
