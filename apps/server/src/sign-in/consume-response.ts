import type { SignInAnswer } from '@latchkey/contract';
import { type Device, DeviceError, type DeviceErrorCode, refusalOfState } from '@latchkey/device';
import { DirectoryError, foldUserName, newUser, readDisplayName, type User } from '@latchkey/directory';
import {
  type Assertion,
  checkResponse,
  type Digest,
  parsePaosResponse,
  type VerificationKey,
  type XmlReader,
} from '@latchkey/saml';
import { type CompiledSettings, type Vouching, vouching } from '@latchkey/settings';
import { DEVICE_IDP, idpEntityId, spAcsUrl, spEntityId } from './addresses.ts';
import { judgeUser } from './judge-user.ts';
import type { RequestIds } from './request-id.ts';
import type { Session } from './session.ts';
import type { Caller, SignInStorage, SignInStore } from './store.ts';

export interface ConsumeResponseNeeds {
  readonly origin: string;
  readonly storage: SignInStorage;
  readonly activeSettings: (organizationId: string) => Promise<CompiledSettings | undefined>;
  readonly organizationKeys: (organizationId: string) => Promise<{ readonly idpVerify: readonly VerificationKey[] }>;
  readonly requestIds: RequestIds;
  readonly read: XmlReader;
  readonly digest: Digest;
  readonly newId: (prefix: string) => string;
  readonly now: () => number;
  readonly skewSeconds: number;
}

const REPLAY_MILLISECONDS = 10 * 60 * 1000;

/** Why the device IdP may not vouch for a domain, as the device is told. */
const refusals: Readonly<Record<Extract<Vouching, { kind: 'may_not' }>['reason'], DeviceErrorCode>> = {
  domain_unknown: 'domain_not_proved',
  idp_disabled: 'idp_disabled',
  not_activated: 'not_activated',
  another_idp: 'external_idp',
};

const attributeOf = (assertion: Assertion, name: string): string | undefined =>
  assertion.attributes.find((attribute) => attribute.name === name)?.values[0];

const displayNameOf = (assertion: Assertion, userName: string): string => {
  try {
    return readDisplayName(attributeOf(assertion, 'displayName') ?? userName);
  } catch (error) {
    if (error instanceof DirectoryError) return userName;
    throw error;
  }
};

/** The account of a verified assertion: known, or made now (JIT), or a refusal. */
const accountOf = async (
  needs: ConsumeResponseNeeds,
  store: SignInStore,
  {
    device,
    bound,
    assertion,
    autoProvisioning,
    caller,
  }: {
    readonly device: Device;
    readonly bound: User | undefined;
    readonly assertion: Assertion;
    readonly autoProvisioning: boolean;
    readonly caller: Caller;
  },
): Promise<User> => {
  const verdict = await judgeUser(store, device, bound, autoProvisioning);
  if (verdict.kind === 'known') return verdict.user;
  if (verdict.kind === 'refused') throw new DeviceError(verdict.code, `user ${device.userName}`);
  const now = needs.now();
  const user = newUser({
    id: needs.newId('usr'),
    userName: device.userName,
    displayName: displayNameOf(assertion, device.userName),
    state: 'active',
    source: `jit:${DEVICE_IDP}`,
    createdAt: now,
    updatedAt: now,
  });
  if (!(await store.insertUser(user))) throw new DeviceError('unavailable', `user ${device.userName} was made meanwhile`);
  await store.appendAuditEvent({
    actor: `device:${device.id}`,
    action: 'user.created',
    outcome: 'success',
    reason: '',
    subject: `user:${user.id}`,
    remoteAddress: caller.remoteAddress,
    correlationId: caller.correlationId,
    details: { after: user, assertion: assertion.id },
  });
  return user;
};

/**
 * Our own SP's assertion consumer service for the device IdP (saml-profiles §4.2.3.5). Verifies once and reads only what was
 * verified, by the settings active now. Throws `SamlError` or `DeviceError`; what was refused after the assertion was proven and
 * new is audited first.
 */
export const consumeResponse = async (
  needs: ConsumeResponseNeeds,
  post: Caller & { readonly organizationId: string; readonly organizationActive: boolean; readonly text: string },
): Promise<SignInAnswer> => {
  const { organizationId, remoteAddress, correlationId } = post;
  const { response } = parsePaosResponse(post.text, needs.read);
  const [{ idpVerify }, settings] = await Promise.all([
    needs.organizationKeys(organizationId),
    needs.activeSettings(organizationId),
  ]);
  const { responseId, inResponseTo, assertion } = checkResponse({
    element: response,
    idp: {
      entityId: idpEntityId(needs.origin, organizationId),
      keys: idpVerify,
      wantResponseSigned: false,
      wantAssertionSigned: true,
    },
    sp: {
      entityId: spEntityId(needs.origin, organizationId, DEVICE_IDP),
      acsUrl: spAcsUrl(needs.origin, organizationId, DEVICE_IDP),
    },
    isExpectedRequest: (id) => needs.requestIds.isOpen(id, organizationId, DEVICE_IDP),
    now: new Date(needs.now()),
    skewSeconds: needs.skewSeconds,
    digest: needs.digest,
  });
  const name = foldUserName(assertion.subject.value);
  const verdict = vouching(settings, DEVICE_IDP, name.domain);
  const deviceId = attributeOf(assertion, 'deviceId') ?? '';
  const actor = `device:${deviceId}`;
  const messages = { request: inResponseTo, response: responseId, assertion: assertion.id };

  const outcome = await needs.storage.organization(organizationId).transaction(async (store) => {
    const until = needs.now() + REPLAY_MILLISECONDS;
    const [areNew, device, bound] = await Promise.all([
      store.useAllOnce([
        { kind: 'assertion', value: assertion.id, expiresAt: until },
        { kind: 'response', value: responseId, expiresAt: until },
        { kind: 'request', value: `sp ${DEVICE_IDP} ${inResponseTo}`, expiresAt: until },
      ]),
      store.findDevice(deviceId),
      store.findDeviceUser(deviceId),
    ]);
    // A repetition rolls everything back.
    if (areNew.includes(false)) throw new DeviceError('response_refused', 'response, assertion or request was used before');
    try {
      if (!post.organizationActive) throw new DeviceError('organization_suspended', organizationId);
      // Settings are compiled for the proved domains alone: a domain that was lost has no route.
      if (settings === undefined || verdict.kind === 'may_not') {
        const reason = verdict.kind === 'may_not' ? verdict.reason : 'not_activated';
        throw new DeviceError(refusals[reason], `domain ${name.domain}`);
      }
      if (device === undefined) throw new DeviceError('device_unknown', `device ${deviceId}`);
      const code = refusalOfState(device.state);
      if (code !== undefined) throw new DeviceError(code, `device ${device.id} is ${device.state}`);
      if (device.userName !== name.userName && foldUserName(device.userName).userNameKey !== name.userNameKey) {
        throw new DeviceError('user_change', `device ${device.id} belongs to somebody else`);
      }
      const { autoProvisioning } = verdict.idp;
      const user = await accountOf(needs, store, { device, bound, assertion, autoProvisioning, caller: post });
      if (device.userId === undefined) await store.saveDeviceUser(device.id, user.id);
      const now = needs.now();
      const atMost = now + settings.authenticationProfile.deviceSessionSeconds * 1000;
      const session: Session = {
        id: needs.newId('ses'),
        deviceId: device.id,
        userId: user.id,
        idp: DEVICE_IDP,
        assertionId: assertion.id,
        sessionIndex: assertion.authnStatement.sessionIndex ?? '',
        createdAt: now,
        // saml-core §2.7.2: the IdP says how long at most.
        expiresAt: Math.min(assertion.authnStatement.sessionNotOnOrAfter?.getTime() ?? atMost, atMost),
        endedAt: undefined,
      };
      await store.insertSession(session);
      await store.appendAuditEvent({
        actor,
        action: 'sign_in.accepted',
        outcome: 'success',
        reason: '',
        subject: `user:${user.id}`,
        remoteAddress,
        correlationId,
        details: { ...messages, session: session.id, device: device.id, userName: user.userName, idp: DEVICE_IDP },
      });
      return { kind: 'accepted', session, user, device } as const;
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      await store.appendAuditEvent({
        actor,
        action: 'sign_in.refused',
        outcome: 'refused',
        reason: error.code,
        subject: actor,
        remoteAddress,
        correlationId,
        details: { ...messages, why: error.detail, userName: name.userName, idp: DEVICE_IDP },
      });
      return { kind: 'refused', error } as const;
    }
  });
  if (outcome.kind === 'refused') throw outcome.error;
  const { session, user, device } = outcome;
  return {
    session: { id: session.id, expiresAt: new Date(session.expiresAt).toISOString() },
    user: { id: user.id, userName: user.userName },
    device: { id: device.id, jkt: device.jkt, userName: device.userName, evidence: device.evidence, state: device.state },
  };
};
