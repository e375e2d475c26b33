import { Problem } from '../http/problem.ts';
import { type ApiKeyNeeds, makeApiKey } from './api-key.ts';
import type { AdminServerPort, AdminStorage, ApiKey } from './store.ts';

const codeFact = 'setup_code';
const doneFact = 'set_up_at';
const resetFact = 'last_reset_at';
/** Milliseconds for which a reset code is good. */
const resetFor = 10 * 60_000;

type HashSetupCode = (text: string) => string;

interface CodeNeeds {
  readonly storage: AdminStorage;
  /** Keyed hash, by the master key. */
  readonly hashSetupCode: HashSetupCode;
  readonly randomText: (length: number) => string;
}

/** The code that belongs to a stored seed. It is made by the master key, so that every node shows the same one, and the database knows none. */
const codeOf = (hashSetupCode: HashSetupCode, seed: string): string => `lks_${hashSetupCode(`seed ${seed}`).slice(0, 24)}`;

const newSeed = (needs: CodeNeeds): string => needs.randomText(24);

/** A new one-time setup code; the one before it is worth nothing any more, on any node. Whoever runs the server may ask for it. */
export const resetSetupCode = async (needs: CodeNeeds): Promise<string> => {
  const seed = newSeed(needs);
  await needs.storage.serverTransaction((store) => store.saveFact(codeFact, seed));
  return codeOf(needs.hashSetupCode, seed);
};

/** The setup code of a server nobody has set up yet, the same on every node; undefined if somebody has. */
export const openSetup = async (needs: CodeNeeds): Promise<string | undefined> => {
  const fresh = newSeed(needs);
  const seed = await needs.storage.serverTransaction(async (store) => {
    if ((await store.findFact(doneFact)) !== undefined) return undefined;
    const known = await store.findFact(codeFact);
    if (known === undefined) await store.saveFact(codeFact, fresh);
    return known ?? fresh;
  });
  return seed === undefined ? undefined : codeOf(needs.hashSetupCode, seed);
};

/**
 * A code for whoever runs the server and has lost every operator's key: made with the master key alone, so it needs neither the
 * database nor a restart, and any running node takes it.
 */
export const makeResetCode = (needs: { readonly hashSetupCode: HashSetupCode; readonly now: () => number }): string => {
  const madeAt = String(needs.now());
  return `lkr_${madeAt}_${needs.hashSetupCode(`reset ${madeAt}`)}`;
};

/** When this reset code was made; undefined if it is none of this server. */
const readResetCode = (hashSetupCode: HashSetupCode, code: string): number | undefined => {
  const [, madeAt, hash] = /^lkr_(\d{1,15})_([\w-]+)$/.exec(code) ?? [];
  if (madeAt === undefined || hash === undefined) return undefined;
  // Hashed once more: how long the comparison takes tells nothing.
  return hashSetupCode(hash) === hashSetupCode(hashSetupCode(`reset ${madeAt}`)) ? Number(madeAt) : undefined;
};

/** True, once, for the code of the stored seed. */
const spendCode = async (
  hashSetupCode: HashSetupCode,
  store: Pick<AdminServerPort, 'findFact' | 'takeFact'>,
  code: string,
): Promise<boolean> => {
  const seed = await store.findFact(codeFact);
  // Hashed once more: how long the comparison takes tells nothing.
  if (seed === undefined || hashSetupCode(code) !== hashSetupCode(codeOf(hashSetupCode, seed))) return false;
  return store.takeFact(codeFact, seed);
};

/**
 * Spends the setup code, or a reset code: each makes one operator.
 *
 * @throws Problem
 */
export const spendSetupCode = async (
  needs: Pick<CodeNeeds, 'hashSetupCode'> & { readonly now: () => number },
  store: Pick<AdminServerPort, 'findFact' | 'saveFact' | 'takeFact'>,
  text: string,
): Promise<'server.set_up' | 'server.reset'> => {
  const code = text.trim();
  const madeAt = readResetCode(needs.hashSetupCode, code);
  const now = needs.now();
  // Once: only one made after the last that was spent.
  const resets =
    madeAt !== undefined && Math.abs(now - madeAt) < resetFor && madeAt > Number((await store.findFact(resetFact)) ?? 0);
  if (resets) await store.saveFact(resetFact, String(madeAt));
  else if (!(await spendCode(needs.hashSetupCode, store, code))) {
    throw new Problem(
      403,
      'setup_code_wrong',
      'The setup code is not valid.',
      'It can be used once. Take the newest one from the screen of the server, or have it make a new one (npm start -- --reset-setup).',
    );
  }
  await store.saveFact(doneFact, new Date(now).toISOString());
  return resets ? 'server.reset' : 'server.set_up';
};

/** Spends the setup code, or a reset code, for an operator's key. */
export const setUp = async (
  needs: CodeNeeds & ApiKeyNeeds,
  from: { readonly remoteAddress: string; readonly correlationId: string },
  input: { readonly code: string },
): Promise<{ readonly key: ApiKey; readonly secret: string }> => {
  const made = makeApiKey(needs, {
    organizationId: null,
    description: 'Set up',
    expiresInSeconds: 90 * 86_400,
    scopes: ['all:write'],
  });
  await needs.storage.serverTransaction(async (store) => {
    const action = await spendSetupCode(needs, store, input.code);
    await store.insertOperatorKey(made.key);
    await store.appendAuditEvent({
      actor: 'operator',
      ...from,
      action,
      outcome: 'success',
      reason: '',
      subject: `api-key:${made.key.id}`,
      details: { hint: made.key.hint },
    });
  });
  return made;
};
