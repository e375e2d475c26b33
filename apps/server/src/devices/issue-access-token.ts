import type { AccessTokenAnswer } from '@latchkey/contract';
import { DeviceError, type DeviceErrorCode, meetsEvidence, type PublicJwk, refusalOfState } from '@latchkey/device';
import { type CompiledSettings, sessionEnd } from '@latchkey/settings';
import type { ProvenCall } from './authenticate-device.ts';
import { decide } from './decide.ts';
import type { Caller, DeviceStorage } from './store.ts';

/** device-binding §6. */
const TOKEN_SECONDS = 300;

export interface TokenKey {
  readonly publicJwk: PublicJwk;
  readonly kid: string;
  readonly sign: (text: string) => string;
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');

const refuse = (code: DeviceErrorCode, detail: string): DeviceError => new DeviceError(code, detail);

/**
 * RFC 9068 access token for one application, bound to the device's key (RFC 9449 §6), or a bearer token where the application lets these
 * in: a bound token must never be taken as one (RFC 9449 §7.2). Everything it rests on is looked up now.
 */
export const issueAccessToken = async (
  needs: {
    readonly origin: string;
    readonly storage: DeviceStorage;
    readonly activeSettings: (organizationId: string) => Promise<CompiledSettings | undefined>;
    readonly organizationKeys: (organizationId: string) => Promise<{ readonly token: TokenKey }>;
    readonly newId: (prefix: string) => string;
    readonly now: () => number;
  },
  input: Caller & {
    readonly call: ProvenCall;
    readonly session: string;
    readonly application: string;
    readonly tokenType: 'DPoP' | 'Bearer';
  },
): Promise<AccessTokenAnswer> => {
  const { call, remoteAddress, correlationId } = input;
  const [organization, settings, { token: key }] = await Promise.all([
    needs.storage.server.findOrganization(call.organizationId),
    needs.activeSettings(call.organizationId),
    needs.organizationKeys(call.organizationId),
  ]);
  const actor = `device:${call.deviceId}`;
  const about = { actor, remoteAddress, correlationId };
  return decide(needs.storage.organization(call.organizationId), {
    prove: call.spend,
    work: async (store) => {
      if (organization?.state !== 'active') throw refuse('organization_suspended', call.organizationId);
      const now = needs.now();
      const device = await store.findDevice(call.deviceId);
      if (device === undefined) throw refuse('device_unknown', call.deviceId);
      const code = refusalOfState(device.state);
      if (code !== undefined) throw refuse(code, `device ${device.id} is ${device.state}`);
      const session = await store.findSession(input.session);
      if (session === undefined || session.deviceId !== device.id) throw refuse('session_unknown', `session ${input.session}`);
      const end = sessionEnd(settings, session);
      if (session.endedAt !== undefined || now >= end) throw refuse('session_ended', `session ${session.id}`);
      const user = await store.findUser(session.userId);
      if (user?.state !== 'active') throw refuse('user_disabled', `user ${session.userId}`);
      const application = await store.findApplicationByIdentifier(input.application);
      if (application === undefined) throw refuse('application_unknown', `application ${input.application}`);
      if (!application.enabled) throw refuse('application_disabled', `application ${application.id}`);
      if (!meetsEvidence(device.evidence, application.minEvidence)) {
        throw refuse('evidence_too_low', `${device.evidence} where ${application.minEvidence} is asked for`);
      }
      if (input.tokenType === 'Bearer' && !application.allowBearer) {
        throw refuse('bearer_refused', `application ${application.id}`);
      }
      const jti = needs.newId('atk');
      const iat = Math.floor(now / 1000);
      // No token outlives its session.
      const exp = Math.min(iat + TOKEN_SECONDS, Math.floor(end / 1000));
      const signingInput = [
        { typ: 'at+jwt', alg: 'ES256', kid: key.kid },
        {
          iss: `${needs.origin}/oidc/${call.organizationId}`,
          sub: user.id,
          aud: application.identifier,
          iat,
          exp,
          jti,
          // RFC 9068 §2.2 asks for one; the client is the device.
          client_id: device.id,
          ...(input.tokenType === 'DPoP' ? { cnf: { jkt: device.jkt } } : {}),
          sid: session.id,
          preferred_username: user.userName,
          device_id: device.id,
          evidence: device.evidence,
        },
      ]
        .map(base64url)
        .join('.');
      const answer = {
        access_token: `${signingInput}.${key.sign(signingInput)}`,
        token_type: input.tokenType,
        expires_in: exp - iat,
      };
      await store.appendAuditEvent({
        ...about,
        action: 'access_token.issued',
        outcome: 'success',
        reason: '',
        subject: `application:${application.id}`,
        details: {
          token: jti,
          session: session.id,
          userId: user.id,
          audience: application.identifier,
          tokenType: input.tokenType,
        },
      });
      return answer;
    },
    refused: (error) => ({
      ...about,
      action: 'access_token.refused',
      outcome: 'refused',
      reason: error.code,
      subject: actor,
      details: { why: error.detail, session: input.session.slice(0, 64), audience: input.application.slice(0, 256) },
    }),
  });
};
