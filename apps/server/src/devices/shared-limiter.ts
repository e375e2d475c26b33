import type { Limiter } from './limits.ts';

const WINDOW = 60_000;
const MAX_KEYS = 100_000;
/** Keys of one limiter in one exchange. */
const MAX_TOLD = 1_000;

type Counts = ReadonlyMap<string, number>;

interface Count {
  readonly own: number;
  /** Of the own ones, those the other nodes know of. */
  readonly told: number;
  readonly others: number;
}

const none: Count = { own: 0, told: 0, others: 0 };

export interface SharedLimiter extends Limiter {
  /** What was counted here in that minute and no other node knows of. */
  readonly news: (minute: number) => Counts;
  /** Takes in what all nodes have counted in that minute, with those of our news that are in it now. */
  readonly hear: (minute: number, sums: Counts, told?: Counts) => void;
}

/** As `createLimiter`, for several nodes: each judges at once by its own count and by what it last heard of the others. */
export const createSharedLimiter = (needs: {
  readonly limit: number;
  /** The count from which a key is told of. Where keys are many it is high, so that the ordinary one costs nothing. */
  readonly tellFrom: number;
  readonly now: () => number;
}): SharedLimiter => {
  const { limit } = needs;
  let minute = Number.NaN;
  let counts = new Map<string, Count>();

  const turn = (): void => {
    const now = Math.floor(needs.now() / WINDOW);
    if (now === minute) return;
    minute = now;
    counts = new Map();
  };
  const countOf = (key: string): number => {
    turn();
    const { own, others } = counts.get(key) ?? none;
    return own + others;
  };
  // Memory is bounded: when a flood of keys fills the minute, new ones are not counted until it ends.
  const keep = (key: string, count: Count): void => {
    if (counts.has(key) || counts.size < MAX_KEYS) counts.set(key, count);
  };
  const reset = (): number => Math.max(1, Math.ceil(((minute + 1) * WINDOW - needs.now()) / 1000));
  const judge = (count: number): number => (count > limit ? reset() : 0);

  return {
    limit,
    take: (key) => {
      const count = countOf(key) + 1;
      const known = counts.get(key) ?? none;
      keep(key, { ...known, own: known.own + 1 });
      return judge(count);
    },
    wait: (key) => judge(countOf(key) + 1),
    left: (key) => ({ remaining: Math.max(0, limit - countOf(key)), reset: reset() }),
    news: (asked) => {
      turn();
      const news = new Map<string, number>();
      if (asked !== minute) return news;
      for (const [key, { own, told }] of counts) {
        if (own > told && own >= needs.tellFrom && news.size < MAX_TOLD) news.set(key, own - told);
      }
      return news;
    },
    hear: (asked, sums, news = new Map()) => {
      turn();
      if (asked !== minute) return;
      for (const [key, sum] of sums) {
        const { own, told: before } = counts.get(key) ?? none;
        const told = before + (news.get(key) ?? 0);
        keep(key, { own, told, others: Math.max(0, sum - told) });
      }
    },
  };
};

/** What all nodes have counted, by limiter and key. */
export interface Board {
  /** Adds; says what the sums are now, for the same keys. */
  readonly add: (minute: number, counts: ReadonlyMap<string, Counts>) => Promise<ReadonlyMap<string, Counts>>;
  /** The greatest sums of each limiter, so many at most. */
  readonly list: (minute: number, most: number) => Promise<ReadonlyMap<string, Counts>>;
}

/**
 * Tells the other nodes what was counted here since the last time, then hears of them: also of keys that nobody has used here yet. One
 * at a time; what a failed one has not told is told by the next.
 */
export const exchangeCounts = async (limiters: ReadonlyMap<string, SharedLimiter>, board: Board, now: number): Promise<void> => {
  const minute = Math.floor(now / WINDOW);
  const news = new Map([...limiters].map(([name, limiter]) => [name, limiter.news(minute)] as const));
  if ([...news.values()].some(({ size }) => size > 0)) {
    for (const [name, sums] of await board.add(minute, news)) limiters.get(name)?.hear(minute, sums, news.get(name));
  }
  for (const [name, sums] of await board.list(minute, MAX_TOLD)) limiters.get(name)?.hear(minute, sums);
};
