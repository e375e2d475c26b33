import { DirectoryError, foldUserName } from '@latchkey/directory';
import { Problem } from '../http/problem.ts';
import type { AttemptLimit, AttemptName } from './limit-attempts.ts';
import type { Passwords } from './password.ts';
import type { ShownFactor } from './second-factor.ts';
import { createSession, type Resumed, type SessionNeeds } from './session.ts';
import { type Administrator, type AdministratorsPort, holderOf } from './store.ts';

/** Where a request comes from, for the audit. */
export interface From {
  readonly remoteAddress: string;
  readonly correlationId: string;
}

export interface SignInNeeds extends SessionNeeds {
  readonly passwords: Passwords;
  readonly attempts: AttemptLimit;
  /** Keyed hash of a folded user name: what is counted by must not be a list of names. */
  readonly hashName: (userNameKey: string) => string;
  /** Who is behind an address. */
  readonly peerOf: (address: string) => string;
  /** Tells of a refusal that nobody is known for. */
  readonly sample: (code: string, details: Readonly<Record<string, unknown>>) => void;
}

/** What failed attempts are counted by: an account, if one is named, and the address. */
export const attemptNames = (
  needs: Pick<SignInNeeds, 'hashName' | 'peerOf'>,
  from: From,
  userNameKey?: string,
): readonly AttemptName[] => [
  ...(userNameKey === undefined ? [] : [`account:${needs.hashName(userNameKey)}` as const]),
  `address:${needs.peerOf(from.remoteAddress)}`,
];

/** An audit event of an administrator's own act. */
export const actOfAdministrator = (
  administrator: Pick<Administrator, 'id'>,
  from: From,
  action: string,
  details: Readonly<Record<string, unknown>> = {},
  refusal = '',
) =>
  ({
    actor: `administrator:${administrator.id}`,
    ...from,
    action,
    outcome: refusal === '' ? 'success' : 'refused',
    reason: refusal,
    subject: `administrator:${administrator.id}`,
    details,
  }) as const;

const signInRefused = (): Problem =>
  new Problem(401, 'sign_in_refused', 'The user name or the password is not right.', 'Check both, and whether Caps Lock is on.');

/** To somebody who is signed in already, and stays so. */
export const passwordWrong = (): Problem =>
  new Problem(403, 'password_wrong', 'The password is not right.', 'Check it, and whether Caps Lock is on.');

/** How a name that is none of a user's folds: not at all, and nobody has it. */
const keyOf = (userName: string): string => {
  try {
    return foldUserName(userName).userNameKey;
  } catch (error) {
    if (error instanceof DirectoryError) return userName.slice(0, 200).toLowerCase();
    throw error;
  }
};

/**
 * Judges a password, and counts the attempt. That there is no such account, that it is disabled and that the password is wrong look
 * alike, and take as long.
 *
 * @throws Problem
 */
export const checkPassword = async (
  needs: SignInNeeds,
  from: From,
  userNameKey: string,
  password: string,
  action: string,
  refusal: () => Problem,
): Promise<Administrator> => {
  const attempt = await needs.attempts.begin(attemptNames(needs, from, userNameKey));
  const administrator = await needs.storage.server.findAdministratorByName(userNameKey);
  const right = await needs.passwords.verify(password, administrator?.password);
  if (administrator === undefined) {
    needs.sample('administrator_unknown', { ...from });
    // Takes as long as the audit event of somebody who is known, but strangers cannot fill the disk with it.
    await needs.storage.serverTransaction((store) => store.saveFact('administrator_unknown_at', String(needs.now())));
    throw refusal();
  }
  const reason = !right ? 'password_wrong' : administrator.state === 'active' ? '' : 'administrator_disabled';
  if (reason !== '') {
    await holderOf(needs.storage, administrator.organizationId).transaction((store) =>
      store.appendAuditEvent(actOfAdministrator(administrator, from, action, {}, reason)),
    );
    throw refusal();
  }
  await needs.attempts.undo(attempt);
  return administrator;
};

/**
 * The first step: user name and password.
 *
 * @throws Problem
 */
export const signIn = async (
  needs: SignInNeeds,
  from: From,
  input: { readonly userName: string; readonly password: string },
): Promise<{ readonly token: string }> => {
  const administrator = await checkPassword(
    needs,
    from,
    keyOf(input.userName),
    input.password,
    'administrator.sign_in',
    signInRefused,
  );
  if (administrator.organizationId !== null) {
    const organization = await needs.storage.server.findOrganization(administrator.organizationId);
    if (organization?.state !== 'active') {
      throw new Problem(403, 'organization_suspended', 'This organization is suspended.', 'Ask the operator of this server.');
    }
  }
  // Costs rise over the years; this is the moment at which the password is known.
  const password = needs.passwords.isOld(administrator.password) ? await needs.passwords.hash(input.password) : undefined;
  const token = await holderOf(needs.storage, administrator.organizationId).transaction(async (store) => {
    const passkeys = await store.listPasskeys([administrator.id]);
    const enrolled = administrator.totp !== null || passkeys.length > 0;
    const made = createSession(needs, administrator, enrolled ? 'second_factor' : 'second_factor_enrolment', from);
    if (password !== undefined) await store.changeAdministrator(administrator.id, { password });
    await store.insertAdministratorSession(made.session);
    return made.token;
  });
  return { token };
};

/**
 * Inside a transaction: both factors were shown. The session gives way to one with a new id: signed in from now on, or as long as it was
 * to last.
 */
export const completeSignIn = async (
  needs: SessionNeeds,
  store: AdministratorsPort,
  from: From,
  { session, administrator }: Pick<Resumed, 'session' | 'administrator'>,
  factor: string,
): Promise<string> => {
  const before = session.state === 'signed_in' ? session : undefined;
  const made = createSession(needs, administrator, 'signed_in', from, before);
  // Also for two requests at once: one of them goes on.
  if (!(await store.deleteAdministratorSession(session.id))) throw signedOut();
  await store.insertAdministratorSession(made.session);
  if (before === undefined) {
    await store.changeAdministrator(administrator.id, { lastSignedInAt: needs.now() });
    await store.appendAuditEvent(actOfAdministrator(administrator, from, 'administrator.signed_in', { factor }));
  }
  return made.token;
};

/**
 * Inside a transaction, before a second factor is added: a session that has shown the password alone may set up the first one, but not another
 * beside one that was set up meanwhile.
 *
 * @throws Problem
 */
export const checkEnrollment = async (
  store: AdministratorsPort,
  { session, administrator }: Pick<Resumed, 'session' | 'administrator'>,
): Promise<void> => {
  if (session.state === 'signed_in') return;
  const found = await store.findAdministrator(administrator.id);
  const passkeys = await store.listPasskeys([administrator.id]);
  if (found?.totp !== null || passkeys.length > 0) throw signedOut();
};

export const signedOut = (): Problem => new Problem(401, 'signed_out', 'You are signed out.', 'Sign in again.');

/**
 * The second step, or showing once more who one is: `factors` are proven inside one transaction, and `then` runs in it if they are right.
 *
 * @throws Problem
 */
export const proveFactor = async <T>(
  needs: SignInNeeds,
  from: From,
  administrator: Administrator,
  action: string,
  prove: () => Promise<ShownFactor>,
  then: (store: AdministratorsPort, factor: ShownFactor) => Promise<T>,
): Promise<T> => {
  const attempt = await needs.attempts.begin(attemptNames(needs, from, administrator.userNameKey));
  const factor = await prove();
  const result = await holderOf(needs.storage, administrator.organizationId).transaction(async (store) => {
    if (await factor.prove(store)) return { value: await then(store, factor) };
    await store.appendAuditEvent(actOfAdministrator(administrator, from, action, { factor: factor.kind }, 'second_factor_wrong'));
    return undefined;
  });
  if (result === undefined) {
    throw new Problem(
      403,
      'second_factor_wrong',
      'That is not right.',
      'A code works once and for half a minute: take the next one, and check that the clock of your device is right.',
    );
  }
  await needs.attempts.clear(attempt);
  return result.value;
};
