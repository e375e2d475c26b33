import { hash } from 'node:crypto';
import { DeviceError, type DeviceErrorCode, deviceErrorTexts } from '@latchkey/device';
import { DirectoryError } from '@latchkey/directory';
import { SamlError } from '@latchkey/saml';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../http/problem.ts';
import { DEVICE_IDP } from './addresses.ts';
import { type AnswerAuthnRequestNeeds, answerAuthnRequest } from './answer-authn-request.ts';
import { type BeginSignInNeeds, beginSignIn } from './begin-sign-in.ts';
import { type BrowserRequest, checkBrowserRequest } from './check-browser-request.ts';
import { type ConsumeResponseNeeds, consumeResponse } from './consume-response.ts';
import { idpMetadata, spMetadata } from './metadata.ts';
import { sendPage } from './page.ts';
import type { SignInStorage } from './store.ts';
import { decodeUtf8, MAX_OCTETS } from './utf-8.ts';

export interface SignInNeeds extends BeginSignInNeeds, AnswerAuthnRequestNeeds, ConsumeResponseNeeds {
  readonly storage: SignInStorage;
  readonly organizationKeys: (
    organizationId: string,
  ) => Promise<
    { readonly idpCertificates: readonly string[]; readonly spCertificates: readonly string[] } & Awaited<
      ReturnType<BeginSignInNeeds['organizationKeys']>
    > &
      Awaited<ReturnType<AnswerAuthnRequestNeeds['organizationKeys']>> &
      Awaited<ReturnType<ConsumeResponseNeeds['organizationKeys']>>
  >;
  readonly createNonce: (organizationId: string, holder: string) => string;
  /** Refused calls of one address. */
  readonly failures: { readonly take: (key: string) => number; readonly wait: (key: string) => number };
  readonly peerOf: (address: string) => string;
  readonly sample: (code: string, details: Readonly<Record<string, unknown>>) => void;
  readonly countMessage: (message: 'AuthnRequest' | 'Response') => void;
  readonly countSignIn: (outcome: 'asserted' | 'accepted' | 'refused', reason: string) => void;
}

const PAOS = 'application/vnd.paos+xml';
const SOAP_TYPES = ['text/xml', 'application/soap+xml', PAOS];
const FORM = 'application/x-www-form-urlencoded';

/** HTTP statuses of what is not plain 403. */
const statuses: Readonly<Partial<Record<DeviceErrorCode, number>>> = {
  use_dpop_nonce: 401,
  proof_malformed: 400,
  parameters_invalid: 400,
  user_name_invalid: 400,
  rate_limited: 429,
  unavailable: 503,
};

/** The SAML codes that say no more than that the message cannot be read. */
const unreadable = /^(xml|binding|message|version)_/;

/** Signature, audience and replay failures look alike from outside and differ in the log. */
const toProblem = (error: unknown, refusedCode: 'request_refused' | 'response_refused'): unknown => {
  if (error instanceof DeviceError) {
    const detail = error.code === refusedCode ? undefined : error.detail;
    return new Problem(statuses[error.code] ?? 403, error.code, deviceErrorTexts[error.code], detail, { cause: error });
  }
  if (error instanceof SamlError && unreadable.test(error.code)) {
    return new Problem(400, refusedCode, deviceErrorTexts[refusedCode], error.detail, { cause: error });
  }
  if (error instanceof SamlError || error instanceof DirectoryError) {
    return new Problem(403, refusedCode, deviceErrorTexts[refusedCode], undefined, { cause: error });
  }
  return error;
};

const header = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

/** saml-bindings §3.3.3: does the client speak PAOS, and the enhanced client profile in it? */
const speaksEcp = (request: FastifyRequest): boolean =>
  (header(request, 'accept') ?? '').includes(PAOS) &&
  (header(request, 'paos') ?? '').includes('"urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp"');

/** What may be looked up: a path may hold anything, a store not. */
const isId = (text: string): boolean => /^[\w-]{1,128}$/.test(text);

const notFound = (): Problem => new Problem(404, 'not_found', 'There is nothing at this address.');

/** Both sides of a sign-in: our own SP, and the organization's device IdP. */
export const signInRoutes =
  (needs: SignInNeeds): FastifyPluginAsync =>
  async (app: FastifyInstance): Promise<void> => {
    for (const type of [...SOAP_TYPES, FORM]) {
      if (app.hasContentTypeParser(type)) app.removeContentTypeParser(type);
      app.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: MAX_OCTETS }, (_request, body, done) => done(null, body));
    }

    app.addHook('onRequest', async (request, reply) => {
      const wait = needs.failures.wait(needs.peerOf(request.ip));
      if (wait === 0) return;
      reply.header('Retry-After', String(wait));
      throw new Problem(429, 'rate_limited', deviceErrorTexts.rate_limited);
    });

    const refused = (request: FastifyRequest, code: string, detail: string): void => {
      needs.failures.take(needs.peerOf(request.ip));
      needs.sample(code, { url: request.url.split('?')[0], correlationId: request.id, detail });
      needs.countSignIn('refused', code);
    };

    const outer = app.errorHandler;
    app.setErrorHandler(async (error, request, reply) => {
      const side = request.url.includes('/acs') ? 'response_refused' : 'request_refused';
      const problem = toProblem(error, side);
      if (error instanceof DeviceError ? error.code !== 'use_dpop_nonce' : problem !== error) {
        const { code, message } = error as DeviceError | SamlError | DirectoryError; // what toProblem has turned into another one
        refused(request, code, message);
      }
      if (problem instanceof Problem) reply.header('Latchkey-Error', problem.code);
      return outer.call(app, problem as Error, request, reply); // what was thrown is an Error
    });

    const knownOrganization = async (organizationId: string) => {
      const organization = isId(organizationId) ? await needs.storage.server.findOrganization(organizationId) : undefined;
      if (organization === undefined) throw notFound();
      return { organizationId, organizationActive: organization.state === 'active' };
    };

    const bodyOf = (request: FastifyRequest): Buffer => {
      if (!Buffer.isBuffer(request.body)) throw new SamlError('binding_malformed', 'the body is empty');
      return request.body;
    };

    const isForm = (request: FastifyRequest): boolean => (header(request, 'content-type') ?? '').startsWith(FORM);

    app.get('/agent/v1/session', async (request, reply) => {
      if (!speaksEcp(request)) return sendPage(reply, 'agent_needed');
      const claim = header(request, 'latchkey-claim');
      if (claim === undefined) throw new DeviceError('proof_malformed', 'the header Latchkey-Claim is missing');
      const start = await beginSignIn(needs, claim);
      if (start.kind === 'external') {
        throw new Problem(409, 'external_idp', deviceErrorTexts.external_idp, undefined, {
          extensions: { openUrl: start.openUrl },
        });
      }
      return reply
        .header('DPoP-Nonce', needs.createNonce(start.organizationId, start.deviceId))
        .type(PAOS)
        .send(start.paosRequest);
    });

    type OfOrganization = { Params: { org: string } };
    type OfIdp = { Params: { org: string; idp: string } };

    const refuseBrowser = async (request: FastifyRequest<OfOrganization>, reply: FastifyReply, message: BrowserRequest) => {
      needs.countMessage('AuthnRequest');
      try {
        const { organizationId } = await knownOrganization(request.params.org);
        await checkBrowserRequest(needs, organizationId, message);
      } catch (error) {
        if (!(error instanceof SamlError)) throw error;
        refused(request, error.code, error.detail);
        return sendPage(reply, 'request_refused');
      }
      return sendPage(reply, 'agent_needed');
    };

    app.get<OfOrganization>('/saml/:org/idp/sso', (request, reply) => {
      const question = request.url.indexOf('?');
      return refuseBrowser(request, reply, {
        binding: 'redirect',
        query: question < 0 ? '' : request.url.slice(question + 1),
      });
    });

    app.post<OfOrganization>('/saml/:org/idp/sso', async (request, reply) => {
      if (isForm(request)) return refuseBrowser(request, reply, { binding: 'post', form: decodeUtf8(bodyOf(request)) });
      needs.countMessage('AuthnRequest');
      const { organizationId, organizationActive } = await knownOrganization(request.params.org);
      const stated = header(request, 'latchkey-device');
      const deviceId = stated !== undefined && isId(stated) ? stated : undefined;
      if (deviceId !== undefined) reply.header('DPoP-Nonce', needs.createNonce(organizationId, deviceId));
      const body = bodyOf(request);
      const answer = await answerAuthnRequest(needs, {
        organizationId,
        organizationActive,
        text: decodeUtf8(body),
        digest: hash('sha256', body, 'base64url'),
        deviceId,
        proof: header(request, 'latchkey-proof'),
        remoteAddress: request.ip,
        correlationId: request.id,
      });
      if (answer.kind === 'asserted') {
        needs.countSignIn('asserted', '');
        reply.header('Latchkey-Join-State', JSON.stringify(answer.joinState));
      } else {
        if (answer.proven) needs.countSignIn('refused', answer.error.code);
        else refused(request, answer.error.code, answer.error.message);
        reply.header('Latchkey-Error', answer.code);
        if (answer.retryAfter !== undefined) reply.code(429).header('Retry-After', String(answer.retryAfter));
      }
      return reply.type('text/xml; charset=utf-8').send(answer.envelope);
    });

    app.get<OfOrganization>('/saml/:org/idp/metadata', async (request, reply) => {
      const { organizationId } = await knownOrganization(request.params.org);
      return reply
        .type('application/samlmetadata+xml')
        .send(idpMetadata(needs.origin, organizationId, await needs.organizationKeys(organizationId)));
    });

    app.get<OfIdp>('/saml/:org/sp/:idp/metadata', async (request, reply) => {
      const { organizationId } = await knownOrganization(request.params.org);
      if (request.params.idp !== DEVICE_IDP) throw notFound();
      return reply
        .type('application/samlmetadata+xml')
        .send(spMetadata(needs.origin, organizationId, DEVICE_IDP, await needs.organizationKeys(organizationId)));
    });

    app.post<OfIdp>('/saml/:org/sp/:idp/acs', async (request, reply) => {
      const { organizationId, organizationActive } = await knownOrganization(request.params.org);
      if (request.params.idp !== DEVICE_IDP) throw notFound();
      // Nobody can bring an assertion of the device IdP by browser: it would be somebody else's.
      if (isForm(request)) return sendPage(reply, 'agent_needed');
      needs.countMessage('Response');
      const answer = await consumeResponse(needs, {
        organizationId,
        organizationActive,
        text: decodeUtf8(bodyOf(request)),
        remoteAddress: request.ip,
        correlationId: request.id,
      });
      needs.countSignIn('accepted', '');
      return reply.header('DPoP-Nonce', needs.createNonce(organizationId, answer.device.id)).send(answer);
    });
  };
