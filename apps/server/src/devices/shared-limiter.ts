import type { Limiter } from './limits.ts';

const WINDOW = 60_000;
const MAX_KEYS = 100_000;
/** Keys in one exchange. */
const MAX_TOLD = 1_000;

interface Count {
  readonly own: number;
  /** Of the own ones, those the other nodes know of. */
  readonly told: number;
  readonly others: number;
}

const none: Count = { own: 0, told: 0, others: 0 };

export interface SharedLimiter extends Limiter {
  /**
   * Adds what was counted here to what all nodes count, and hears the sum. `add` returns the sum of the minute for each key given.
   * A key is told of from a quarter of the limit on, so that the ordinary device costs nothing.
   */
  readonly exchange: (
    add: (minute: number, counts: ReadonlyMap<string, number>) => Promise<ReadonlyMap<string, number>>,
  ) => Promise<void>;
}

/** As `createLimiter`, for several nodes: each judges at once by its own count and by what it last heard of the others. */
export const createSharedLimiter = (needs: { readonly limit: number; readonly now: () => number }): SharedLimiter => {
  let minute = Number.NaN;
  let counts = new Map<string, Count>();
  const worthTelling = Math.ceil(needs.limit / 4);

  const turn = (): void => {
    const now = Math.floor(needs.now() / WINDOW);
    if (now === minute) return;
    minute = now;
    counts = new Map();
  };
  const judge = (count: number): number =>
    count > needs.limit ? Math.max(1, Math.ceil(((minute + 1) * WINDOW - needs.now()) / 1000)) : 0;

  return {
    take: (key) => {
      turn();
      const known = counts.get(key) ?? none;
      const count = { ...known, own: known.own + 1 };
      if (counts.has(key) || counts.size < MAX_KEYS) counts.set(key, count);
      return judge(count.own + count.others);
    },
    wait: (key) => {
      turn();
      const { own, others } = counts.get(key) ?? none;
      return judge(own + others + 1);
    },
    exchange: async (add) => {
      turn();
      const asked = minute;
      const news = new Map<string, number>();
      for (const [key, { own, told }] of counts) {
        if (own > told && own >= worthTelling && news.size < MAX_TOLD) news.set(key, own - told);
      }
      if (news.size === 0) return;
      const sums = await add(asked, news);
      if (asked !== minute) return;
      for (const [key, sum] of sums) {
        const count = counts.get(key) ?? none;
        const told = count.told + (news.get(key) ?? 0);
        counts.set(key, { own: count.own, told, others: Math.max(0, sum - told) });
      }
    },
  };
};
