/** How a key stands after one more request (the fields of draft-ietf-httpapi-ratelimit-headers). */
export interface RequestCount {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the next window. */
  readonly reset: number;
  readonly allowed: boolean;
}

/** Counts the requests of each API key by the minute. */
export const requestCounter =
  (limiter: {
    readonly limit: number;
    readonly take: (key: string) => number;
    readonly left: (key: string) => Pick<RequestCount, 'remaining' | 'reset'>;
  }) =>
  (keyId: string): RequestCount => {
    const allowed = limiter.take(keyId) === 0;
    return { limit: limiter.limit, allowed, ...limiter.left(keyId) };
  };
