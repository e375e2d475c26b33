import type { HealthView } from '@latchkey/contract';
import type { OverviewStorage } from './store.ts';

/** Each node says now and then that it is at work; who has not for so long is gone. */
const ALIVE = 150_000;
const NODE = 'node:';

/** Says that this node is at work, where there may be several, and forgets those that are gone. */
export const sayAtWork = async (storage: OverviewStorage, nodeId: string, now: number): Promise<void> => {
  if (storage.nodes === 'one') return;
  await storage.serverTransaction(async (store) => {
    await store.saveFact(`${NODE}${nodeId}`, String(now));
    await store.sweepFacts(NODE, String(now - ALIVE));
  });
};

export interface HealthNeeds {
  readonly storage: OverviewStorage;
  readonly version: string;
  /** Rejects unless the store can keep something now. */
  readonly checkStorage: () => Promise<void>;
  /** When the TLS certificate ends that this server shows; missing where a proxy does. */
  readonly tlsCertificateEnd: (() => number) | undefined;
  readonly now: () => number;
}

/** How the server does, for a person. */
export const readHealth = async ({ storage, ...needs }: HealthNeeds): Promise<HealthView> => {
  const now = needs.now();
  const time = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());
  const [takesWrites, nodes, backups] = await Promise.all([
    needs.checkStorage().then(
      () => true,
      () => false,
    ),
    storage.nodes === 'one' ? 1 : storage.server.countFacts(NODE, String(now - ALIVE)),
    storage.server.searchAuditEvents({ action: 'server.backed_up', order: 'newest', limit: 1 }),
  ]);
  return {
    at: new Date(now).toISOString(),
    version: needs.version,
    database: { engine: storage.nodes === 'one' ? 'sqlite' : 'postgresql', takesWrites },
    // This one is, though it may have said nothing yet.
    nodes: Math.max(1, nodes),
    backedUpAt: time(backups.items[0]?.at),
    certificateEndsAt: time(needs.tlsCertificateEnd?.()),
  };
};
