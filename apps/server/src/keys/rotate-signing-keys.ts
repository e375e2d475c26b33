import type { SigningKeyPurpose, SigningKeyState } from '@latchkey/contract';
import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import type { SigningKeyChangesPort, SigningKeyStorage, StoredSigningKey } from './store.ts';

interface Rotation {
  readonly storage: SigningKeyStorage;
  readonly now: () => number;
  /** The keys of this organization have changed: this node looks at once, the others within a second. */
  readonly changed: (organizationId: string) => void;
}

const of = (
  keys: readonly StoredSigningKey[],
  purpose: SigningKeyPurpose,
  state: SigningKeyState,
): StoredSigningKey | undefined => keys.find((key) => key.purpose === purpose && key.state === state);

/** Inside a transaction. @throws Problem */
const find = async (store: SigningKeyChangesPort, id: string): Promise<[StoredSigningKey, readonly StoredSigningKey[]]> => {
  const keys = await store.listSigningKeys();
  const key = keys.find((each) => each.id === id);
  if (key === undefined) throw new Problem(404, 'signing_key_unknown', 'There is no such signing key.');
  return [key, keys];
};

const audit = (act: Act, action: string, { id, purpose }: StoredSigningKey, details: Readonly<Record<string, unknown>> = {}) =>
  ({ ...act, action, outcome: 'success', reason: '', subject: `signing-key:${id}`, details: { purpose, ...details } }) as const;

const checkFree = (keys: readonly StoredSigningKey[], purpose: SigningKeyPurpose, state: 'next' | 'retiring'): void => {
  if (of(keys, purpose, state) === undefined) return;
  throw state === 'next'
    ? new Problem(409, 'next_key_exists', 'The next key is published already.', 'Make it the active one, or remove it.')
    : new Problem(
        409,
        'retiring_key_exists',
        'The key before the active one is still published.',
        'Remove it first: nothing that it has signed is accepted any more then.',
      );
};

/**
 * The first step of a rotation: the next key of a purpose. Metadata, key set and devices get to know it; it signs nothing yet.
 *
 * @throws Problem
 */
export const publishSigningKey = async (
  needs: Rotation & { readonly createSigningKey: (purpose: SigningKeyPurpose) => Promise<StoredSigningKey> },
  act: Act,
  { organizationId, purpose }: { readonly organizationId: string; readonly purpose: SigningKeyPurpose },
): Promise<StoredSigningKey> => {
  const { read, transaction } = needs.storage.organization(organizationId);
  checkFree(await read.listSigningKeys(), purpose, 'next');
  // Before the transaction: making an RSA key takes a second.
  const key: StoredSigningKey = { ...(await needs.createSigningKey(purpose)), state: 'next' };
  await transaction(async (store) => {
    checkFree(await store.listSigningKeys(), purpose, 'next');
    await store.insertSigningKeys([key]);
    await store.appendAuditEvent(audit(act, 'signing_key.published', key));
  });
  needs.changed(organizationId);
  return key;
};

/**
 * The second step: from now on this key signs. The one before stays published, so that what it has signed is accepted; and as long as it does
 * the step can be taken back, by activating that one again.
 *
 * @throws Problem
 */
export const activateSigningKey = async (
  needs: Rotation,
  act: Act,
  { organizationId, keyId }: { readonly organizationId: string; readonly keyId: string },
): Promise<StoredSigningKey> => {
  const activated = await needs.storage.organization(organizationId).transaction(async (store) => {
    const [key, keys] = await find(store, keyId);
    if (key.state === 'active') return key;
    const stateSince = needs.now();
    const left = key.state === 'next' ? 'retiring' : 'next';
    checkFree(keys, key.purpose, left);
    const before = of(keys, key.purpose, 'active');
    if (before !== undefined) await store.changeSigningKey(before.id, { state: left, stateSince });
    const after = { ...key, state: 'active', stateSince } as const;
    await store.changeSigningKey(key.id, after);
    await store.appendAuditEvent(audit(act, 'signing_key.activated', key, { before: before?.id ?? null }));
    return after;
  });
  needs.changed(organizationId);
  return activated;
};

/**
 * The last step: a key that does not sign is published no more, and what it has signed is refused.
 *
 * @throws Problem
 */
export const removeSigningKey = async (
  needs: Rotation,
  act: Act,
  { organizationId, keyId }: { readonly organizationId: string; readonly keyId: string },
): Promise<void> => {
  await needs.storage.organization(organizationId).transaction(async (store) => {
    const [key] = await find(store, keyId);
    if (key.state === 'active') {
      throw new Problem(409, 'signing_key_active', 'This key signs.', 'Publish the next one and make it the active one first.');
    }
    await store.deleteSigningKey(key.id);
    await store.appendAuditEvent(audit(act, 'signing_key.removed', key, { state: key.state }));
  });
  needs.changed(organizationId);
};
