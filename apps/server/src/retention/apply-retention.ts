import type { Act } from '../http/caller.ts';
import { reduceEvent } from './reduce-event.ts';
import { defaultRetention, type Retention, type RetentionPort, type RetentionStorage } from './store.ts';

interface Needs {
  readonly storage: RetentionStorage;
  readonly now: () => number;
  /** The server stops: what is left is done later. */
  readonly stopping: () => boolean;
}

const DAY = 86_400_000;
/** A node that has died is replaced after so long. */
const LEASE = 60_000;
/** Rows of one transaction: few enough that a sign-in does not notice. */
const ROWS_AT_ONCE = 200;
const ORGANIZATIONS_AT_ONCE = 20;

/** One transaction of a sweep: what was done, and what is to be remembered of it. */
interface Batch {
  readonly rows: number;
  readonly changed: number;
  readonly reducedTo?: string;
}

type Work = (store: RetentionPort) => Promise<Batch>;

const sweepOrganization = async (needs: Needs, act: Act, organizationId: string): Promise<void> => {
  const organization = needs.storage.organization(organizationId);
  await organization.transaction((store) => store.insertRetention(defaultRetention));
  const retention: Retention = (await organization.read.findRetention()) ?? defaultRetention;
  const now = needs.now();
  if (retention.nextAt > now) return;
  const before = (days: number): number => now - days * DAY;

  let held = retention.nextAt;
  let reducedTo = retention.reducedTo;
  /** Nothing is done by who does not hold the lease; each batch renews it. */
  const holding = async (work: Work): Promise<Batch | undefined> => {
    const until = Math.max(needs.now() + LEASE, held + 1);
    const done = await organization.transaction(async (store): Promise<Batch | undefined> => {
      if (!(await store.holdSweep(held, until))) return undefined;
      const batch = await work(store);
      if (batch.reducedTo !== undefined) await store.holdSweep(until, until, { reducedTo: batch.reducedTo });
      return batch;
    });
    // Not before it is committed: the work of a transaction may run several times.
    if (done !== undefined) held = until;
    reducedTo = done?.reducedTo ?? reducedTo;
    return done;
  };
  /** Batch after batch until there is none; undefined if another node has taken it over, or the server stops. */
  const all = async (work: Work): Promise<number | undefined> => {
    let changed = 0;
    for (;;) {
      if (needs.stopping()) return undefined;
      const done = await holding(work);
      if (done === undefined) return undefined;
      changed += done.changed;
      if (done.rows < ROWS_AT_ONCE) return changed;
    }
  };
  const removing =
    (remove: (store: RetentionPort) => Promise<number>): Work =>
    async (store) => {
      const rows = await remove(store);
      return { rows, changed: rows };
    };

  const eventsBefore = before(retention.auditDays);
  const detailsBefore = before(retention.signInDetailsDays);
  const removedBefore = before(retention.removedDays);
  const events = await all(removing((store) => store.removeAuditEvents(eventsBefore, ROWS_AT_ONCE)));
  if (events === undefined) return;

  const reduced = await all(async (store) => {
    const cut = { order: 'oldest', limit: ROWS_AT_ONCE, ...(reducedTo === '' ? {} : { after: reducedTo }) } as const;
    const found = (await store.listAuditEvents(cut)).filter(({ at }) => at < detailsBefore);
    const smaller = found.map(reduceEvent).filter((event, index) => JSON.stringify(event) !== JSON.stringify(found[index]));
    for (const event of smaller) await store.reduceAuditEvent(event);
    return { rows: found.length, changed: smaller.length, reducedTo: found.at(-1)?.id ?? reducedTo };
  });
  if (reduced === undefined) return;

  // First the devices: a deleted user stays as long as one could bring the account back.
  const devices = await all(removing((store) => store.removeRemovedDevices(removedBefore, ROWS_AT_ONCE)));
  if (devices === undefined) return;
  const users = await all(removing((store) => store.removeDeletedUsers(removedBefore, ROWS_AT_ONCE)));
  if (users === undefined) return;

  await organization.transaction(async (store) => {
    if (!(await store.holdSweep(held, now + DAY, { sweptAt: now }))) return;
    if (events + reduced + devices + users === 0) return;
    const moment = (at: number): string => new Date(at).toISOString();
    await store.appendAuditEvent({
      ...act,
      action: 'retention.applied',
      outcome: 'success',
      reason: '',
      subject: 'retention',
      details: {
        removedEvents: events,
        eventsBefore: moment(eventsBefore),
        reducedEvents: reduced,
        detailsBefore: moment(detailsBefore),
        removedDevices: devices,
        removedUsers: users,
        removedBefore: moment(removedBefore),
      },
    });
  });
};

/**
 * Removes what each organization keeps no longer: once a day, in small transactions, on one node of several. What is interrupted goes on later,
 * on whatever node.
 */
export const applyRetention = async (needs: Needs, act: Act): Promise<void> => {
  for (;;) {
    const due = await needs.storage.server.listDueSweeps(needs.now(), ORGANIZATIONS_AT_ONCE);
    for (const organizationId of due) {
      if (needs.stopping()) return;
      await sweepOrganization(needs, act, organizationId);
    }
    if (due.length < ORGANIZATIONS_AT_ONCE) return;
  }
};
