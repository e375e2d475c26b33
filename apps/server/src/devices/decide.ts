import type { NewAuditEvent } from '@latchkey/contract';
import { DeviceError } from '@latchkey/device';
import type { DeviceOrganization, DeviceStore } from './store.ts';

/**
 * One decision about a proven device or key in one transaction. What `prove` throws rolls back (nothing is proven, nothing is
 * kept); a refusal that `work` throws is audited and committed first, and only then thrown on.
 */
export const decide = async <P, T>(
  organization: DeviceOrganization,
  steps: {
    /** See `DeviceOrganization`. */
    readonly turn?: string;
    readonly prove: (store: DeviceStore) => Promise<P>;
    readonly work: (store: DeviceStore, proven: P) => Promise<T>;
    readonly refused: (error: DeviceError, proven: P) => NewAuditEvent;
  },
): Promise<T> => {
  const outcome = await organization.transaction(
    async (store) => {
      const proven = await steps.prove(store);
      try {
        return { kind: 'done', value: await steps.work(store, proven) } as const;
      } catch (error) {
        if (!(error instanceof DeviceError)) throw error;
        await store.appendAuditEvent(steps.refused(error, proven));
        return { kind: 'refused', error } as const;
      }
    },
    { turn: steps.turn },
  );
  if (outcome.kind === 'refused') throw outcome.error;
  return outcome.value;
};
