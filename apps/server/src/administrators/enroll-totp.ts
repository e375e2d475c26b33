import { Problem } from '../http/problem.ts';
import { createRecoveryCodes } from './recovery-codes.ts';
import { totpContext } from './second-factor.ts';
import type { Resumed, SessionNeeds } from './session.ts';
import { actOfAdministrator, checkEnrollment, completeSignIn, type From } from './sign-in.ts';
import { holderOf } from './store.ts';
import { base32, findTotpStep, TOTP_SECRET_OCTETS, totpUri } from './totp.ts';

export interface EnrollTotpNeeds extends SessionNeeds {
  readonly origin: string;
  readonly seal: (context: string, plain: Buffer) => string;
  readonly unseal: (context: string, sealed: string) => Buffer;
  readonly randomOctets: (length: number) => Buffer;
  readonly hashRecoveryCode: (code: string) => string;
}

/** A new secret for an authenticator app. The session keeps it until its first code has come. */
export const beginTotp = async (
  needs: EnrollTotpNeeds,
  { session, administrator }: Resumed,
): Promise<{ secret: string; uri: string }> => {
  const secret = needs.randomOctets(TOTP_SECRET_OCTETS);
  const pendingTotp = needs.seal(totpContext(administrator.id), secret);
  await holderOf(needs.storage, session.organizationId).transaction((store) =>
    store.changeAdministratorSession(session.id, { pendingTotp }),
  );
  // The host tells apart what an app lists: people look after more than one server.
  return { secret: base32(secret), uri: totpUri(secret, `Latchkey ${new URL(needs.origin).host}`, administrator.userName) };
};

/** The app has the secret: it is a second factor from now on. The session gets a new id. */
export const confirmTotp = async (
  needs: EnrollTotpNeeds,
  from: From,
  resumed: Resumed,
  code: string,
): Promise<{ recoveryCodes: string[]; token: string }> => {
  const { session, administrator } = resumed;
  const { pendingTotp: totp } = session;
  if (totp === null) {
    throw new Problem(409, 'totp_not_begun', 'No authenticator app is being set up.', 'Begin with POST /api/v1/console/totp.');
  }
  const step = findTotpStep(needs.unseal(totpContext(administrator.id), totp), code, needs.now());
  if (step === undefined) {
    throw new Problem(
      400,
      'totp_code_wrong',
      'That is not the code of this moment.',
      'Take the code that the app shows now, and check that the clock of your device is right.',
    );
  }
  const { codes, hashes } = createRecoveryCodes(needs, administrator.id);
  const token = await holderOf(needs.storage, session.organizationId).transaction(async (store) => {
    await checkEnrollment(store, resumed);
    await store.changeAdministrator(administrator.id, { totp, recoveryCodes: hashes });
    await store.takeTotpStep(administrator.id, step);
    await store.appendAuditEvent(actOfAdministrator(administrator, from, 'administrator.totp_added'));
    return completeSignIn(needs, store, from, resumed, 'totp');
  });
  return { recoveryCodes: codes, token };
};
