import type { GatewayStorage } from './store.ts';

/** Remembers what was used once. */
export interface Replays {
  /** What nonces are bound to: a proof counts only where its replay would be noticed. */
  readonly scope: string;
  /** False: it was used before. Throws if that cannot be known. */
  readonly useOnce: (organizationId: string, value: string, until: number) => Promise<boolean>;
}

const MAX_REMEMBERED = 1_000_000;

/** For the one process of a database: proofs are many and short-lived, and after a restart no nonce of before is taken. */
const replaysInMemory = (needs: { readonly scope: string; readonly lifetime: number; readonly now: () => number }): Replays => {
  // Two generations: nothing outlives `lifetime`, so what is older than one whole generation can go.
  let current = new Set<string>();
  let previous = new Set<string>();
  let turned = needs.now();
  return {
    scope: needs.scope,
    useOnce: async (organizationId, value) => {
      if (needs.now() - turned >= needs.lifetime) {
        previous = current;
        current = new Set();
        turned = needs.now();
      }
      const key = `${organizationId} ${value}`;
      if (current.has(key) || previous.has(key)) return false;
      if (current.size >= MAX_REMEMBERED) throw new Error('too many proofs in too short a time to remember them all');
      current.add(key);
      return true;
    },
  };
};

interface Batch {
  readonly proofs: { readonly value: string; readonly until: number }[];
  readonly areNew: Promise<readonly boolean[]>;
}

/** For any number of nodes. What comes while an organization's transaction runs goes into its next one, all together. */
const replaysInStorage = (storage: GatewayStorage): Replays => {
  const waiting = new Map<string, Batch>();
  const running = new Map<string, Promise<unknown>>();

  const openBatch = (organizationId: string): Batch => {
    const proofs: Batch['proofs'] = [];
    const write = (): Promise<readonly boolean[]> => {
      waiting.delete(organizationId);
      const written = storage
        .organization(organizationId)
        .transaction((store) => Promise.all(proofs.map(({ value, until }) => store.useOnce('jti', value, until))));
      const ended: Promise<unknown> = written
        .catch(() => undefined)
        .then(() => {
          if (running.get(organizationId) === ended) running.delete(organizationId);
        });
      running.set(organizationId, ended);
      return written;
    };
    const batch = { proofs, areNew: (running.get(organizationId) ?? Promise.resolve()).then(write) };
    waiting.set(organizationId, batch);
    return batch;
  };

  return {
    scope: '',
    useOnce: async (organizationId, value, until) => {
      const { proofs, areNew } = waiting.get(organizationId) ?? openBatch(organizationId);
      const index = proofs.push({ value, until }) - 1;
      return (await areNew)[index] === true;
    },
  };
};

export const openReplays = (needs: {
  readonly storage: GatewayStorage;
  readonly randomId: () => string;
  /** Milliseconds a nonce lasts at most. */
  readonly lifetime: number;
  readonly now: () => number;
}): Replays =>
  needs.storage.nodes === 'one'
    ? replaysInMemory({ scope: needs.randomId(), lifetime: needs.lifetime, now: needs.now })
    : replaysInStorage(needs.storage);
