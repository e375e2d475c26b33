import {
  type AuthenticationResponseJSON,
  type AuthenticatorTransport,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { decodeAttestationObject, isoBase64URL } from '@simplewebauthn/server/helpers';
import { Problem } from '../http/problem.ts';
import { createRecoveryCodes } from './recovery-codes.ts';
import type { ShownFactor } from './second-factor.ts';
import type { Resumed, SessionNeeds } from './session.ts';
import { actOfAdministrator, checkEnrollment, completeSignIn, type From } from './sign-in.ts';
import { holderOf, type Passkey } from './store.ts';

export interface PasskeyNeeds extends SessionNeeds {
  readonly origin: string;
  readonly newId: (prefix: string) => string;
  readonly randomOctets: (length: number) => Buffer;
  readonly hashRecoveryCode: (code: string) => string;
}

/** What the browser has answered, of which the library checks every part. */
export type PasskeyResponse = Readonly<Record<string, unknown>>;

/** WebAuthn §13.4.3: a challenge is used once, and soon. */
const CHALLENGE_MILLISECONDS = 5 * 60_000;

/** ES256 and RS256, which every authenticator has one of (WebAuthn §5.4); as COSE numbers them. */
const supportedAlgorithmIDs = [-7, -257];

/** The origin's host: what a passkey is bound to (WebAuthn §5.1.2). */
const rpIdOf = (origin: string): string => new URL(origin).hostname;

const keepChallenge = async (needs: PasskeyNeeds, { session }: Resumed, challenge: string): Promise<void> => {
  await holderOf(needs.storage, session.organizationId).transaction((store) =>
    store.changeAdministratorSession(session.id, { challenge: `${needs.now() + CHALLENGE_MILLISECONDS} ${challenge}` }),
  );
};

/** Takes the challenge of this session, once. */
const takeChallenge = async (needs: PasskeyNeeds, { session }: Resumed): Promise<string> => {
  const kept = await holderOf(needs.storage, session.organizationId).transaction((store) => store.takeChallenge(session.id));
  const [until = '0', challenge = ''] = kept?.split(' ') ?? [];
  if (challenge === '' || needs.now() >= Number(until)) {
    throw new Problem(
      409,
      'passkey_not_begun',
      'No passkey is asked for now.',
      'Ask for the options first; they hold for five minutes.',
    );
  }
  return challenge;
};

const listOwn = (needs: PasskeyNeeds, { session, administrator }: Resumed): Promise<readonly Passkey[]> =>
  holderOf(needs.storage, session.organizationId).read.listPasskeys([administrator.id]);

const describe = ({ credentialId, transports }: Passkey) => ({
  id: credentialId,
  transports: transports as AuthenticatorTransport[], // as the browser has called them
});

/** What the browser is to make a passkey from. */
export const beginPasskey = async (needs: PasskeyNeeds, resumed: Resumed) => {
  const { administrator } = resumed;
  const options = await generateRegistrationOptions({
    rpName: 'Latchkey',
    rpID: rpIdOf(needs.origin),
    userID: new TextEncoder().encode(administrator.id),
    userName: administrator.userName,
    userDisplayName: administrator.displayName,
    // Who made the authenticator is of no interest: the administrator chooses it.
    attestationType: 'none',
    supportedAlgorithmIDs,
    excludeCredentials: (await listOwn(needs, resumed)).map(describe),
    authenticatorSelection: { residentKey: 'discouraged', userVerification: 'preferred' },
  });
  await keepChallenge(needs, resumed, options.challenge);
  return { ...options };
};

const refused = (cause?: unknown): Problem =>
  new Problem(
    400,
    'passkey_refused',
    'This passkey cannot be used.',
    'Begin again, in the same browser and at the address of this server.',
    {
      cause,
    },
  );

/**
 * An attestation with certificates was not asked for (WebAuthn §5.4.7), and to check one the library would fetch revocation lists
 * from wherever the certificates say.
 */
const validateAttestation = (response: RegistrationResponseJSON): RegistrationResponseJSON => {
  const attestation = decodeAttestationObject(isoBase64URL.toBuffer(response.response.attestationObject));
  const format = attestation.get('fmt');
  if (format !== 'none' && (format !== 'packed' || attestation.get('attStmt').get('x5c') !== undefined)) {
    throw new Error(`An attestation of the format ${format} was not asked for.`);
  }
  return response;
};

/** The browser has made a passkey: it is a second factor from now on. The session gets a new id. */
export const addPasskey = async (
  needs: PasskeyNeeds,
  from: From,
  resumed: Resumed,
  input: { readonly response: PasskeyResponse; readonly name: string },
): Promise<{ passkey: Passkey; recoveryCodes: string[] | undefined; token: string }> => {
  const { administrator } = resumed;
  const expectedChallenge = await takeChallenge(needs, resumed);
  const verified = await (async () => {
    try {
      return await verifyRegistrationResponse({
        response: validateAttestation(input.response as unknown as RegistrationResponseJSON), // the library checks it
        expectedChallenge,
        expectedOrigin: needs.origin,
        expectedRPID: rpIdOf(needs.origin),
        supportedAlgorithmIDs,
        requireUserVerification: false,
      });
    } catch (error) {
      throw refused(error);
    }
  })();
  if (!verified.verified) throw refused();
  const { credential } = verified.registrationInfo;
  const passkey: Passkey = {
    id: needs.newId('pky'),
    administratorId: administrator.id,
    credentialId: credential.id,
    publicKey: isoBase64URL.fromBuffer(credential.publicKey),
    counter: credential.counter,
    transports: credential.transports ?? [],
    name: input.name,
    createdAt: needs.now(),
    lastUsedAt: null,
  };
  const codes = administrator.recoveryCodes.length === 0 ? createRecoveryCodes(needs, administrator.id) : undefined;
  const token = await holderOf(needs.storage, administrator.organizationId).transaction(async (store) => {
    await checkEnrollment(store, resumed);
    if (!(await store.insertPasskey(passkey))) throw refused();
    if (codes !== undefined) await store.changeAdministrator(administrator.id, { recoveryCodes: codes.hashes });
    await store.appendAuditEvent(actOfAdministrator(administrator, from, 'administrator.passkey_added', { name: passkey.name }));
    return completeSignIn(needs, store, from, resumed, 'passkey');
  });
  return { passkey, recoveryCodes: codes?.codes, token };
};

/** What the browser is to ask a passkey for. */
export const beginPasskeyProof = async (needs: PasskeyNeeds, resumed: Resumed) => {
  const passkeys = await listOwn(needs, resumed);
  if (passkeys.length === 0) throw new Problem(409, 'passkey_none', 'You have no passkey here.', 'Take another second factor.');
  const options = await generateAuthenticationOptions({
    rpID: rpIdOf(needs.origin),
    allowCredentials: passkeys.map(describe),
    userVerification: 'preferred',
  });
  await keepChallenge(needs, resumed, options.challenge);
  return { ...options };
};

/** The answer of a passkey. */
export const passkeyFactor = async (needs: PasskeyNeeds, resumed: Resumed, response: PasskeyResponse): Promise<ShownFactor> => {
  const expectedChallenge = await takeChallenge(needs, resumed);
  const passkey = (await listOwn(needs, resumed)).find(({ credentialId }) => credentialId === response.id);
  const counter = await (async (): Promise<number | undefined> => {
    if (passkey === undefined) return undefined;
    try {
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response: response as unknown as AuthenticationResponseJSON, // the library checks it
        expectedChallenge,
        expectedOrigin: needs.origin,
        expectedRPID: rpIdOf(needs.origin),
        // WebAuthn §6.1.1: it also refuses a counter that did not grow, as that of a copied authenticator does not.
        credential: { ...describe(passkey), publicKey: isoBase64URL.toBuffer(passkey.publicKey), counter: passkey.counter },
        requireUserVerification: false,
      });
      return verified ? authenticationInfo.newCounter : undefined;
    } catch {
      return undefined; // it says what in the message was wrong; to the person it is all the same
    }
  })();
  return {
    kind: 'passkey',
    prove: async (store) =>
      passkey !== undefined && counter !== undefined && store.usePasskey(passkey.id, { counter, at: needs.now() }),
  };
};
