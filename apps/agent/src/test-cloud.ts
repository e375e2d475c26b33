import { createHash, createPrivateKey, createPublicKey, randomUUID, sign, verify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as plain from 'node:http';
import * as secure from 'node:https';
import {
  checkDpop,
  checkEnrollment,
  checkProof,
  type DeviceErrorCode,
  type DeviceState,
  DPOP_TYPE,
  ENROLLMENT_TYPE,
  type JoinState,
  type JsonObject,
  judgeJoinState,
  jwkThumbprint,
  nextJoinState,
  PROOF_TYPE,
  type PublicJwk,
  parseClaim,
  parsePublicJwk,
  readJws,
  verifyJws,
} from '@latchkey/device';
import {
  bindings,
  type Digest,
  parseAuthnRequest,
  parsePaosResponse,
  parseSoapRequest,
  readXml,
  type SigningKey,
  statusCodes,
  writeAuthnRequest,
  writeEcpResponse,
  writePaosRequest,
  writeResponse,
} from '@latchkey/saml';

/**
 * A cloud and a foreign service provider for the agent's tests, over real sockets, speaking docs/reference/agent-protocol.md with the cores. What
 * it says can be tampered with; the honest parts check what the agent sends as a server would.
 */
const fixture = (name: string): string => readFileSync(new URL(`./fixtures/${name}.pem`, import.meta.url), 'utf8');

export const caFile = new URL('./fixtures/ca-certificate.pem', import.meta.url).pathname;

const digest: Digest = (algorithm, text) => createHash(algorithm).update(text).digest('base64');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

const samlKey = (pem: string): SigningKey => {
  const key = createPrivateKey(pem);
  return {
    algorithm: 'ecdsa-sha256',
    certificate: new X509Certificate(fixture('idp-certificate')).raw.toString('base64'),
    sign: (text) => sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64'),
  };
};
const idpKey = samlKey(fixture('idp-key'));
/** A key that nobody has pinned. */
export const strangeKey = samlKey(fixture('server-key'));

const deviceVerifier = (jwk: PublicJwk) => {
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  return {
    verify: (text: string, signature: string) =>
      verify('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')),
  };
};

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: plain.IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A server on a free port of this machine. */
export interface TestServer {
  readonly origin: string;
  readonly received: readonly Received[];
  readonly close: () => Promise<void>;
}

export const openServer = async (
  answer: (request: Received, origin: string) => Answer | 'cut',
  how: { readonly tls?: boolean } = {},
): Promise<TestServer> => {
  const received: Received[] = [];
  let origin = '';
  const listener: plain.RequestListener = (request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const taken = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      received.push(taken);
      const said = answer(taken, origin);
      if (said === 'cut') request.socket.destroy();
      else reply.writeHead(said.status, said.headers).end(said.body ?? '');
    });
  };
  const server = how.tls
    ? secure.createServer({ key: fixture('server-key'), cert: fixture('server-certificate') }, listener)
    : plain.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a port was expected');
  origin = how.tls ? `https://localhost:${address.port}` : `http://127.0.0.1:${address.port}`;
  return {
    origin,
    received,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};

/** What a hostile or broken server does otherwise; looked at for each request, so that a test can change it on the way. */
export interface Tamper {
  /** Answers instead of the cloud, if it wants to. */
  answer?: (request: Received, origin: string) => Answer | 'cut' | undefined;
  /** Changes an honest answer. */
  change?: (request: Received, answer: Answer) => Answer | 'cut';
  discovery?: JsonObject;
  idp?: Readonly<Record<string, unknown>>;
  enrollment?: 'registered' | 'pending' | DeviceErrorCode;
  refuse?: DeviceErrorCode;
  consumerInRequest?: string;
  consumerInResponse?: string;
  inResponseTo?: string;
  signingKey?: SigningKey;
}

interface TestDevice {
  readonly id: string;
  readonly jwk: PublicJwk;
  readonly userName: string;
  state: DeviceState;
  held: { readonly joinState: JoinState; readonly previousJoinId: string };
}

export interface TestCloud extends TestServer {
  readonly cloudName: string;
  readonly tamper: Tamper;
  readonly devices: readonly TestDevice[];
  /** Assertions that have reached our own assertion consumer service. */
  readonly sessions: readonly string[];
}

const json = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

const problem = (status: number, code: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  json(status, { type: 'about:blank', title: `Refused: ${code}.`, status, code, correlationId: 'cor_test' }, headers);

export const openTestCloud = async (how: { readonly tls?: boolean } = {}): Promise<TestCloud> => {
  const tamper: Tamper = {};
  const devices: TestDevice[] = [];
  const sessions: string[] = [];
  const nonces = new Set<string>();
  const freshNonce = (): Readonly<Record<string, string>> => {
    const nonce = randomUUID();
    nonces.add(nonce);
    return { 'dpop-nonce': nonce, 'latchkey-correlation': `cor_${randomUUID()}` };
  };
  const entityId = (origin: string): string => `${origin}/saml/org_1/idp/metadata`;
  const idpOf = (origin: string) => ({
    entityId: entityId(origin),
    ssoUrl: `${origin}/saml/org_1/idp/sso`,
    certificates: [idpKey.certificate],
    ...tamper.idp,
  });
  const describe = (device: TestDevice, origin: string) => ({
    status: device.state,
    device: {
      id: device.id,
      jkt: jwkThumbprint(device.jwk, sha256),
      userName: device.userName,
      evidence: 'E0',
      state: device.state,
    },
    organization: 'org_1',
    ...(device.state === 'registered' && device.held.joinState.counter === 0 ? { joinState: device.held.joinState } : {}),
    idp: idpOf(origin),
    renewAfter: 900,
    keepaliveAfter: 300,
    ...(device.state === 'pending' ? { retryAfter: 1 } : {}),
  });

  const enroll = (body: string, origin: string): Answer => {
    const jws = readJws(String(JSON.parse(body).enrollment));
    const jwk = parsePublicJwk(jws.jwk);
    const claims = checkEnrollment(verifyJws(jws, ENROLLMENT_TYPE, deviceVerifier(jwk)), { audience: origin });
    if (!nonces.delete(claims.nonce)) return problem(401, 'use_dpop_nonce', freshNonce());
    const verdict = tamper.enrollment ?? 'registered';
    if (verdict !== 'registered' && verdict !== 'pending') return problem(403, verdict);
    const known = devices.find((device) => device.jwk.x === jwk.x);
    const device = known ?? {
      id: `dev_${devices.length + 1}`,
      jwk,
      userName: claims.userName,
      state: verdict,
      held: { joinState: { counter: 0, id: randomUUID() }, previousJoinId: '' },
    };
    if (known === undefined) devices.push(device);
    return json(200, describe(device, origin), freshNonce());
  };

  /** The device that has signed the call, or the answer to a call without a good nonce. */
  const authenticate = ({ headers, method, path }: Received, origin: string): TestDevice | Answer => {
    const device = devices.find(({ id }) => id === headers['latchkey-device']);
    if (device === undefined) return problem(403, 'device_unknown');
    const proof = checkDpop(verifyJws(readJws(String(headers.dpop)), DPOP_TYPE, deviceVerifier(device.jwk)), {
      htm: method,
      htu: origin + path,
    });
    return nonces.delete(proof.nonce) ? device : problem(401, 'use_dpop_nonce', freshNonce());
  };

  const calls: Readonly<Record<string, (device: TestDevice, request: Received, origin: string) => Answer>> = {
    '/agent/v1/keepalive': (device, _request, origin) => {
      if (device.state === 'removal_pending') device.state = 'removed';
      return json(200, describe(device, origin), freshNonce());
    },
    '/agent/v1/token': (_device, { body }) => {
      const { session, application } = JSON.parse(body);
      if (!sessions.includes(session)) return problem(403, 'session_unknown', freshNonce());
      return json(200, { access_token: `at-${application}`, token_type: 'DPoP', expires_in: 300 }, freshNonce());
    },
    '/agent/v1/sign-out': (device) => {
      device.state = 'unregistered';
      sessions.length = 0;
      return json(200, {}, freshNonce());
    },
    '/agent/v1/unenroll': (device) => {
      device.state = 'removed';
      return json(200, {});
    },
  };

  const beginSignIn = ({ headers }: Received, origin: string): Answer => {
    const claim = parseClaim(String(headers['latchkey-claim']));
    const consumer = `${origin}/saml/org_1/sp/device/acs`;
    const authnRequest = writeAuthnRequest(
      {
        id: `_${randomUUID()}`,
        issueInstant: new Date(),
        issuer: `${origin}/saml/org_1/sp/device/metadata`,
        destination: `${origin}/saml/org_1/idp/sso`,
        assertionConsumerServiceURL: consumer,
        protocolBinding: bindings.paos,
        claim,
      },
      { key: idpKey, digest },
    );
    const responseConsumerURL = tamper.consumerInRequest ?? consumer;
    const body = writePaosRequest({
      authnRequest,
      responseConsumerURL,
      issuer: `${origin}/sp`,
      relayState: 'state',
      messageID: 'm1',
    });
    return { status: 200, headers: { 'content-type': 'application/vnd.paos+xml', ...freshNonce() }, body };
  };

  const answerRequest = ({ headers, body }: Received, origin: string): Answer => {
    const request = parseAuthnRequest(parseSoapRequest(body, readXml));
    const device = devices.find(({ id }) => id === headers['latchkey-device']);
    const consumer = tamper.consumerInResponse ?? request.assertionConsumerServiceURL ?? '';
    if (device === undefined) return problem(403, 'device_unknown');
    const payload = verifyJws(readJws(String(headers['latchkey-proof'])), PROOF_TYPE, deviceVerifier(device.jwk));
    const proof = checkProof(payload, {
      audience: entityId(origin),
      digest: sha256(body),
      origin: new URL(request.assertionConsumerServiceURL ?? '').origin,
      responseConsumerURL: request.assertionConsumerServiceURL ?? '',
      deviceId: device.id,
      ...(request.claim === undefined ? {} : { claim: request.claim }),
    });
    if (proof.mismatch !== undefined) return problem(403, proof.mismatch.code);
    if (!nonces.delete(proof.nonce)) return problem(401, 'use_dpop_nonce', freshNonce());
    const verdict = judgeJoinState(device.held, proof.joinState);
    const refusal = tamper.refuse ?? (verdict === 'clone_suspected' ? verdict : undefined);
    const base = {
      id: `_${randomUUID()}`,
      issueInstant: new Date(),
      issuer: entityId(origin),
      inResponseTo: tamper.inResponseTo ?? request.id,
    };
    if (refusal !== undefined || verdict === 'clone_suspected') {
      const status = { code: statusCodes.responder, subCode: statusCodes.authnFailed };
      return {
        status: 200,
        headers: { 'content-type': 'text/xml', ...freshNonce(), 'latchkey-error': refusal ?? 'clone_suspected' },
        body: writeEcpResponse({
          response: writeResponse({ ...base, status }, { digest }),
          assertionConsumerServiceURL: consumer,
        }),
      };
    }
    device.held = nextJoinState(device.held, verdict, randomUUID());
    if (device.state === 'unregistered') device.state = 'registered';
    const response = writeResponse(
      {
        ...base,
        destination: consumer,
        status: { code: statusCodes.success },
        assertion: {
          id: `_${randomUUID()}`,
          issueInstant: new Date(),
          issuer: entityId(origin),
          subject: { value: proof.userName },
          subjectConfirmations: [
            { method: 'urn:oasis:names:tc:SAML:2.0:cm:bearer', recipient: consumer, inResponseTo: request.id },
          ],
          conditions: { audienceRestrictions: [[request.issuer]], oneTimeUse: false, proxyRestriction: false },
          authnStatement: { authnInstant: new Date(), authnContextClassRef: 'urn:latchkey:ac:classes:E0' },
          attributes: [],
        },
      },
      { digest, assertionKey: tamper.signingKey ?? idpKey },
    );
    return {
      status: 200,
      headers: { 'content-type': 'text/xml', ...freshNonce(), 'latchkey-join-state': JSON.stringify(device.held.joinState) },
      body: writeEcpResponse({ response, assertionConsumerServiceURL: consumer }),
    };
  };

  const consume = ({ body }: Received): Answer => {
    if (body.includes('Fault>')) return problem(403, 'response_refused');
    const { relayState } = parsePaosResponse(body, readXml);
    if (relayState !== 'state') return problem(403, 'response_refused');
    const id = `ses_${sessions.length + 1}`;
    sessions.push(id);
    const session = { id, expiresAt: new Date(Date.now() + 43_200_000).toISOString() };
    return json(200, { session, user: { id: 'usr_1', userName: devices[0]?.userName }, device: {} }, freshNonce());
  };

  const discovery = (origin: string) => ({
    cloudName: new URL(origin).host,
    origin,
    version: '0.1.0',
    challenge: '/agent/v1/challenge',
    enroll: '/agent/v1/enroll',
    keepalive: '/agent/v1/keepalive',
    session: '/agent/v1/session',
    token: '/agent/v1/token',
    signOut: '/agent/v1/sign-out',
    unenroll: '/agent/v1/unenroll',
    ...tamper.discovery,
  });

  const honest = (request: Received, origin: string): Answer => {
    const { path, body } = request;
    if (path === '/.well-known/latchkey') return json(200, discovery(origin));
    if (path === '/agent/v1/challenge') return json(200, { nonce: freshNonce()['dpop-nonce'], audience: origin, expiresIn: 60 });
    if (path === '/agent/v1/enroll') return enroll(body, origin);
    if (path === '/agent/v1/session') return beginSignIn(request, origin);
    if (path === '/saml/org_1/idp/sso') return answerRequest(request, origin);
    if (path === '/saml/org_1/sp/device/acs') return consume(request);
    const call = calls[path];
    if (call === undefined) return problem(404, 'not_found');
    const device = authenticate(request, origin);
    return 'id' in device ? call(device, request, origin) : device;
  };

  const server = await openServer((request, origin) => {
    const said = tamper.answer?.(request, origin);
    if (said !== undefined) return said;
    // A rule of the protocol that was broken is the agent's mistake, and a test must see it.
    const answer = honest(request, origin);
    return tamper.change?.(request, answer) ?? answer;
  }, how);
  return { ...server, cloudName: new URL(server.origin).host, tamper, devices, sessions };
};

/** Somebody else's service provider, which protects `/secret` and speaks ECP as mod_auth_mellon does. */
export interface TestSite extends TestServer {
  readonly tamper: { request?: Partial<Parameters<typeof writePaosRequest>[0]>; insert?: string; location?: string };
}

export const openTestSite = async (): Promise<TestSite> => {
  const tamper: TestSite['tamper'] = {};
  const server = await openServer(({ path, headers, body }, origin) => {
    const consumer = `${origin}/mellon/paosResponse`;
    if (path === '/secret' && headers.cookie === 'mellon=in')
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'the secret page' };
    if (path === '/secret' && headers.accept?.includes('application/vnd.paos+xml') === true) {
      const authnRequest = writeAuthnRequest(
        { id: `_${randomUUID()}`, issueInstant: new Date(), issuer: `${origin}/sp`, assertionConsumerServiceURL: consumer },
        { key: idpKey, digest },
      );
      const paos = writePaosRequest({
        authnRequest,
        responseConsumerURL: consumer,
        issuer: `${origin}/sp`,
        relayState: `${origin}/secret`,
        ...tamper.request,
      });
      return {
        status: 200,
        headers: { 'content-type': 'application/vnd.paos+xml', 'set-cookie': 'mellon=test; Path=/; HttpOnly' },
        body: tamper.insert === undefined ? paos : paos.replace('</ecp:Request>', `${tamper.insert}</ecp:Request>`),
      };
    }
    if (path === '/mellon/paosResponse' && headers.cookie === 'mellon=test' && !body.includes('Fault>')) {
      const { relayState } = parsePaosResponse(body, readXml);
      return { status: 303, headers: { location: tamper.location ?? relayState ?? '', 'set-cookie': 'mellon=in; Path=/' } };
    }
    if (path === '/loop') return { status: 302, headers: { location: '/loop' } };
    return { status: 403 };
  });
  return { ...server, tamper };
};
