import { Problem } from '../http/problem.ts';
import { validateNewPassword } from './password.ts';
import { createRecoveryCodes } from './recovery-codes.ts';
import { createSession, listSignedIn, type Resumed, type SessionNeeds } from './session.ts';
import { actOfAdministrator, checkPassword, type From, passwordWrong, type SignInNeeds } from './sign-in.ts';
import { type Administrator, type AdministratorsPort, holderOf } from './store.ts';

/** Every other session of theirs ends, and this one gets a new id: whoever else was in is out. A password alone has not shown both factors. */
const endOtherSessions = async (
  needs: SessionNeeds,
  store: AdministratorsPort,
  from: From,
  { session, administrator }: Resumed,
): Promise<string> => {
  const made = createSession(needs, administrator, 'signed_in', from, session);
  await store.deleteSessionsOfAdministrator(administrator.id);
  await store.insertAdministratorSession({ ...made.session, reauthenticatedAt: session.reauthenticatedAt });
  return made.token;
};

/** Inside a transaction, before a second factor is taken away: another one must be left. */
const keepOne = async (
  store: AdministratorsPort,
  id: string,
  without: { totp?: boolean; passkey?: string },
): Promise<Administrator> => {
  const administrator = await store.findAdministrator(id);
  const passkeys = (await store.listPasskeys([id])).filter((passkey) => passkey.id !== without.passkey);
  if (administrator === undefined || ((without.totp === true || administrator.totp === null) && passkeys.length === 0)) {
    throw new Problem(
      409,
      'last_second_factor',
      'This is your only second factor.',
      'Add another one first: a second factor is demanded of everybody.',
    );
  }
  return administrator;
};

/** @throws Problem */
export const removeTotp = (needs: SessionNeeds, from: From, resumed: Resumed): Promise<{ readonly token: string }> =>
  holderOf(needs.storage, resumed.session.organizationId).transaction(async (store) => {
    const { id, totp } = await keepOne(store, resumed.administrator.id, { totp: true });
    if (totp === null) throw new Problem(404, 'totp_unknown', 'No authenticator app is set up.');
    await store.changeAdministrator(id, { totp: null });
    await store.appendAuditEvent(actOfAdministrator(resumed.administrator, from, 'administrator.totp_removed'));
    return { token: await endOtherSessions(needs, store, from, resumed) };
  });

/** @throws Problem */
export const removePasskey = (
  needs: SessionNeeds,
  from: From,
  resumed: Resumed,
  passkeyId: string,
): Promise<{ readonly token: string }> =>
  holderOf(needs.storage, resumed.session.organizationId).transaction(async (store) => {
    const { id } = resumed.administrator;
    const passkey = (await store.listPasskeys([id])).find((each) => each.id === passkeyId);
    if (passkey === undefined) throw new Problem(404, 'passkey_unknown', 'There is no such passkey.');
    await keepOne(store, id, { passkey: passkeyId });
    await store.deletePasskey(id, passkeyId);
    await store.appendAuditEvent(
      actOfAdministrator(resumed.administrator, from, 'administrator.passkey_removed', { name: passkey.name }),
    );
    return { token: await endOtherSessions(needs, store, from, resumed) };
  });

/** New recovery codes; those before are worth nothing any more. */
export const renewRecoveryCodes = async (
  needs: SessionNeeds & Parameters<typeof createRecoveryCodes>[0],
  from: From,
  { session, administrator }: Resumed,
): Promise<string[]> => {
  const { codes, hashes } = createRecoveryCodes(needs, administrator.id);
  await holderOf(needs.storage, session.organizationId).transaction(async (store) => {
    await store.changeAdministrator(administrator.id, { recoveryCodes: hashes });
    await store.appendAuditEvent(actOfAdministrator(administrator, from, 'administrator.recovery_codes_renewed'));
  });
  return codes;
};

/** @throws Problem */
export const changePassword = async (
  needs: SignInNeeds,
  from: From,
  resumed: Resumed,
  input: { readonly current: string; readonly new: string },
): Promise<{ readonly token: string }> => {
  const { id, userNameKey } = resumed.administrator;
  const action = 'administrator.password_changed';
  validateNewPassword(input.new, userNameKey);
  await checkPassword(needs, from, userNameKey, input.current, action, passwordWrong);
  const password = await needs.passwords.hash(input.new);
  return holderOf(needs.storage, resumed.session.organizationId).transaction(async (store) => {
    await store.changeAdministrator(id, { password });
    await store.appendAuditEvent(actOfAdministrator(resumed.administrator, from, action));
    return { token: await endOtherSessions(needs, store, from, resumed) };
  });
};

const sessionUnknown = (): Problem =>
  new Problem(404, 'session_unknown', 'There is no such session.', 'It may have ended by itself.');

/** Ends one other session of theirs, or (without an id) every other one. @throws Problem */
export const endOwnSessions = async (
  needs: SessionNeeds,
  from: From,
  { session, administrator }: Resumed,
  sessionId?: string,
): Promise<void> => {
  const others = (await listSignedIn(needs, administrator)).filter(({ id }) => id !== session.id);
  const ending = sessionId === undefined ? others : others.filter(({ id }) => id === sessionId);
  if (sessionId !== undefined && ending.length === 0) throw sessionUnknown();
  await holderOf(needs.storage, session.organizationId).transaction(async (store) => {
    for (const { id, remoteAddress, createdAt } of ending) {
      if (!(await store.deleteAdministratorSession(id))) continue;
      await store.appendAuditEvent(
        actOfAdministrator(administrator, from, 'administrator.session_ended', {
          remoteAddress,
          since: new Date(createdAt).toISOString(),
        }),
      );
    }
  });
};
