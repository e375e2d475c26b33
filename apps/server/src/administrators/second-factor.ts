import type { SecondFactor } from '@latchkey/contract';
import { hashOfRecoveryCode } from './recovery-codes.ts';
import type { Administrator, AdministratorsPort } from './store.ts';
import { findTotpStep } from './totp.ts';

/** A second factor as it was shown: `prove` says, inside the transaction that uses it up, whether it is right. */
export interface ShownFactor {
  readonly kind: SecondFactor;
  readonly prove: (store: AdministratorsPort) => Promise<boolean>;
}

/** The context that a TOTP secret is encrypted in: moved to another administrator it does not open. */
export const totpContext = (administratorId: string): string => `totp:${administratorId}`;

/** A code of the authenticator app. */
export const totpFactor = (
  needs: { readonly unseal: (context: string, sealed: string) => Buffer; readonly now: () => number },
  { id, totp }: Administrator,
  code: string,
): ShownFactor => {
  const step = totp === null ? undefined : findTotpStep(needs.unseal(totpContext(id), totp), code, needs.now());
  return { kind: 'totp', prove: async (store) => step !== undefined && (await store.takeTotpStep(id, step)) };
};

/** A recovery code, which is gone afterwards. */
export const recoveryCodeFactor = (
  needs: { readonly hashRecoveryCode: (code: string) => string },
  { id }: Administrator,
  code: string,
): ShownFactor => {
  const hash = hashOfRecoveryCode(needs, id, code);
  return {
    kind: 'recovery_code',
    prove: async (store) => {
      const left = (await store.findAdministrator(id))?.recoveryCodes ?? [];
      if (!left.includes(hash)) return false;
      return store.changeAdministrator(id, { recoveryCodes: left.filter((each) => each !== hash) });
    },
  };
};
