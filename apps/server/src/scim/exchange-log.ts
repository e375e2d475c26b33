import type { ScimExchange, ScimStorage } from './store.ts';

/** What is told of a request that may have changed something. */
export interface ExchangeLog {
  readonly add: (organizationId: string, exchange: ScimExchange) => void;
  readonly used: (organizationId: string, tokenId: string, at: number) => void;
  /** Waits for what was told until now. */
  readonly written: () => Promise<void>;
}

interface Told {
  readonly exchanges: ScimExchange[];
  readonly tokens: Map<string, number>;
}

const mostAtOnce = 200;

/**
 * The sync log is written behind the answers, many entries in one transaction: whoever provisions does not wait for it. What a request
 * has changed is in the audit, written together with the change.
 */
export const openExchangeLog = (needs: {
  readonly storage: ScimStorage;
  readonly failed: (error: unknown) => void;
}): ExchangeLog => {
  let told = new Map<string, Told>();
  let writing: Promise<void> | undefined;

  const writeOut = async (): Promise<void> => {
    while (told.size > 0) {
      const now = told;
      told = new Map();
      for (const [organizationId, { exchanges, tokens }] of now) {
        try {
          for (let at = 0; at < Math.max(exchanges.length, 1); at += mostAtOnce) {
            await needs.storage.organization(organizationId).transaction(async (store) => {
              for (const exchange of exchanges.slice(at, at + mostAtOnce)) await store.insertScimExchange(exchange);
              if (at === 0) for (const [id, used] of tokens) await store.touchScimToken(id, used);
            });
          }
        } catch (error) {
          needs.failed(error);
        }
      }
    }
    writing = undefined;
  };
  const toldOf = (organizationId: string): Told => {
    const known = told.get(organizationId) ?? { exchanges: [], tokens: new Map() };
    told.set(organizationId, known);
    // Not now: what is told in this moment goes along.
    writing ??= Promise.resolve().then(writeOut);
    return known;
  };
  return {
    add: (organizationId, exchange) => {
      toldOf(organizationId).exchanges.push(exchange);
    },
    used: (organizationId, tokenId, at) => {
      toldOf(organizationId).tokens.set(tokenId, at);
    },
    written: async () => {
      while (writing !== undefined) await writing;
    },
  };
};
