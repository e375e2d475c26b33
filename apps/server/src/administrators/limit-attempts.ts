import { Problem } from '../http/problem.ts';
import type { AdministratorsServerPort, AdministratorsStorage, SignInFailures } from './store.ts';

/** Failures that cost nothing, and the seconds to wait after the next one; each after that doubles them. */
const rules = {
  // Nobody mistypes more often.
  account: { free: 5, first: 30 },
  // Behind one address may be an office.
  address: { free: 25, first: 30 },
} as const;
const LONGEST_SECONDS = 900;
/** After that nothing is held against a name any more. */
export const FAILURES_FORGOTTEN_AFTER = 24 * 3_600_000;

export type AttemptName = `${keyof typeof rules}:${string}`;

/** What an attempt found, to be put back if it was none that failed. */
export interface Attempt {
  readonly before: ReadonlyMap<AttemptName, SignInFailures | undefined>;
}

const waitOf = (name: AttemptName, found: SignInFailures, now: number): number => {
  const { free, first } = name.startsWith('account:') ? rules.account : rules.address;
  if (found.failures < free) return 0;
  const seconds = Math.min(LONGEST_SECONDS, first * 2 ** Math.min(found.failures - free, 10));
  return Math.max(0, Math.ceil((found.failedAt + seconds * 1000 - now) / 1000));
};

/**
 * Guards passwords and codes against being tried out, by account and by address, over all nodes (the counts are in the database). An attempt
 * is counted as failed before it is judged, so that many at once are no way around it. A name without an account is counted alike:
 * being locked out tells nothing.
 */
export const attemptLimit = (needs: { readonly storage: AdministratorsStorage; readonly now: () => number }) => {
  const change = async (
    attempt: Attempt,
    work: (store: AdministratorsServerPort, name: AttemptName, before: SignInFailures | undefined) => Promise<void>,
  ): Promise<void> =>
    needs.storage.serverTransaction(async (store) => {
      for (const [name, before] of attempt.before) await work(store, name, before);
    });

  /** It was right so far: it does not count. */
  const undo = async (store: AdministratorsServerPort, name: AttemptName, before: SignInFailures | undefined): Promise<void> => {
    const found = await store.findSignInFailures(name);
    if (found === undefined) return;
    const failures = found.failures - 1;
    const alone = failures === (before?.failures ?? 0);
    await store.saveSignInFailures(
      name,
      failures <= 0 ? undefined : { failures, failedAt: alone ? (before?.failedAt ?? found.failedAt) : found.failedAt },
    );
  };

  return {
    /**
     * Counts an attempt under each name.
     *
     * @throws Problem if one of them has to wait; then nothing is counted.
     */
    begin: async (names: readonly AttemptName[]): Promise<Attempt> => {
      const now = needs.now();
      const found = await needs.storage.serverTransaction(async (store) => {
        const before = new Map<AttemptName, SignInFailures | undefined>();
        for (const name of names) {
          const known = await store.findSignInFailures(name);
          before.set(name, known !== undefined && now - known.failedAt < FAILURES_FORGOTTEN_AFTER ? known : undefined);
        }
        const wait = Math.max(0, ...[...before].map(([name, known]) => (known === undefined ? 0 : waitOf(name, known, now))));
        if (wait > 0) return wait;
        for (const [name, known] of before) {
          await store.saveSignInFailures(name, { failures: (known?.failures ?? 0) + 1, failedAt: now });
        }
        return before;
      });
      if (typeof found !== 'number') return { before: found };
      throw new Problem(
        429,
        'too_many_attempts',
        'There were too many failed attempts to sign in.',
        `Try again in ${found} seconds.`,
        { extensions: { retryAfter: found } },
      );
    },

    /** The step was right, and there is another one: what failed before still counts. */
    undo: (attempt: Attempt): Promise<void> => change(attempt, undo),

    /** The person is who they say: the account starts anew; of the address only this attempt is taken back. */
    clear: (attempt: Attempt): Promise<void> =>
      change(attempt, (store, name, before) =>
        name.startsWith('account:') ? store.saveSignInFailures(name, undefined) : undo(store, name, before),
      ),
  };
};
export type AttemptLimit = ReturnType<typeof attemptLimit>;
