const WINDOW = 60_000;
const MAX_KEYS = 100_000;

/** How a key stands after one more request (the fields of draft-ietf-httpapi-ratelimit-headers). */
export interface RequestCount {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the next window. */
  readonly reset: number;
  readonly allowed: boolean;
}

/** Counts the requests of each API key by the minute, in the memory of this node. */
export const requestCounter = (needs: { readonly limit: number; readonly now: () => number }) => {
  let counts = new Map<string, number>();
  let started = Number.NEGATIVE_INFINITY;
  return (keyId: string): RequestCount => {
    const now = needs.now();
    if (now - started >= WINDOW || now < started) {
      started = now;
      counts = new Map();
    }
    const count = (counts.get(keyId) ?? 0) + 1;
    if (count > 1 || counts.size < MAX_KEYS) counts.set(keyId, count);
    return {
      limit: needs.limit,
      remaining: Math.max(0, needs.limit - count),
      reset: Math.max(1, Math.ceil((started + WINDOW - now) / 1000)),
      allowed: count <= needs.limit,
    };
  };
};
