import { Problem } from '../http/problem.ts';
import { type ApiKeyNeeds, makeApiKey } from './api-key.ts';
import type { AdminStorage, ApiKey } from './store.ts';

const codeFact = 'setup_code';
const doneFact = 'set_up_at';

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

/** Spends the setup code for an operator's key. */
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
  const hash = needs.hashSetupCode(input.code.trim());
  await needs.storage.serverTransaction(async (store) => {
    if (!(await store.takeFact(codeFact, hash))) {
      throw new Problem(
        403,
        'setup_code_wrong',
        'The setup code is not valid.',
        'It can be used once. Take the newest one from the screen of the server, or have it make a new one.',
      );
    }
    await store.saveFact(doneFact, new Date(needs.now()).toISOString());
    await store.insertOperatorKey(made.key);
    await store.appendAuditEvent({
      actor: 'operator',
      ...from,
      action: 'server.set_up',
      outcome: 'success',
      reason: '',
      subject: `api-key:${made.key.id}`,
      details: { hint: made.key.hint },
    });
  });
  return made;
};
