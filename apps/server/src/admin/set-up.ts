import { Problem } from '../http/problem.ts';
import { type ApiKeyNeeds, makeApiKey } from './api-key.ts';
import type { AdminStorage, ApiKey } from './store.ts';

const codeFact = 'setup_code';
const doneFact = 'set_up_at';
const resetFact = 'last_reset_at';
/** Milliseconds for which a reset code is good. */
const resetFor = 10 * 60_000;

interface CodeNeeds {
  readonly storage: AdminStorage;
  /** Keyed hash of a setup code. */
  readonly hashSetupCode: (code: string) => string;
  readonly randomText: (length: number) => string;
}

/** A new one-time setup code, shown once; the one before it is worth nothing any more. Whoever runs the server may ask for it. */
export const resetSetupCode = async (needs: CodeNeeds): Promise<string> => {
  const code = `lks_${needs.randomText(24)}`;
  await needs.storage.serverTransaction((store) => store.saveFact(codeFact, needs.hashSetupCode(code)));
  return code;
};

/** A setup code for a server nobody has set up yet; undefined if somebody has. */
export const openSetup = async (needs: CodeNeeds): Promise<string | undefined> =>
  (await needs.storage.server.findFact(doneFact)) === undefined ? resetSetupCode(needs) : undefined;

type HashSetupCode = CodeNeeds['hashSetupCode'];

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
  // What is compared are keyed hashes: how long that takes tells nothing of the code.
  const code = input.code.trim();
  const hash = needs.hashSetupCode(code);
  const madeAt = readResetCode(needs.hashSetupCode, code);
  const now = needs.now();
  await needs.storage.serverTransaction(async (store) => {
    // Once: only one made after the last that was spent.
    const resets =
      madeAt !== undefined && Math.abs(now - madeAt) < resetFor && madeAt > Number((await store.findFact(resetFact)) ?? 0);
    if (resets) await store.saveFact(resetFact, String(madeAt));
    else if (!(await store.takeFact(codeFact, hash))) {
      throw new Problem(
        403,
        'setup_code_wrong',
        'The setup code is not valid.',
        'It can be used once. Take the newest one from the screen of the server, or have it make a new one.',
      );
    }
    await store.saveFact(doneFact, new Date(now).toISOString());
    await store.insertOperatorKey(made.key);
    await store.appendAuditEvent({
      actor: 'operator',
      ...from,
      action: resets ? 'server.reset' : 'server.set_up',
      outcome: 'success',
      reason: '',
      subject: `api-key:${made.key.id}`,
      details: { hint: made.key.hint },
    });
  });
  return made;
};
