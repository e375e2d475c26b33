import type { AuditEventView } from '@latchkey/contract';
import { writeCsvLine } from '@latchkey/directory';
import type { AuditEvent, AuditFilter, AuditPort } from './store.ts';

const batch = 500;

const columns = [
  'at',
  'actor',
  'action',
  'outcome',
  'reason',
  'subject',
  'remoteAddress',
  'correlationId',
  'id',
  'details',
] as const satisfies readonly (keyof AuditEventView)[];

interface ExportFormat {
  readonly type: string;
  readonly head: string;
  readonly line: (event: AuditEventView) => string;
}

/** What an export is written in. No cell of the CSV is carried out by a spreadsheet. */
export const exportFormats = {
  ndjson: { type: 'application/x-ndjson', head: '', line: (event) => `${JSON.stringify(event)}\n` },
  csv: {
    type: 'text/csv; charset=utf-8',
    head: writeCsvLine(columns),
    line: (event) => writeCsvLine(columns.map((name) => (name === 'details' ? JSON.stringify(event.details) : event[name]))),
  },
} as const satisfies Readonly<Record<string, ExportFormat>>;

/** Every event that matches, oldest first; read in batches, so that neither memory nor the store is held. */
export async function* exportAudit(
  search: AuditPort['searchAuditEvents'],
  filter: AuditFilter,
  { head, line }: { readonly head: string; readonly line: (event: AuditEvent) => string },
): AsyncGenerator<string> {
  if (head !== '') yield head;
  let after: string | undefined;
  do {
    const { items, next } = await search({ ...filter, order: 'oldest', limit: batch, ...(after === undefined ? {} : { after }) });
    if (items.length > 0) yield items.map(line).join('');
    after = next;
  } while (after !== undefined);
}
