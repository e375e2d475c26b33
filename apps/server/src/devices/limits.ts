/** Counts events by key in windows of one minute, in the memory of this node. */
export interface Limiter {
  /** Events a window. */
  readonly limit: number;
  /** Counts one event. 0: within the limit; otherwise the seconds until the next window. */
  readonly take: (key: string) => number;
  /** As `take`, without counting. */
  readonly wait: (key: string) => number;
  /** How many more there may be, and the seconds until the next window. */
  readonly left: (key: string) => { readonly remaining: number; readonly reset: number };
}

const WINDOW = 60_000;
const MAX_KEYS = 100_000;

export const createLimiter = (needs: { readonly limit: number; readonly now: () => number }): Limiter => {
  const { limit } = needs;
  let counts = new Map<string, number>();
  let started = Number.NEGATIVE_INFINITY;
  const reset = (): number => Math.max(1, Math.ceil((started + WINDOW - needs.now()) / 1000));
  /** Seconds to wait once the count is over the limit. */
  const judge = (count: number): number => (count > limit ? reset() : 0);
  const turn = (): void => {
    const now = needs.now();
    if (now - started < WINDOW && now >= started) return;
    started = now;
    counts = new Map();
  };
  return {
    limit,
    take: (key) => {
      turn();
      const count = (counts.get(key) ?? 0) + 1;
      // Memory is bounded: when a flood of keys fills the window, new ones are not counted until it ends.
      if (count > 1 || counts.size < MAX_KEYS) counts.set(key, count);
      return judge(count);
    },
    wait: (key) => {
      turn();
      return judge((counts.get(key) ?? 0) + 1);
    },
    left: (key) => {
      turn();
      return { remaining: Math.max(0, limit - (counts.get(key) ?? 0)), reset: reset() };
    },
  };
};

/** Who is behind an address: an IPv6 customer has a whole /64. */
export const peerOf = (address: string): string => {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  return address.split(':').slice(0, 4).join(':');
};

/** Tells of a refusal nobody has proven anything for; says so to the log, a few a minute, so that strangers cannot fill the disk. */
export type Sample = (code: string, details: Readonly<Record<string, unknown>>) => void;

export const createSample = (needs: {
  readonly count: (code: string) => void;
  readonly log: (details: Readonly<Record<string, unknown>>, message: string) => void;
  readonly perMinute: number;
  readonly now: () => number;
}): Sample => {
  const limiter = createLimiter({ limit: needs.perMinute, now: needs.now });
  return (code, details) => {
    needs.count(code);
    if (limiter.take('') === 0) needs.log({ code, ...details }, 'refused');
  };
};
