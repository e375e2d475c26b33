import { Problem } from '../http/problem.ts';
import { type PasskeyNeeds, type PasskeyResponse, passkeyFactor } from './passkey.ts';
import { totpFactor } from './second-factor.ts';
import type { Resumed } from './session.ts';
import {
  actOfAdministrator,
  checkPassword,
  completeSignIn,
  type From,
  passwordWrong,
  proveFactor,
  type SignInNeeds,
} from './sign-in.ts';
import { type AdministratorsPort, holderOf } from './store.ts';

/**
 * Both factors once more, before something dangerous. The session gets a new id and lasts as long as it was to last. Whoever has no second
 * factor yet (the first operator) shows the password.
 *
 * @throws Problem
 */
export const reauthenticate = async (
  needs: SignInNeeds & PasskeyNeeds & { readonly unseal: (context: string, sealed: string) => Buffer },
  from: From,
  resumed: Resumed,
  input: { readonly password: string; readonly totp?: string | undefined; readonly passkey?: PasskeyResponse | undefined },
): Promise<{ readonly token: string }> => {
  const { administrator } = resumed;
  const action = 'administrator.re_authentication';
  const holder = holderOf(needs.storage, administrator.organizationId);
  const passkeys = await holder.read.listPasskeys([administrator.id]);
  const { totp, passkey } = input;
  const enrolled = administrator.totp !== null || passkeys.length > 0;
  if (enrolled && totp === undefined && passkey === undefined) {
    throw new Problem(
      400,
      'second_factor_needed',
      'Your second factor is needed, too.',
      'Send totp or passkey beside the password.',
    );
  }
  await checkPassword(needs, from, administrator.userNameKey, input.password, action, passwordWrong);
  const complete = async (store: AdministratorsPort, factor: string): Promise<string> => {
    await store.appendAuditEvent(actOfAdministrator(administrator, from, action, { factor }));
    return completeSignIn(needs, store, from, resumed, factor);
  };
  if (!enrolled) return { token: await holder.transaction((store) => complete(store, 'password')) };
  const token = await proveFactor(
    needs,
    from,
    administrator,
    action,
    async () => (passkey === undefined ? totpFactor(needs, administrator, totp ?? '') : passkeyFactor(needs, resumed, passkey)),
    (store, factor) => complete(store, factor.kind),
  );
  return { token };
};
