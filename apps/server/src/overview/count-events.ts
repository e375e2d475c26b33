import { firstIdAt } from '../ids.ts';
import type { OverviewStorage } from './store.ts';

/** The fact that says up to which audit event was counted. */
export const COUNTED = 'events_counted';

const hour = 3_600_000;
/** Ids grow with time, but what one node commits first another may have begun later: younger events are left for the next time. */
const SETTLED = 5_000;
/** Read in one go: few enough that nobody waits for it. */
const BATCH = 2000;
/** What is shown at most, and a day for whoever lives in another time zone. */
const KEPT = 31 * 24 * hour;

export interface CountEventsNeeds {
  readonly storage: OverviewStorage;
  readonly origin: string;
  readonly now: () => number;
  /** Whether to stop half-way; the next one goes on there. */
  readonly draining: () => boolean;
}

/** Counts by the hour what was audited since the last time. On any number of nodes: each event is counted once. */
export const countEvents = async ({ storage, origin, now, draining }: CountEventsNeeds): Promise<void> => {
  const until = firstIdAt('evt', now() - SETTLED);
  const oldest = firstIdAt('evt', now() - KEPT);
  while (!draining()) {
    const known = await storage.server.findFact(COUNTED);
    const after = known ?? oldest;
    const { counts, last } = await storage.server.countEvents({
      after,
      until,
      limit: BATCH,
      ownServiceProviders: `${origin}/saml/`,
    });
    if (last === undefined) return;
    await storage.serverTransaction(async (store) => {
      // Another node may have been faster: what it has counted counts, and not this.
      if ((await store.findFact(COUNTED)) !== known) return;
      await store.addEventCounts(counts);
      await store.saveFact(COUNTED, last);
    });
  }
};

/** Forgets hours that nobody is shown any more. */
export const forgetOldCounts = (storage: OverviewStorage, now: number): Promise<void> =>
  storage.serverTransaction((store) => store.sweepEventCounts(Math.floor((now - KEPT) / hour)));
