import { foldUserName, readDisplayName } from '@latchkey/directory';
import { nameTaken, newAdministrator } from './new-administrator.ts';
import { validateNewPassword } from './password.ts';
import { createSession } from './session.ts';
import { actOfAdministrator, attemptNames, type From, type SignInNeeds } from './sign-in.ts';
import type { AdministratorsServerPort } from './store.ts';

export interface SetUpNeeds extends SignInNeeds {
  readonly newId: (prefix: string) => string;
  /** Spends a setup or reset code, inside a transaction; says which audit event that is. Throws a Problem if it is none. */
  readonly spendSetupCode: (
    store: Pick<AdministratorsServerPort, 'findFact' | 'saveFact' | 'takeFact'>,
    code: string,
  ) => Promise<'server.set_up' | 'server.reset'>;
}

/**
 * Whoever runs the server and reads its code makes themselves an operator, who is signed in: the code was shown to nobody else. The second
 * factor is asked for at the next sign-in, or set up before.
 *
 * @throws Problem
 */
export const setUpOperator = async (
  needs: SetUpNeeds,
  from: From,
  input: { readonly code: string; readonly userName: string; readonly displayName: string; readonly password: string },
): Promise<{ readonly token: string }> => {
  const { userName, userNameKey } = foldUserName(input.userName.trim());
  const displayName = readDisplayName(input.displayName) || userName;
  validateNewPassword(input.password, userNameKey);
  const attempt = await needs.attempts.begin(attemptNames(needs, from));
  const password = await needs.passwords.hash(input.password);
  const administrator = newAdministrator(needs, {
    organizationId: null,
    userName,
    userNameKey,
    displayName,
    roleId: 'full',
    password,
  });
  const { session, token } = createSession(needs, administrator, 'signed_in', from);
  await needs.storage.serverTransaction(async (store) => {
    const action = await needs.spendSetupCode(store, input.code);
    if (!(await store.insertAdministrator(administrator))) throw nameTaken();
    await store.insertAdministratorSession(session);
    await store.changeAdministrator(administrator.id, { lastSignedInAt: needs.now() });
    await store.appendAuditEvent(actOfAdministrator(administrator, from, action, { userName }));
  });
  await needs.attempts.undo(attempt);
  return { token };
};
