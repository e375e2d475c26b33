import { Problem } from '../http/problem.ts';
import type { Administrator } from './store.ts';

/** An account before its first sign-in. */
export const newAdministrator = (
  needs: { readonly newId: (prefix: string) => string; readonly now: () => number },
  input: Pick<Administrator, 'organizationId' | 'userName' | 'userNameKey' | 'displayName' | 'roleId' | 'password'>,
): Administrator => ({
  id: needs.newId('adm'),
  ...input,
  state: 'active',
  totp: null,
  totpStep: 0,
  recoveryCodes: [],
  createdAt: needs.now(),
  lastSignedInAt: null,
});

export const nameTaken = (): Problem =>
  new Problem(
    409,
    'user_name_taken',
    'An administrator of this server has this user name.',
    'Take another one: administrators sign in with nothing but it, so it is one person on the whole server.',
  );
