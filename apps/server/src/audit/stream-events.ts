import type { Area, LiveEvent } from '@latchkey/contract';
import { firstIdAt, timeOfId } from '../ids.ts';
import type { AuditCut, AuditEvent } from './store.ts';

/** Ids grow with time, but what one node commits first another may have begun later: so far back is looked each time. */
const OVERLAP = 5_000;
const POLL = 1_000;
/** So long all streams of an organization are told what one of them has read. */
const SHARED = 900;
/** What is read for all of them: far enough back that one that has slept for a moment misses nothing. */
const WINDOW = OVERLAP + 2 * POLL;
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
  session: 'devices',
  settings: 'settings',
  signing_key: 'organization',
  user: 'directory',
  webhook: 'webhook',
};

const nounOf = (action: string): string => action.split('.')[0] ?? '';
const areaOf = (action: string): Area => areaOfNoun[nounOf(action)] ?? 'audit';

export const isEventId = (id: string): boolean => /^evt_[0-9a-f]{32}$/.test(id);

const live = ({ action, subject }: AuditEvent): LiveEvent => ({
  type: nounOf(action),
  id: subject.includes(':') ? subject.slice(subject.indexOf(':') + 1) : '',
  action,
});

const message = (event: LiveEvent, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(event)}\n\n`;

type List = (cut: AuditCut) => Promise<readonly AuditEvent[]>;
/** Resolves after so many milliseconds, or at once with false: the server stops. */
type Wait = (milliseconds: number) => Promise<boolean>;

/** What happened lately: all events from `from` on, as they were known `at`. */
export interface Lately {
  readonly from: number;
  readonly at: number;
  readonly events: readonly AuditEvent[];
}

const listFrom = async (list: List, from: number): Promise<readonly AuditEvent[]> => {
  const all: AuditEvent[] = [];
  for (let after = firstIdAt('evt', from); ; ) {
    const events = await list({ order: 'oldest', after, limit: BATCH });
    all.push(...events);
    after = events.at(-1)?.id ?? after;
    if (events.length < BATCH) return all;
  }
};

/** Reads what happened lately in an organization: once a second at most, for however many streams of this node ask. */
export const sharedReads = (needs: {
  readonly list: (organizationId: string) => List;
  readonly wait: Wait;
  readonly now: () => number;
}): ((organizationId: string) => Promise<Lately>) => {
  const shared = new Map<string, Promise<Lately>>();
  const read = async (organizationId: string): Promise<Lately> => {
    const list = needs.list(organizationId);
    const at = needs.now();
    // Where nothing happens the last that did: who comes back is told by it how long it was away.
    const [newest] = await list({ order: 'newest', limit: 1 });
    const from = Math.min(newest === undefined ? at : timeOfId(newest.id), at) - WINDOW;
    return { from, at, events: await listFrom(list, from) };
  };
  return (organizationId) => {
    const known = shared.get(organizationId);
    if (known !== undefined) return known;
    const reading = read(organizationId);
    shared.set(organizationId, reading);
    void reading
      .then(() => needs.wait(SHARED))
      .catch(() => undefined) // Whoever has asked hears of it.
      .then(() => shared.delete(organizationId));
    return reading;
  };
};

/**
 * The events of an organization as they come, in the form of Server-Sent Events (HTML §9.2); each at least once, and only those the caller may
 * see. It asks the storage again and again, so it tells of what any node has done.
 */
export async function* streamEvents(needs: {
  readonly lately: () => Promise<Lately>;
  readonly list: List;
  readonly mayRead: (area: Area) => boolean;
  readonly wait: Wait;
  /** The last that the browser has heard of. */
  readonly lastEventId: string | undefined;
}): AsyncGenerator<string> {
  const first = await needs.lately();
  const newest = first.events.at(-1)?.id;
  const since = needs.lastEventId === undefined ? undefined : timeOfId(needs.lastEventId);
  const tooOld = since !== undefined && newest !== undefined && timeOfId(newest) - since > MISSED_AT_MOST;
  yield 'retry: 1000\n\n';
  if (tooOld) yield message({ type: 'reset', id: '', action: '' });
  // Without a last one only what comes from now on is news.
  const fromNowOn = since === undefined || tooOld;
  let told = new Set(fromNowOn ? first.events.map(({ id }) => id) : []);
  let lookedAt = fromNowOn ? first.at : since;
  let silence = 0;
  for (let elapsed = 0; elapsed < LASTS; elapsed += POLL) {
    const lately = await needs.lately();
    const from = lookedAt - OVERLAP;
    const events = lately.from <= from ? lately.events : await listFrom(needs.list, from);
    let text = '';
    for (const event of events) {
      if (timeOfId(event.id) < from || told.has(event.id)) continue;
      told.add(event.id);
      if (needs.mayRead(areaOf(event.action))) text += message(live(event), event.id);
    }
    lookedAt = Math.max(lookedAt, lately.at);
    told = new Set([...told].filter((id) => timeOfId(id) >= lookedAt - WINDOW));
    silence = text === '' ? silence + POLL : 0;
    if (silence >= SILENCE) {
      text = ': nothing new\n\n';
      silence = 0;
    }
    if (text !== '') yield text;
    if (!(await needs.wait(POLL))) return;
  }
}
