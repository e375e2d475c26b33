import type { Area, LiveEvent } from '@latchkey/contract';
import type { AuditCut, AuditEvent } from './store.ts';

/** Ids grow with time, but what one node commits first another may have begun later: so far back is looked each time. */
const OVERLAP = 5_000;
const POLL = 1_000;
const BATCH = 500;
/** A browser that was away longer asks everything anew. */
const MISSED_AT_MOST = 3_600_000;
/** After that the browser comes back by itself, and is asked anew who it is: so long it may hear after it was shut out. */
const LASTS = 60_000;
/** So long a proxy sees nothing. */
const SILENCE = 15_000;

/** What events are about, by the noun of their action; of whatever is not here the audit tells, and so whoever may see that. */
const areaOfNoun: Readonly<Record<string, Area>> = {
  access_token: 'devices',
  administrator: 'administrators',
  api_key: 'api-keys',
  application: 'applications',
  department: 'directory',
  device: 'devices',
  device_token: 'device-tokens',
  domain: 'organization',
  enrollment: 'devices',
  group: 'directory',
  import: 'directory',
  organization: 'organization',
  role: 'administrators',
  settings: 'settings',
  user: 'directory',
  webhook: 'webhook',
};

const nounOf = (action: string): string => action.split('.')[0] ?? '';
const areaOf = (action: string): Area => areaOfNoun[nounOf(action)] ?? 'audit';

/** UUIDv7 in an id of ours: the first 48 bits are milliseconds (RFC 9562 §5.7). */
const timeOf = (id: string): number => Number.parseInt(id.slice('evt_'.length, 'evt_'.length + 12), 16);
const firstIdAt = (time: number): string => `evt_${Math.max(0, time).toString(16).padStart(12, '0')}`;

export const isEventId = (id: string): boolean => /^evt_[0-9a-f]{32}$/.test(id);

const live = ({ action, subject }: AuditEvent): LiveEvent => ({
  type: nounOf(action),
  id: subject.includes(':') ? subject.slice(subject.indexOf(':') + 1) : '',
  action,
});

const message = (event: LiveEvent, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(event)}\n\n`;

/**
 * The events of an organization as they come, in the form of Server-Sent Events (HTML §9.2); each at least once, and only those the caller may
 * see. It asks the storage again and again, so it tells of what any node has done.
 */
export async function* streamEvents(needs: {
  readonly list: (cut: AuditCut) => Promise<readonly AuditEvent[]>;
  readonly mayRead: (area: Area) => boolean;
  /** Resolves after so many milliseconds, or at once with false: the server stops. */
  readonly wait: (milliseconds: number) => Promise<boolean>;
  /** The last that the browser has heard of. */
  readonly lastEventId: string | undefined;
}): AsyncGenerator<string> {
  const newest = await needs.list({ order: 'newest', limit: 1 });
  const latest = newest[0] === undefined ? 0 : timeOf(newest[0].id);
  const since = needs.lastEventId === undefined ? latest : timeOf(needs.lastEventId);
  const tooOld = latest - since > MISSED_AT_MOST;
  let from = (tooOld ? latest : since) - OVERLAP;
  let told = new Set<string>();
  yield 'retry: 1000\n\n';
  if (tooOld) yield message({ type: 'reset', id: '', action: '' });
  // Without a last one only what comes from now on is news.
  let quiet = needs.lastEventId === undefined || tooOld;
  let silence = 0;
  for (let elapsed = 0; elapsed < LASTS; elapsed += POLL) {
    let after = firstIdAt(from);
    let text = '';
    for (;;) {
      const events = await needs.list({ order: 'oldest', after, limit: BATCH });
      for (const event of events) {
        if (told.has(event.id)) continue;
        told.add(event.id);
        if (!quiet && needs.mayRead(areaOf(event.action))) text += message(live(event), event.id);
      }
      const last = events.at(-1);
      if (last !== undefined) after = last.id;
      if (events.length < BATCH) break;
    }
    quiet = false;
    from = Math.max(from, timeOf(after) - OVERLAP);
    told = new Set([...told].filter((id) => timeOf(id) >= from));
    silence = text === '' ? silence + POLL : 0;
    if (silence >= SILENCE) {
      text = ': nothing new\n\n';
      silence = 0;
    }
    if (text !== '') yield text;
    if (!(await needs.wait(POLL))) return;
  }
}
