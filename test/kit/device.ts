import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { AccessTokenAnswer, EnrollmentAnswer, KeepaliveAnswer, SignInAnswer } from '@latchkey/contract';
import {
  buildDpop,
  buildEnrollment,
  buildProof,
  DPOP_TYPE,
  ENROLLMENT_TYPE,
  formatClaim,
  type JoinState,
  jwkThumbprint,
  PROOF_TYPE,
  type PublicJwk,
  parseDeviceToken,
  signJws,
} from '@latchkey/device';
import { parseEcpResponse, parsePaosRequest, readXml, writePaosResponse } from '@latchkey/saml';

/** One HTTP exchange, whatever carries it: `app.inject()` or a real socket. */
export interface Sent {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}
export interface Received {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}
export type Send = (request: Sent) => Promise<Received>;

interface Injectable {
  inject(options: object): Promise<{ statusCode: number; headers: Record<string, unknown>; body: string }>;
}

/** Sends into a server without a socket. */
export const injecting =
  (app: Injectable, remoteAddress = '192.0.2.1'): Send =>
  async ({ method, url, headers, body }) => {
    const { pathname, search, host } = new URL(url);
    const answer = await app.inject({
      method,
      url: pathname + search,
      headers: { host, ...headers },
      remoteAddress,
      ...(body === undefined ? {} : { payload: body }),
    });
    const lower = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
    return { status: answer.statusCode, headers: lower, body: answer.body };
  };

/** Sends over a real socket. Redirects are not followed. */
export const fetching =
  (): Send =>
  async ({ method, url, headers, body }) => {
    const answer = await fetch(url, { method, headers, redirect: 'manual', ...(body === undefined ? {} : { body }) });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
  };

export interface DeviceKey {
  readonly privateKey: KeyObject;
  readonly jwk: PublicJwk;
  readonly jkt: string;
  readonly sign: (text: string) => string;
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('base64url');

export const createDeviceKey = (privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey): DeviceKey => {
  const { x = '', y = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const jwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y };
  return {
    privateKey,
    jwk,
    jkt: jwkThumbprint(jwk, sha256),
    sign: (text) => sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
  };
};

/** Where an attack may change a message, each with what would be sent or was received. All are optional. */
export interface Tamper {
  /** The payload of the enrollment, before it is signed. */
  readonly enrollment?: (payload: Record<string, unknown>) => object;
  /** The claim of step 1. */
  readonly claim?: (header: string) => string;
  /** What the SP answered, before the agent reads it. */
  readonly paosRequest?: (envelope: string) => string;
  /** The body for the IdP. The proof is made over the changed one. */
  readonly soapRequest?: (envelope: string) => string;
  /** The body for the IdP, after the proof was made. */
  readonly postedRequest?: (envelope: string) => string;
  /** The payload of the proof, before it is signed. */
  readonly proof?: (payload: Record<string, unknown>) => object;
  /** The finished proof. */
  readonly proofJws?: (jws: string) => string;
  /** Headers of the call to the IdP. */
  readonly idpHeaders?: (headers: Record<string, string>) => Record<string, string>;
  /** What the IdP answered, before the agent reads it. */
  readonly ecpResponse?: (envelope: string) => string;
  /** The body for the assertion consumer service. */
  readonly paosResponse?: (envelope: string) => string;
  /** Where the Response goes. */
  readonly consumer?: (url: string) => string;
}

export interface Refused {
  readonly kind: 'refused';
  readonly step: 'enroll' | 'begin' | 'prove' | 'deliver' | 'call';
  readonly status: number;
  /** Of the problem, or of `Latchkey-Error`. */
  readonly code: string;
  readonly title: string;
  readonly correlationId: string;
  readonly received: Received;
}

export interface Begun {
  readonly kind: 'begun';
  readonly paosRequest: string;
  readonly soapRequest: string;
  readonly responseConsumerURL: string;
  readonly relayState: string | undefined;
  readonly nonce: string;
}

export interface Proven {
  readonly kind: 'proven';
  readonly ecpResponse: string;
  readonly paosResponse: string;
  readonly proof: string;
  readonly soapRequest: string;
  readonly joinState: JoinState;
}

export interface SignedIn extends SignInAnswer {
  readonly kind: 'signed_in';
  readonly begun: Begun;
  readonly proven: Proven;
}

const refused = (step: Refused['step'], received: Received): Refused => {
  let problem: { code?: string; title?: string } = {};
  if (received.headers['content-type']?.includes('json') === true) problem = JSON.parse(received.body) as typeof problem; // RFC 9457
  return {
    kind: 'refused',
    step,
    status: received.status,
    code: problem.code ?? received.headers['latchkey-error'] ?? '',
    title: problem.title ?? /<samlp:StatusMessage>([^<]*)/.exec(received.body)?.[1] ?? '',
    correlationId: received.headers['latchkey-correlation'] ?? '',
    received,
  };
};

const uuid = (): string => randomBytes(16).toString('base64url');
/** The device's clock is of no matter: this one stands at 1999. */
const IAT = 915_148_800;

export interface DeviceOptions {
  /** Of the server, as the device knows it. */
  readonly origin: string;
  readonly send: Send;
  readonly key?: DeviceKey;
  readonly parameters?: Readonly<Record<string, string>>;
}

/**
 * A simulated device: what an agent does, without its own checks, so that a test can do what a good agent never would.
 *
 * @example
 * const device = createDevice({ origin, send: injecting(app) });
 * await device.enroll(token, 'j.doe@acme.com');
 * const signedIn = await device.signIn();
 */
export const createDevice = ({ origin, send, key = createDeviceKey(), parameters = {} }: DeviceOptions) => {
  const state = {
    deviceId: '',
    userName: '',
    nonce: '',
    joinState: { counter: 0, id: 'none' } as JoinState,
    idp: { entityId: '', ssoUrl: '', certificates: [] as readonly string[] },
    session: '',
    parameters: { loginName: 'j.doe', hostName: 'laptop', osName: 'Linux', agentVersion: '0.1.0', ...parameters },
  };

  const keep = (received: Received): Received => {
    state.nonce = received.headers['dpop-nonce'] ?? state.nonce;
    return received;
  };

  const post = (url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Received> =>
    send({ method: 'POST', url, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

  /** A fresh nonce for the device. */
  const challenge = async (): Promise<string> => {
    const { body } = await post(`${origin}/agent/v1/challenge`, { device: state.deviceId, jkt: key.jkt });
    state.nonce = (JSON.parse(body) as { nonce: string }).nonce; // the protocol's answer
    return state.nonce;
  };

  const enrollmentMessage = async (token: string, userName: string, tamper: Tamper = {}): Promise<string> => {
    const { lookup } = parseDeviceToken(token);
    const { body } = await post(`${origin}/agent/v1/challenge`, { token: lookup, jkt: key.jkt });
    const { nonce, audience } = JSON.parse(body) as { nonce: string; audience: string }; // the protocol's answer
    const payload = buildEnrollment({
      token,
      userName,
      nonce,
      audience,
      jti: uuid(),
      iat: IAT,
      parameters: state.parameters,
    });
    const changed = tamper.enrollment?.(payload as Record<string, unknown>) ?? payload; // it is an object
    return signJws({ typ: ENROLLMENT_TYPE, jwk: key.jwk }, changed, key);
  };

  const sendEnrollment = async (enrollment: string): Promise<({ kind: 'enrolled' } & EnrollmentAnswer) | Refused> => {
    const received = keep(await post(`${origin}/agent/v1/enroll`, { enrollment }));
    if (received.status !== 200) return refused('enroll', received);
    const answer = JSON.parse(received.body) as EnrollmentAnswer; // the protocol's answer
    state.deviceId = answer.device.id;
    state.userName = answer.device.userName;
    state.idp = answer.idp;
    if (answer.joinState !== undefined) state.joinState = answer.joinState;
    return { kind: 'enrolled', ...answer };
  };

  const enroll = async (token: string, userName: string, tamper: Tamper = {}) =>
    sendEnrollment(await enrollmentMessage(token, userName, tamper));

  /** Steps 1 and 2: asks an SP (ours, unless told otherwise) and reads its AuthnRequest. */
  const begin = async (tamper: Tamper = {}, resource = `${origin}/agent/v1/session`): Promise<Begun | Refused> => {
    const claim = formatClaim({ userName: state.userName, deviceId: state.deviceId, parameters: state.parameters });
    const received = keep(
      await send({
        method: 'GET',
        url: resource,
        headers: {
          accept: 'text/html, application/vnd.paos+xml',
          paos: 'ver="urn:liberty:paos:2003-08";"urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp"',
          ...(resource.startsWith(origin) ? { 'latchkey-claim': tamper.claim?.(claim) ?? claim } : {}),
        },
      }),
    );
    if (received.status !== 200 || received.headers['content-type']?.includes('paos') !== true) return refused('begin', received);
    const paosRequest = tamper.paosRequest?.(received.body) ?? received.body;
    const { message, responseConsumerURL, relayState } = parsePaosRequest(paosRequest, readXml);
    return { kind: 'begun', paosRequest, soapRequest: message, responseConsumerURL, relayState, nonce: state.nonce };
  };

  const proofFor = (begun: Begun, body: string, tamper: Tamper = {}, audience = state.idp.entityId): string => {
    const payload = buildProof({
      digest: sha256(body),
      origin: new URL(begun.responseConsumerURL).origin,
      responseConsumerURL: begun.responseConsumerURL,
      audience,
      nonce: begun.nonce,
      jti: uuid(),
      iat: IAT,
      userName: state.userName,
      deviceId: state.deviceId,
      parameters: state.parameters,
      joinState: state.joinState,
    });
    const changed = tamper.proof?.(payload as Record<string, unknown>) ?? payload; // it is an object
    const jws = signJws({ typ: PROOF_TYPE }, changed, key);
    return tamper.proofJws?.(jws) ?? jws;
  };

  /** Posts to the IdP exactly what it is given. */
  const postToIdp = async (body: string, proof: string, tamper: Tamper = {}): Promise<Received> => {
    const headers = { 'content-type': 'text/xml', 'latchkey-device': state.deviceId, 'latchkey-proof': proof };
    return keep(await send({ method: 'POST', url: state.idp.ssoUrl, headers: tamper.idpHeaders?.(headers) ?? headers, body }));
  };

  /** Step 3: proves to the IdP. `keepJoinState: false` loses the reply. */
  const prove = async (begun: Begun, tamper: Tamper = {}, { keepJoinState = true } = {}): Promise<Proven | Refused> => {
    const soapRequest = tamper.soapRequest?.(begun.soapRequest) ?? begun.soapRequest;
    const proof = proofFor(begun, soapRequest, tamper);
    const received = await postToIdp(tamper.postedRequest?.(soapRequest) ?? soapRequest, proof, tamper);
    const next = received.headers['latchkey-join-state'];
    if (received.status !== 200 || next === undefined) return refused('prove', received);
    const joinState = JSON.parse(next) as JoinState; // the protocol's header
    if (keepJoinState) state.joinState = joinState;
    const ecpResponse = tamper.ecpResponse?.(received.body) ?? received.body;
    const { responseText } = parseEcpResponse(ecpResponse, readXml);
    const { relayState } = begun;
    const paosResponse = writePaosResponse({ response: responseText, ...(relayState === undefined ? {} : { relayState }) });
    return { kind: 'proven', ecpResponse, paosResponse, proof, soapRequest, joinState };
  };

  /** Posts to an assertion consumer service exactly what it is given. */
  const postToConsumer = async (url: string, body: string): Promise<Received> =>
    keep(await send({ method: 'POST', url, headers: { 'content-type': 'application/vnd.paos+xml' }, body }));

  /** Steps 4 and 5. */
  const deliver = async (begun: Begun, proven: Proven, tamper: Tamper = {}): Promise<SignedIn | Refused> => {
    const url = tamper.consumer?.(begun.responseConsumerURL) ?? begun.responseConsumerURL;
    const received = await postToConsumer(url, tamper.paosResponse?.(proven.paosResponse) ?? proven.paosResponse);
    if (received.status !== 200) return refused('deliver', received);
    const answer = JSON.parse(received.body) as SignInAnswer; // the protocol's answer
    state.session = answer.session.id;
    return { kind: 'signed_in', ...answer, begun, proven };
  };

  const signIn = async (tamper: Tamper = {}): Promise<SignedIn | Refused> => {
    const begun = await begin(tamper);
    if (begun.kind === 'refused') return begun;
    const proven = await prove(begun, tamper);
    return proven.kind === 'refused' ? proven : deliver(begun, proven, tamper);
  };

  const dpopFor = (path: string, change: (payload: Record<string, unknown>) => object = (payload) => payload): string =>
    signJws(
      { typ: DPOP_TYPE, jwk: key.jwk },
      // It is an object.
      change(
        buildDpop({ htm: 'POST', htu: origin + path, jti: uuid(), iat: IAT, nonce: state.nonce }) as Record<string, unknown>,
      ),
      key,
    );

  /** A DPoP call of the agent API with a fresh nonce. */
  const call = async <Answer>(path: string, body: unknown, dpop?: string): Promise<({ kind: 'answered' } & Answer) | Refused> => {
    if (dpop === undefined && state.nonce === '') await challenge();
    const proof = dpop ?? dpopFor(path);
    const received = keep(await post(origin + path, body, { dpop: proof, 'latchkey-device': state.deviceId }));
    if (received.status !== 200) return refused('call', received);
    return { kind: 'answered', ...(JSON.parse(received.body) as Answer) }; // the protocol's answer
  };

  return {
    key,
    state,
    challenge,
    enrollmentMessage,
    sendEnrollment,
    enroll,
    begin,
    proofFor,
    postToIdp,
    prove,
    postToConsumer,
    deliver,
    signIn,
    dpopFor,
    call,
    keepalive: async () => {
      const answer = await call<KeepaliveAnswer>('/agent/v1/keepalive', { parameters: state.parameters });
      if (answer.kind === 'answered' && answer.joinState !== undefined) state.joinState = answer.joinState;
      return answer;
    },
    accessToken: (application: string, session = state.session, tokenType?: 'Bearer') =>
      call<AccessTokenAnswer>('/agent/v1/token', { session, application, ...(tokenType === undefined ? {} : { tokenType }) }),
    /** A proof for a request that carries an access token (RFC 9449 §7). */
    proofOf: (
      token: string,
      { method = 'GET', url, nonce }: { readonly method?: string; readonly url: string; readonly nonce: string },
      change: (payload: Record<string, unknown>) => object = (payload) => payload,
    ): string => {
      const payload = buildDpop({ htm: method, htu: url, ath: sha256(token), jti: uuid(), iat: IAT, nonce });
      return signJws({ typ: DPOP_TYPE, jwk: key.jwk }, change(payload as Record<string, unknown>), key); // it is an object
    },
    signOut: () => call<{ status: string }>('/agent/v1/sign-out', {}),
    unenroll: () => call<{ status: string }>('/agent/v1/unenroll', {}),
  };
};

export type SimulatedDevice = ReturnType<typeof createDevice>;
