import type { AuditEvent, AuditFilter } from './store.ts';

const batch = 500;

/** Every event that matches, oldest first, one JSON line each; read in batches, so that neither memory nor the store is held. */
export async function* exportAudit(
  list: (filter: AuditFilter) => Promise<readonly AuditEvent[]>,
  filter: Omit<AuditFilter, 'order' | 'after' | 'limit'>,
  write: (event: AuditEvent) => unknown,
): AsyncGenerator<string> {
  let after: string | undefined;
  for (;;) {
    const events = await list({ ...filter, order: 'oldest', limit: batch, ...(after === undefined ? {} : { after }) });
    if (events.length > 0) yield `${events.map((event) => JSON.stringify(write(event))).join('\n')}\n`;
    if (events.length < batch) return;
    after = events.at(-1)?.id;
  }
}
