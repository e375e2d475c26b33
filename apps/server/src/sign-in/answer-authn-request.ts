import {
  adoptJoinState,
  type CheckedProof,
  checkProof,
  type Device,
  DeviceError,
  type DeviceErrorCode,
  deviceErrorTexts,
  type EvidenceLevel,
  type JoinState,
  type JoinStateVerdict,
  judgeJoinState,
  meetsEvidence,
  nextJoinState,
  PROOF_TYPE,
  readJws,
  refusalOfState,
  verifyJws,
} from '@latchkey/device';
import { DirectoryError, foldUserName } from '@latchkey/directory';
import {
  authnContextClasses,
  type CheckedAuthnRequest,
  checkAuthnRequest,
  type Digest,
  nameIDFormats,
  parseSoapRequest,
  type RegisteredServiceProvider,
  readAuthnRequestIssuer,
  SamlError,
  type SigningKey,
  satisfiesAuthnContext,
  statusCodes,
  writeEcpResponse,
  writeResponse,
  type XmlReader,
} from '@latchkey/saml';
import { type CompiledSettings, type Route, route } from '@latchkey/settings';
import { idpEntityId, idpSsoUrl } from './addresses.ts';
import { writeAssertionFor } from './issue-assertion.ts';
import { judgeUser, type UserVerdict } from './judge-user.ts';
import { messageId } from './message-id.ts';
import { countBadProof, quarantine } from './quarantine.ts';
import type { Caller, SignInStorage, SignInStore } from './store.ts';

/** A service provider as the organization registered it; its own one is built in. */
export interface KnownServiceProvider extends RegisteredServiceProvider {
  /** '' for the organization's own. */
  readonly applicationId: string;
  readonly enabled: boolean;
  readonly minEvidence: EvidenceLevel;
  /** Other people's software gets RSA and no more than it asks for. */
  readonly foreign: boolean;
}

export interface AnswerAuthnRequestNeeds {
  readonly origin: string;
  readonly storage: SignInStorage;
  readonly activeSettings: (organizationId: string) => Promise<CompiledSettings | undefined>;
  readonly organizationKeys: (organizationId: string) => Promise<{ readonly idpEc: SigningKey; readonly idpRsa: SigningKey }>;
  readonly findServiceProvider: (organizationId: string, entityId: string) => Promise<KnownServiceProvider | undefined>;
  /** The imported key a device enrolled. */
  readonly deviceKey: (
    deviceId: string,
  ) => Promise<{ readonly organizationId: string; readonly verify: (text: string, signature: string) => boolean } | undefined>;
  readonly readNonce: (nonce: string, organizationId: string, deviceId: string) => number | undefined;
  readonly read: XmlReader;
  readonly digest: Digest;
  readonly mac: (purpose: string, text: string) => string;
  readonly newId: (prefix: string) => string;
  readonly randomId: () => string;
  readonly now: () => number;
  readonly skewSeconds: number;
  /** Proven sign-ins of one device and of one user. */
  readonly deviceSignIns: { readonly take: (key: string) => number; readonly wait: (key: string) => number };
  readonly userSignIns: { readonly take: (key: string) => number; readonly wait: (key: string) => number };
}

/** What the agent posted. */
export interface PostedRequest extends Caller {
  readonly organizationId: string;
  readonly organizationActive: boolean;
  readonly text: string;
  /** base64url SHA-256 of the posted octets. */
  readonly digest: string;
  readonly deviceId: string | undefined;
  readonly proof: string | undefined;
}

export type SignInAnswer =
  | { readonly kind: 'asserted'; readonly envelope: string; readonly deviceId: string; readonly joinState: JoinState }
  | {
      readonly kind: 'refused';
      readonly envelope: string;
      /** What it was; for log and metrics. */
      readonly error: DeviceError;
      /** What the agent is told. */
      readonly code: DeviceErrorCode;
      /** The device has proven itself, so the refusal is audited. */
      readonly proven: boolean;
      readonly retryAfter?: number;
    };

/** device-binding §6: the replay cache outlives every message by far. */
const REPLAY_MILLISECONDS = 10 * 60 * 1000;

/** What steps 5 to 11 look at, all of it from this moment. */
interface Facts {
  readonly asked: CheckedAuthnRequest;
  readonly sp: KnownServiceProvider;
  readonly organizationActive: boolean;
  readonly route: Route;
  readonly proof: CheckedProof;
  readonly userNameKey: string;
  readonly requestIsNew: boolean;
  readonly jtiIsNew: boolean;
  readonly device: Device;
  readonly joinState: JoinStateVerdict;
  readonly user: UserVerdict;
  /** By the settings; nothing is asserted without any. */
  readonly sessionSeconds: number;
}

const proofFits = ({ proof }: Facts) => proof.mismatch?.code;

const requestIsNew = ({ requestIsNew: isNew }: Facts) => (isNew ? undefined : 'request_replayed');

const organizationIsActive = (facts: Facts) => (facts.organizationActive ? undefined : 'organization_suspended');

const domainIsRoutedToDevices = ({ route: target }: Facts) => {
  if (target.kind === 'device') return undefined;
  if (target.kind === 'external') return 'external_idp';
  return target.reason === 'domain_unknown' ? 'domain_not_proved' : target.reason;
};

/** Who is signed out signs in again. */
const deviceMaySignIn = ({ device }: Facts) => refusalOfState(device.state, ['unregistered']);

const evidenceIsEnough = ({ device, sp, asked }: Facts) =>
  meetsEvidence(device.evidence, sp.minEvidence) &&
  satisfiesAuthnContext(asked.request.requestedAuthnContext, authnContextClasses[device.evidence])
    ? undefined
    : 'evidence_too_low';

const proofIsNew = ({ jtiIsNew }: Facts) => (jtiIsNew ? undefined : 'proof_replayed');

const joinStateIsHeld = ({ joinState }: Facts) => (joinState === 'clone_suspected' ? 'clone_suspected' : undefined);

const userIsBound = ({ device, userNameKey }: Facts) =>
  foldUserName(device.userName).userNameKey === userNameKey ? undefined : 'user_change';

/** saml-core §3.4.1.4: if the request names somebody, the answer is about nobody else. A name that only we could resolve is nobody. */
const subjectIsTheUser = ({ asked, userNameKey }: Facts) => {
  const { subject } = asked.request;
  if (subject === undefined || (readable.includes(subject.format) && isNameOf(subject.value, userNameKey))) return undefined;
  return 'user_change';
};
const readable: readonly (string | undefined)[] = [undefined, nameIDFormats.unspecified, nameIDFormats.emailAddress];

const isNameOf = (name: string, userNameKey: string): boolean => {
  try {
    return foldUserName(name).userNameKey === userNameKey;
  } catch (error) {
    if (error instanceof DirectoryError) return false;
    throw error;
  }
};

const userIsActive = ({ user }: Facts) => (user.kind === 'refused' ? user.code : undefined);

/** device-binding §5 from step 5 on, in its order: the first that refuses decides. */
const steps: readonly ((facts: Facts) => DeviceErrorCode | undefined)[] = [
  proofFits, //                 8, first: nothing else the device says counts if it speaks of another sign-in
  requestIsNew, //              5
  organizationIsActive, //      6
  domainIsRoutedToDevices, //   6
  deviceMaySignIn, //           7
  evidenceIsEnough, //          7
  proofIsNew, //                8
  joinStateIsHeld, //           9
  userIsBound, //              10
  subjectIsTheUser, //         10
  userIsActive, //             11
];

/**
 * The device IdP's answer to an AuthnRequest that an agent posted, with the checks of device-binding §5. Throws `SamlError` while
 * there is no verified request to answer (steps 1 to 4) and `DeviceError('use_dpop_nonce')` when the proof needs a fresh nonce;
 * nothing is kept then. Every other refusal is a Response with its status.
 */
export const answerAuthnRequest = async (needs: AnswerAuthnRequestNeeds, post: PostedRequest): Promise<SignInAnswer> => {
  const element = parseSoapRequest(post.text, needs.read); //                           1
  const sp = await registeredServiceProvider(needs, post, readAuthnRequestIssuer(element)); // 2
  const asked = checkAuthnRequest({
    element,
    receivedBy: { binding: 'soap' },
    sp,
    idp: {
      entityId: idpEntityId(needs.origin, post.organizationId),
      ssoUrl: idpSsoUrl(needs.origin, post.organizationId),
    },
    now: new Date(needs.now()),
    skewSeconds: needs.skewSeconds,
    digest: needs.digest,
  }); //                                                                                3, 4
  let proven: ProvenRequest;
  try {
    proven = await readProof(needs, post, sp, asked); //                                8
  } catch (error) {
    if (!(error instanceof DeviceError) || error.code === 'use_dpop_nonce') throw error;
    if (error.code === 'proof_signature' && post.deviceId !== undefined) await countBadProof(needs, post, post.deviceId);
    return refusal(needs, post, asked, { error, proven: false });
  }
  const wait = limitOf(needs, proven); //                                              13
  if (wait > 0) {
    const error = new DeviceError('rate_limited', `again in ${wait} s`);
    return refusal(needs, post, asked, { error, proven: false, retryAfter: wait });
  }
  return decideSignIn(needs, post, sp, asked, proven); //                      5 to 11, 14, 15
};

const registeredServiceProvider = async (
  needs: AnswerAuthnRequestNeeds,
  { organizationId }: PostedRequest,
  issuer: string,
): Promise<KnownServiceProvider> => {
  const sp = await needs.findServiceProvider(organizationId, issuer);
  if (sp === undefined) throw new SamlError('issuer_unknown', 'no such service provider is registered here');
  if (!sp.enabled) throw new SamlError('issuer_unknown', 'this service provider is switched off');
  return sp;
};

interface ProvenRequest {
  readonly proof: CheckedProof;
  readonly nonceUntil: number;
  readonly userNameKey: string;
  readonly domain: string;
}

/** Step 8, as far as it needs no store: the key is the one that was enrolled, whatever the message says. */
const readProof = async (
  needs: AnswerAuthnRequestNeeds,
  post: PostedRequest,
  sp: KnownServiceProvider,
  { request, assertionConsumerService }: CheckedAuthnRequest,
): Promise<ProvenRequest> => {
  const { deviceId } = post;
  if (deviceId === undefined) throw new DeviceError('proof_malformed', 'the header Latchkey-Device is missing');
  const key = await needs.deviceKey(deviceId);
  if (key === undefined || key.organizationId !== post.organizationId) {
    throw new DeviceError('device_unknown', 'no device of this organization has this id');
  }
  if (post.proof === undefined) throw new DeviceError('proof_malformed', 'the header Latchkey-Proof is missing');
  const proof = checkProof(verifyJws(readJws(post.proof), PROOF_TYPE, key), {
    audience: idpEntityId(needs.origin, post.organizationId),
    digest: post.digest,
    origin: sp.foreign ? new URL(assertionConsumerService.location).origin : needs.origin,
    responseConsumerURL: assertionConsumerService.location,
    deviceId,
    ...(request.claim === undefined || sp.foreign ? {} : { claim: request.claim }),
  });
  const nonceUntil = needs.readNonce(proof.nonce, post.organizationId, deviceId);
  if (nonceUntil === undefined) throw new DeviceError('use_dpop_nonce', 'nonce is not ours for this device, or too old');
  try {
    const { userNameKey, domain } = foldUserName(proof.userName);
    return { proof, nonceUntil, userNameKey, domain };
  } catch (error) {
    if (error instanceof DirectoryError) throw new DeviceError('user_name_invalid', error.message);
    throw error;
  }
};

/** Looked at first so that a device in a loop writes nothing; counted when a fresh proof was decided. */
const limitOf = (needs: AnswerAuthnRequestNeeds, { proof, userNameKey }: ProvenRequest): number =>
  Math.max(needs.deviceSignIns.wait(proof.deviceId), needs.userSignIns.wait(userNameKey));

/** Steps 5 to 11 on the facts of one transaction; then 14, the Response, and 15, the audit, committed before the answer leaves. */
const decideSignIn = async (
  needs: AnswerAuthnRequestNeeds,
  post: PostedRequest,
  sp: KnownServiceProvider,
  asked: CheckedAuthnRequest,
  proven: ProvenRequest,
): Promise<SignInAnswer> => {
  const { organizationId } = post;
  const { proof, nonceUntil, userNameKey, domain } = proven;
  const [settings, keys] = await Promise.all([needs.activeSettings(organizationId), needs.organizationKeys(organizationId)]);
  // Settings are compiled for the proved domains alone: a domain that was lost has no route.
  const target = route(settings, domain);

  const answer = await needs.storage.organization(organizationId).transaction(async (store): Promise<SignInAnswer> => {
    const until = needs.now() + REPLAY_MILLISECONDS;
    const [[nonceIsNew, requestIsNew, jtiIsNew], found, bound] = await Promise.all([
      store.useAllOnce([
        { kind: 'nonce', value: proof.nonce, expiresAt: nonceUntil },
        { kind: 'request', value: `idp ${sp.entityId} ${asked.request.id}`, expiresAt: until },
        { kind: 'jti', value: `${proof.deviceId} ${proof.jti}`, expiresAt: until },
      ]),
      store.findDevice(proof.deviceId),
      store.findDeviceUser(proof.deviceId),
    ]);
    if (!nonceIsNew) throw new DeviceError('use_dpop_nonce', 'nonce was used before');
    if (found === undefined) throw new DeviceError('device_unknown', `device ${proof.deviceId}`);
    const device = adoptJoinState(found, proof.joinState);
    const facts: Facts = {
      asked,
      sp,
      organizationActive: post.organizationActive,
      route: target,
      proof,
      userNameKey,
      requestIsNew,
      jtiIsNew,
      device,
      joinState: judgeJoinState(device, proof.joinState),
      user: await judgeUser(store, device, bound, target.kind === 'device' && target.idp.autoProvisioning),
      sessionSeconds: settings?.authenticationProfile.deviceSessionSeconds ?? 0,
    };
    for (const step of steps) {
      const code = step(facts);
      if (code !== undefined) return refuse(needs, post, store, facts, code);
    }
    return assert(needs, post, store, facts, sp.foreign ? keys.idpRsa : keys.idpEc);
  });
  if (answer.kind === 'asserted' || answer.proven) {
    needs.deviceSignIns.take(proof.deviceId);
    needs.userSignIns.take(userNameKey);
  }
  return answer;
};

/** What every audit event of a sign-in says. */
const about = ({ asked, sp, proof, device }: Facts, post: PostedRequest) => ({
  actor: `device:${device.id}`,
  subject: `device:${device.id}`,
  remoteAddress: post.remoteAddress,
  correlationId: post.correlationId,
  details: { request: asked.request.id, sp: sp.entityId, userName: proof.userName, jti: proof.jti },
});

const refuse = async (
  needs: AnswerAuthnRequestNeeds,
  post: PostedRequest,
  store: SignInStore,
  facts: Facts,
  code: DeviceErrorCode,
): Promise<SignInAnswer> => {
  // The device has signed for a fresh nonce: whatever is decided of it now is audited.
  const error = new DeviceError(code, facts.proof.mismatch?.detail ?? `device ${facts.device.id}`);
  const event = about(facts, post);
  await store.appendAuditEvent({
    ...event,
    action: 'sign_in.refused',
    outcome: 'refused',
    reason: code,
    details: { ...event.details, presented: facts.proof.joinState },
  });
  if (code === 'clone_suspected') await quarantine(needs, store, facts.device, post, 'clone_suspected');
  return refusal(needs, post, facts.asked, { error, proven: true });
};

const assert = async (
  needs: AnswerAuthnRequestNeeds,
  post: PostedRequest,
  store: SignInStore,
  facts: Facts,
  key: SigningKey,
): Promise<SignInAnswer> => {
  const { asked, sp, device, proof } = facts;
  const at = needs.now();
  // The steps have let nothing else through.
  if (facts.joinState === 'clone_suspected') throw new TypeError('a suspected clone must have been refused');
  const { joinState, previousJoinId } = nextJoinState(device, facts.joinState, needs.randomId());
  if (device.state === 'unregistered') {
    await store.changeDeviceState(device.id, 'unregistered', { state: 'registered', reason: 'signed_in', at });
  }
  await store.saveSignIn(device.id, { joinState, previousJoinId, remoteAddress: post.remoteAddress, lastSeenAt: at });
  const { response, assertionId, sessionIndex, responseId } = writeAssertionFor(needs, {
    organizationId: post.organizationId,
    asked,
    sp,
    device,
    user: facts.user.kind === 'known' ? facts.user.user : undefined,
    key,
    sessionSeconds: facts.sessionSeconds,
  });
  const event = about(facts, post);
  await store.appendAuditEvent({
    ...event,
    action: 'sign_in.asserted',
    outcome: 'success',
    reason: '',
    details: {
      ...event.details,
      response: responseId,
      assertion: assertionId,
      sessionIndex,
      evidence: device.evidence,
      counter: joinState.counter,
      lostReply: facts.joinState === 'lost_reply',
      changed: changedMarks(device, proof),
    },
  });
  return {
    kind: 'asserted',
    envelope: writeEcpResponse({ response, assertionConsumerServiceURL: asked.assertionConsumerService.location }),
    deviceId: device.id,
    joinState,
  };
};

/** device-binding §5.12: what a machine cannot change is said in the audit when it does. */
const changedMarks = (device: Device, proof: CheckedProof): readonly string[] =>
  ['serial', 'machineId', 'osName'].filter((name) => {
    const [enrolled, given] = [device.parameters[name], proof.parameters[name]];
    return enrolled !== undefined && given !== undefined && enrolled !== given;
  });

/** saml-core §3.2.2.2 for the codes that are not plain AuthnFailed. */
const subCodes: Readonly<Partial<Record<DeviceErrorCode, string>>> = {
  evidence_too_low: statusCodes.noAuthnContext,
  organization_suspended: statusCodes.requestDenied,
  domain_not_proved: statusCodes.requestDenied,
  idp_disabled: statusCodes.requestDenied,
  not_activated: statusCodes.requestDenied,
  external_idp: statusCodes.requestDenied,
  rate_limited: statusCodes.requestDenied,
  user_unknown: statusCodes.unknownPrincipal,
};

/** A Response that says no. Signature, audience and replay failures look alike from outside. */
const refusal = (
  needs: AnswerAuthnRequestNeeds,
  post: PostedRequest,
  { request, assertionConsumerService }: CheckedAuthnRequest,
  outcome: { readonly error: DeviceError; readonly proven: boolean; readonly retryAfter?: number },
): SignInAnswer => {
  const inner = outcome.error.code;
  const code = inner.startsWith('proof_') || inner === 'request_replayed' ? 'request_refused' : inner;
  const response = writeResponse(
    {
      id: messageId(needs),
      issueInstant: new Date(needs.now()),
      issuer: idpEntityId(needs.origin, post.organizationId),
      inResponseTo: request.id,
      destination: assertionConsumerService.location,
      status: {
        code: statusCodes.responder,
        subCode: subCodes[code] ?? statusCodes.authnFailed,
        message: deviceErrorTexts[code],
      },
    },
    { digest: needs.digest },
  );
  const envelope = writeEcpResponse({ response, assertionConsumerServiceURL: assertionConsumerService.location });
  return { kind: 'refused', envelope, code, ...outcome };
};
