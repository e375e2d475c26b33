import type { EnrollmentAnswer } from '@latchkey/contract';
import {
  checkEnrollment,
  type Device,
  DeviceError,
  type DeviceErrorCode,
  type DeviceToken,
  ENROLLMENT_TYPE,
  judgeDeviceToken,
  jwkThumbprint,
  keepCollected,
  type PublicJwk,
  parseDeviceToken,
  parsePublicJwk,
  platformOf,
  readJws,
  refusalOfState,
  verifyJws,
} from '@latchkey/device';
import { DirectoryError, type FoldedUserName, foldUserName } from '@latchkey/directory';
import { type CompiledSettings, route } from '@latchkey/settings';
import { inNetworks } from '../http/network.ts';
import type { Nonces } from './create-nonce.ts';
import { decide } from './decide.ts';
import { describeDevice, describeIdp, KEEPALIVE_AFTER, RENEW_AFTER, RETRY_AFTER } from './describe-device.ts';
import type { Caller, DeviceStorage, DeviceStore } from './store.ts';

export interface EnrollDeviceNeeds {
  readonly origin: string;
  readonly storage: DeviceStorage;
  readonly nonces: Nonces;
  readonly activeSettings: (organizationId: string) => Promise<CompiledSettings | undefined>;
  readonly organizationKeys: (organizationId: string) => Promise<Parameters<typeof describeIdp>[2]>;
  readonly importKey: (jwk: PublicJwk) => { readonly verify: (text: string, signature: string) => boolean };
  /** Keyed hash of a whole device token. */
  readonly hashToken: (token: string) => string;
  readonly equal: (a: string, b: string) => boolean;
  readonly sha256: (text: string) => string;
  readonly newId: (prefix: string) => string;
  readonly randomId: () => string;
  readonly now: () => number;
  /** device-binding §5.12: more than these wait for an administrator. */
  readonly devicesPerUser: number;
}

type Verdict = { readonly state: 'registered' | 'pending'; readonly reason: string };

const importPublicKey = (needs: EnrollDeviceNeeds, jwk: PublicJwk): ReturnType<EnrollDeviceNeeds['importKey']> => {
  try {
    return needs.importKey(jwk);
  } catch (cause) {
    throw new DeviceError('proof_malformed', 'jwk is not a point on P-256', { cause });
  }
};

const readUserName = (userName: string): FoldedUserName => {
  try {
    return foldUserName(userName);
  } catch (error) {
    if (error instanceof DirectoryError) throw new DeviceError('user_name_invalid', error.message);
    throw error;
  }
};

/** Which facts outside the device's own records the decision looks at. */
interface Facts {
  readonly organizationActive: boolean;
  readonly domainProved: boolean;
  readonly settings: CompiledSettings | undefined;
}

/** device-binding §4.5, in order: token, domain, route, user, what was here before, serial number, how many. */
const judge = async (
  needs: EnrollDeviceNeeds,
  store: DeviceStore,
  facts: Facts,
  {
    token,
    user,
    parameters,
    remoteAddress,
  }: { token: DeviceToken; user: FoldedUserName; parameters: Device['parameters']; remoteAddress: string },
): Promise<Verdict> => {
  const refuse = (code: DeviceErrorCode, detail: string): never => {
    throw new DeviceError(code, detail);
  };
  if (!facts.organizationActive) refuse('organization_suspended', 'the operator has suspended this organization');
  const { osName = '' } = parameters;
  const good = judgeDeviceToken(token, {
    domain: user.domain,
    platform: platformOf(osName),
    inNetworks: inNetworks(token.networks, remoteAddress),
    now: needs.now(),
  });
  if (good.kind === 'refused') {
    const what: Readonly<Partial<Record<DeviceErrorCode, string>>> = {
      token_platform: `: this is ${osName === '' ? 'a machine that does not say its operating system' : osName}`,
      token_network: `: this comes from ${remoteAddress}`,
    };
    refuse(good.code, `device token ending in ${token.hint}${what[good.code] ?? ''}`);
  }
  if (!facts.domainProved) refuse('domain_not_proved', `domain ${user.domain}`);
  const target = route(facts.settings, user.domain);
  if (target.kind === 'external') return refuse('external_idp', `people of ${user.domain} sign in at ${target.idp.name}`);
  if (target.kind === 'none') {
    return refuse(target.reason === 'domain_unknown' ? 'domain_not_proved' : target.reason, `domain ${user.domain}`);
  }
  const { hostName = '', machineId = '', serial = '' } = parameters;
  const [account, wasDeleted, former, claimant, devices] = await Promise.all([
    store.findUserByName(user.userNameKey),
    store.wasUserDeleted(user.userNameKey),
    store.findFormerDevice({ hostName, machineId, serial, userName: user.userName }),
    store.findLiveDeviceBySerial(serial),
    store.countUserDevices(user.userName),
  ]);
  if (account?.state === 'disabled') refuse('user_disabled', user.userName);
  if (account === undefined && !target.idp.autoProvisioning) refuse('user_unknown', user.userName);
  if (claimant !== undefined) refuse('serial_claimed', `serial number ${serial}`);
  if (former !== undefined) return { state: 'pending', reason: 'removed_needs_approval' };
  if (wasDeleted) return { state: 'pending', reason: 'user_deleted' };
  if (devices >= needs.devicesPerUser) return { state: 'pending', reason: 'many_devices' };
  return token.enrollment === 'approval'
    ? { state: 'pending', reason: 'approval_required' }
    : { state: 'registered', reason: 'enrolled' };
};

/** The one write transaction of device-binding §4.5; the audit event is committed before the answer leaves. */
export const enrollDevice = async (
  needs: EnrollDeviceNeeds,
  input: Caller & {
    readonly enrollment: string;
    /** Told as soon as it is known who asks, so that also a refusal can carry a nonce for the next try. */
    readonly onHolder?: (organizationId: string, holder: string) => void;
  },
): Promise<EnrollmentAnswer> => {
  const jws = readJws(input.enrollment);
  const publicKey = parsePublicJwk(jws.jwk);
  const jkt = jwkThumbprint(publicKey, needs.sha256);
  const claims = checkEnrollment(verifyJws(jws, ENROLLMENT_TYPE, importPublicKey(needs, publicKey)), {
    audience: needs.origin,
  });
  const secret = parseDeviceToken(claims.token);
  const user = readUserName(claims.userName);
  const unknown = () => new DeviceError('token_unknown', 'no device token of this server fits');
  const organizationId = await needs.storage.server.findDeviceTokenOrganization(secret.lookup);
  if (organizationId === undefined) throw unknown();
  input.onHolder?.(organizationId, jkt);
  const nonceUntil = needs.nonces.read(claims.nonce, organizationId, jkt);
  if (nonceUntil === undefined) throw new DeviceError('use_dpop_nonce', 'nonce is not ours for this key, or too old');

  const [organization, domain, settings, keys] = await Promise.all([
    needs.storage.server.findOrganization(organizationId),
    needs.storage.server.findDomain(user.domain),
    needs.activeSettings(organizationId),
    needs.organizationKeys(organizationId),
  ]);
  const facts: Facts = {
    organizationActive: organization?.state === 'active',
    domainProved: domain?.organizationId === organizationId,
    settings,
  };
  const hash = needs.hashToken(secret.text);
  const collect = settings?.authenticationProfile.collectedParameters;
  // An agent from before there was a choice says more.
  const parameters = keepCollected(claims.parameters, collect);

  const device = await decide(needs.storage.organization(organizationId), {
    // All of them count at the token.
    turn: `device-token ${secret.lookup}`,
    prove: async (store) => {
      const [token, known, nonceIsNew, jtiIsNew] = await Promise.all([
        store.findDeviceToken(secret.lookup),
        store.findDeviceByKey(jkt),
        store.useOnce('nonce', claims.nonce, nonceUntil),
        store.useOnce('jti', `${jkt} ${claims.jti}`, nonceUntil),
      ]);
      if (token === undefined || !needs.equal(token.hash, hash)) throw unknown();
      const fresh = nonceIsNew && jtiIsNew;
      // The same message again is the same question: who lost the answer may repeat it (device-binding §4.5).
      if (!fresh && known === undefined) throw new DeviceError('use_dpop_nonce', 'nonce was used before');
      return { token, known };
    },
    work: async (store, { token, known }) => {
      if (known !== undefined) {
        // The same key may have lost the answer to the enrollment it made.
        const code = refusalOfState(known.state, ['pending', 'unregistered']);
        if (code !== undefined) throw new DeviceError(code, `device ${known.id}`);
        if (foldUserName(known.userName).userNameKey !== user.userNameKey) {
          throw new DeviceError('user_change', `device ${known.id} belongs to somebody else`);
        }
        return known;
      }
      const verdict = await judge(needs, store, facts, {
        token,
        user,
        parameters,
        remoteAddress: input.remoteAddress,
      });
      const now = needs.now();
      if (!(await store.countEnrollment(token.id, now))) {
        throw new DeviceError('token_spent', `device token ending in ${token.hint}`);
      }
      const enrolled: Device = {
        id: needs.newId('dev'),
        jkt,
        publicKey,
        userName: user.userName,
        userId: undefined,
        state: verdict.state,
        stateReason: verdict.reason,
        evidence: 'E0',
        tokenId: token.id,
        parameters,
        joinState: { counter: 0, id: needs.randomId() },
        previousJoinId: '',
        badProofs: 0,
        badProofsSince: 0,
        remoteAddress: input.remoteAddress,
        createdAt: now,
        updatedAt: now,
        lastSeenAt: now,
      };
      // The index has the last word: two devices with one serial number may come at the same moment.
      if (!(await store.insertDevice(enrolled))) {
        throw new DeviceError('serial_claimed', `serial number ${parameters.serial ?? ''}`);
      }
      await store.appendAuditEvent({
        actor: `device:${enrolled.id}`,
        action: 'device.enrolled',
        outcome: 'success',
        reason: '',
        subject: `device:${enrolled.id}`,
        remoteAddress: input.remoteAddress,
        correlationId: input.correlationId,
        details: {
          state: verdict.state,
          why: verdict.reason,
          userName: user.userName,
          tokenId: token.id,
          evidence: enrolled.evidence,
          jkt,
          parameters,
        },
      });
      return enrolled;
    },
    refused: (error, { token, known }) => ({
      actor: known === undefined ? `device-token:${token.id}` : `device:${known.id}`,
      action: 'device.enrollment_refused',
      outcome: 'refused',
      reason: error.code,
      subject: known === undefined ? `device-token:${token.id}` : `device:${known.id}`,
      remoteAddress: input.remoteAddress,
      correlationId: input.correlationId,
      details: { why: error.detail, userName: user.userName, tokenId: token.id, jkt, parameters },
    }),
  });

  const pending = device.state === 'pending';
  return {
    status: pending ? 'pending' : 'registered',
    device: describeDevice(device),
    organization: organizationId,
    ...(!pending && device.joinState.counter === 0 ? { joinState: device.joinState } : {}),
    idp: describeIdp(needs.origin, organizationId, keys),
    renewAfter: RENEW_AFTER,
    keepaliveAfter: KEEPALIVE_AFTER,
    ...(pending ? { retryAfter: RETRY_AFTER } : {}),
    ...(collect === undefined ? {} : { collect: [...collect] }),
  };
};
