import { type CompiledSettings, compile } from '@latchkey/settings';
import { Problem } from '../http/problem.ts';
import type { SettingsPort } from './store.ts';

type Reads = Pick<SettingsPort, 'findActiveVersion' | 'findActiveVersionNumber' | 'listProvedDomains'>;

interface Entry {
  readonly version: number;
  readonly domains: string;
  readonly compiled: CompiledSettings;
  /** When the store was last seen to agree. */
  readonly confirmedAt: number;
}

/** Milliseconds for which what is in memory is used without asking: design §3, all nodes follow within 2 s. */
const trustedFor = 1_000;
/** Milliseconds after which a node that cannot ask refuses (design §3). */
const usableFor = 5_000;

export interface ActiveSettings {
  /**
   * The compiled active settings; undefined if nothing was ever activated.
   *
   * @throws Problem 503 if the store could not confirm them for 5 s.
   */
  readonly activeSettings: (organizationId: string) => Promise<CompiledSettings | undefined>;
  /** Reads them anew at the next question: something was activated here. */
  readonly forget: (organizationId: string) => void;
}

/**
 * Keeps the compiled active settings in memory. They are confirmed on demand: whoever asks more than a second after the last
 * confirmation waits for one look at the version and the proved domains, so an idle organization costs nothing.
 */
export const loadActiveSettings = (needs: {
  readonly storage: { readonly organization: (id: string) => { readonly read: Reads } };
  /** Milliseconds that never jump. */
  readonly monotonicNow: () => number;
}): ActiveSettings => {
  const entries = new Map<string, Entry>();
  const running = new Map<string, Promise<CompiledSettings | undefined>>();

  const confirm = async (organizationId: string, known: Entry | undefined): Promise<Entry | undefined> => {
    const { read } = needs.storage.organization(organizationId);
    // Taken before the question: what is answered was true then or later.
    const confirmedAt = needs.monotonicNow();
    const number = await read.findActiveVersionNumber();
    if (number === undefined) return undefined;
    const provedDomains = await read.listProvedDomains();
    const domains = provedDomains.join(' ');
    if (known !== undefined && known.version === number && known.domains === domains) return { ...known, confirmedAt };
    const version = await read.findActiveVersion();
    return version && { version: version.version, domains, compiled: compile(version.document, { provedDomains }), confirmedAt };
  };

  const ask = (organizationId: string, known: Entry | undefined): Promise<CompiledSettings | undefined> => {
    const asked = running.get(organizationId);
    if (asked !== undefined) return asked;
    const answer: Promise<CompiledSettings | undefined> = confirm(organizationId, known)
      .then(
        (entry) => {
          // Not if it was forgotten while the store was asked: the answer may be the one before.
          if (running.get(organizationId) === answer) {
            if (entry === undefined) entries.delete(organizationId);
            else entries.set(organizationId, entry);
          }
          return entry?.compiled;
        },
        (cause: unknown) => {
          if (known !== undefined && needs.monotonicNow() - known.confirmedAt < usableFor) return known.compiled;
          throw new Problem(503, 'unavailable', 'The service cannot answer now: try again later.', undefined, { cause });
        },
      )
      .finally(() => {
        if (running.get(organizationId) === answer) running.delete(organizationId);
      });
    running.set(organizationId, answer);
    return answer;
  };

  return {
    activeSettings: async (organizationId) => {
      const known = entries.get(organizationId);
      if (known !== undefined && needs.monotonicNow() - known.confirmedAt < trustedFor) return known.compiled;
      return ask(organizationId, known);
    },
    forget: (organizationId) => {
      entries.delete(organizationId);
      running.delete(organizationId);
    },
  };
};
