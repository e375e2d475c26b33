import {
  type AccessTokenAnswer,
  accessTokenRequestSchema,
  type ChallengeAnswer,
  challengeRequestSchema,
  type Discovery,
  enrollmentRequestSchema,
  keepaliveRequestSchema,
} from '@latchkey/contract';
import { DeviceError, type DeviceErrorCode, deviceErrorTexts, parseParameters } from '@latchkey/device';
import { emptySettings } from '@latchkey/settings';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Problem } from '../http/problem.ts';
import { type AuthenticateDeviceNeeds, authenticateDevice, type ProvenCall } from './authenticate-device.ts';
import { NONCE_SECONDS } from './create-nonce.ts';
import { type EnrollDeviceNeeds, enrollDevice } from './enroll-device.ts';
import { issueAccessToken, type TokenKey } from './issue-access-token.ts';
import { keepalive } from './keepalive.ts';
import { type Limiter, peerOf, type Sample } from './limits.ts';
import { signOut, unenroll } from './sign-out.ts';
import type { Caller } from './store.ts';

export interface DeviceNeeds extends EnrollDeviceNeeds, AuthenticateDeviceNeeds {
  readonly cloudName: string;
  readonly version: string;
  readonly organizationKeys: (organizationId: string) => Promise<
    Awaited<ReturnType<EnrollDeviceNeeds['organizationKeys']>> & {
      readonly token: TokenKey;
      readonly tokenVerify: readonly Omit<TokenKey, 'sign'>[];
    }
  >;
  /** Refused calls of one address. */
  readonly failures: Limiter;
  /** Calls of one device that it has proven. */
  readonly deviceCalls: Limiter;
  readonly sample: Sample;
  readonly countEnrollment: (outcome: 'registered' | 'pending' | 'refused', reason: string) => void;
}

/** HTTP statuses of what is not plain 403. */
const statuses: Readonly<Partial<Record<DeviceErrorCode, number>>> = {
  use_dpop_nonce: 401,
  device_unknown: 401,
  proof_malformed: 400,
  parameters_invalid: 400,
  token_malformed: 400,
  user_name_invalid: 400,
  external_idp: 409,
  application_unknown: 404,
  session_unknown: 404,
  rate_limited: 429,
  unavailable: 503,
};

/** Signature, audience and replay failures look alike from outside and differ in the log. */
const toProblem = (error: DeviceError): Problem => {
  if (error.code.startsWith('proof_') && error.code !== 'proof_malformed') {
    return new Problem(401, 'request_refused', deviceErrorTexts.request_refused, undefined, { cause: error });
  }
  return new Problem(statuses[error.code] ?? 403, error.code, deviceErrorTexts[error.code], error.detail, { cause: error });
};

const header = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

/** What may be looked up: a path or header may hold anything, a store not. */
const isId = (text: string): boolean => /^[\w-]{1,128}$/.test(text);

const callerOf = (request: FastifyRequest): Caller => ({ remoteAddress: request.ip, correlationId: request.id });

const parse = <S extends z.ZodType>(schema: S, body: unknown): z.output<S> => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({ pointer: `body/${issue.path.join('/')}`, message: issue.message }));
  const detail = errors.map((each) => `${each.pointer}: ${each.message}`).join('; ');
  throw new Problem(400, 'invalid_request', 'The request is not valid.', detail, { extensions: { errors } });
};

/** The agent API (docs/reference/agent-protocol.md) but for the sign-in itself. */
export const deviceRoutes = (needs: DeviceNeeds): FastifyPluginAsync => {
  const discovery: Discovery = {
    cloudName: needs.cloudName,
    origin: needs.origin,
    version: needs.version,
    challenge: '/agent/v1/challenge',
    enroll: '/agent/v1/enroll',
    keepalive: '/agent/v1/keepalive',
    session: '/agent/v1/session',
    token: '/agent/v1/token',
    signOut: '/agent/v1/sign-out',
    unenroll: '/agent/v1/unenroll',
  };

  /** Nobody is told to go on guessing: an address with too many refusals waits. */
  const refuseBusyAddress = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const wait = needs.failures.wait(peerOf(request.ip));
    if (wait === 0) return;
    reply.header('Retry-After', String(wait));
    throw new Problem(429, 'rate_limited', deviceErrorTexts.rate_limited);
  };

  /** What the device's stored key has signed; the answer carries the nonce of its next proof. */
  const prove = async (request: FastifyRequest, reply: FastifyReply): Promise<ProvenCall> => {
    const stated = header(request, 'latchkey-device');
    const deviceId = stated !== undefined && isId(stated) ? stated : undefined;
    const key = deviceId === undefined ? undefined : await needs.deviceKey(deviceId);
    if (deviceId !== undefined) reply.header('DPoP-Nonce', needs.nonces.create(key?.organizationId ?? '', deviceId));
    const call = await authenticateDevice(needs, {
      device: deviceId,
      dpop: header(request, 'dpop'),
      method: request.method,
      path: request.url,
    });
    const wait = needs.deviceCalls.take(call.deviceId);
    if (wait > 0) {
      reply.header('Retry-After', String(wait));
      throw new DeviceError('rate_limited', `again in ${wait} s`);
    }
    return call;
  };

  return async (app: FastifyInstance): Promise<void> => {
    app.addHook('onRequest', refuseBusyAddress);
    const outer = app.errorHandler;
    app.setErrorHandler(async (error, request, reply) => {
      const refused = error instanceof DeviceError ? error.code !== 'use_dpop_nonce' : error instanceof Problem;
      if (refused) needs.failures.take(peerOf(request.ip));
      if (refused && error instanceof DeviceError) {
        needs.sample(error.code, { url: request.url, correlationId: request.id, detail: error.detail });
      }
      return outer.call(app, error instanceof DeviceError ? toProblem(error) : error, request, reply);
    });

    app.get('/.well-known/latchkey', async () => discovery);

    app.post('/agent/v1/challenge', async (request): Promise<ChallengeAnswer> => {
      const asked = parse(challengeRequestSchema, request.body);
      const [organizationId, holder] =
        'device' in asked
          ? [(await needs.deviceKey(asked.device))?.organizationId, asked.device]
          : [await needs.storage.server.findDeviceTokenOrganization(asked.token), asked.jkt];
      const settings = organizationId === undefined ? undefined : await needs.activeSettings(organizationId);
      const { collectedParameters } = (settings ?? emptySettings).authenticationProfile;
      // An unknown token or device gets a nonce too: nothing is learned here, but that what nobody can guess is there.
      return {
        nonce: needs.nonces.create(organizationId ?? '', holder),
        audience: needs.origin,
        expiresIn: NONCE_SECONDS,
        collect: [...collectedParameters],
      };
    });

    app.post('/agent/v1/enroll', async (request, reply) => {
      const { enrollment } = parse(enrollmentRequestSchema, request.body);
      try {
        const answer = await enrollDevice(needs, {
          ...callerOf(request),
          enrollment,
          onHolder: (organizationId, holder) => reply.header('DPoP-Nonce', needs.nonces.create(organizationId, holder)),
        });
        needs.countEnrollment(answer.status, '');
        reply.header('DPoP-Nonce', needs.nonces.create(answer.organization, answer.device.id));
        return answer;
      } catch (error) {
        if (error instanceof DeviceError) needs.countEnrollment('refused', error.code);
        throw error;
      }
    });

    app.post('/agent/v1/keepalive', async (request, reply) => {
      const call = await prove(request, reply);
      const { parameters } = parse(keepaliveRequestSchema, request.body ?? {});
      return keepalive(needs, { ...callerOf(request), call, parameters: parseParameters(parameters ?? {}) });
    });

    app.post('/agent/v1/token', async (request, reply): Promise<AccessTokenAnswer> => {
      const call = await prove(request, reply);
      const { tokenType = 'DPoP', ...asked } = parse(accessTokenRequestSchema, request.body);
      return issueAccessToken(needs, { ...callerOf(request), call, ...asked, tokenType });
    });

    app.post('/agent/v1/sign-out', async (request, reply) => {
      const call = await prove(request, reply);
      return signOut(needs, { ...callerOf(request), call });
    });

    app.post('/agent/v1/unenroll', async (request, reply) => {
      const call = await prove(request, reply);
      return unenroll(needs, { ...callerOf(request), call });
    });

    app.get<{ Params: { org: string } }>('/oidc/:org/jwks', async (request, reply) => {
      const { org } = request.params;
      if (!isId(org) || (await needs.storage.server.findOrganization(org)) === undefined) {
        throw new Problem(404, 'not_found', 'There is nothing at this address.');
      }
      const { tokenVerify } = await needs.organizationKeys(org);
      reply.header('Cache-Control', 'public, max-age=300').type('application/jwk-set+json');
      return JSON.stringify({ keys: tokenVerify.map(({ kid, publicJwk }) => ({ ...publicJwk, kid, alg: 'ES256', use: 'sig' })) });
    });
  };
};
