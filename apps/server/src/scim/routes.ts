import { Readable } from 'node:stream';
import type { DirectoryLimits } from '@latchkey/directory';
import { errorBody, ScimError } from '@latchkey/scim';
import type { CompiledSettings, ScimSettings } from '@latchkey/settings';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import {
  type AnswerNeeds,
  answerDiscovery,
  answerRequest,
  maxPayloadSize,
  type ScimAnswer,
  type ScimRequest,
} from './answer-request.ts';
import { type Endpoint, sourceOf } from './endpoint.ts';
import type { ExchangeLog } from './exchange-log.ts';
import { createPace } from './pace.ts';
import type { ScimStorage, ScimToken } from './store.ts';
import { toScimError } from './to-scim-error.ts';
import { findBearer, type TokenNeeds } from './token.ts';
import { withoutSecrets } from './without-secrets.ts';

export interface ScimNeeds extends AnswerNeeds, TokenNeeds {
  readonly storage: ScimStorage;
  readonly limits: DirectoryLimits;
  readonly origin: string;
  readonly activeSettings: (organizationId: string) => Promise<CompiledSettings | undefined>;
  /** Refused calls of one address. */
  readonly failures: { readonly take: (key: string) => number };
  readonly peerOf: (address: string) => string;
  readonly log: ExchangeLog;
  readonly isUnavailable: (error: unknown) => boolean;
  /** Milliseconds that never jump. */
  readonly monotonicNow: () => number;
}

const MEDIA_TYPE = 'application/scim+json';
const day = 86_400_000;
/** How long a token's last use may be out of date. */
const USED_MILLISECONDS = 60_000;
/** An answer that is longer leaves in pieces, without a length. */
const PIECE = 262_144;

/** What may be looked up: a path may hold anything, a store not. */
const isId = (text: string): boolean => /^[\w-]{1,128}$/.test(text);

const unauthorized = (): ScimError =>
  new ScimError('unauthorized', 'A live bearer token of this endpoint is needed: Authorization: Bearer lkp_…');

const header = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

const parseBody = (octets: Buffer): unknown => {
  if (octets.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octets));
  } catch {
    throw new ScimError('invalidSyntax', 'The body is not JSON in UTF-8.');
  }
};

const tooLarge = (): ScimError => new ScimError('payloadTooLarge', 'The body is larger than 10 MiB: send less at once.');

/** What is read of a body that is too large before the connection is cut: a client that is still sending hears no answer. */
const mostDrained = 8 * maxPayloadSize;

/** The body; undefined if it is too large. */
const readOctets = async (payload: AsyncIterable<Buffer>): Promise<Buffer | undefined> => {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of payload) {
    length += piece.length;
    if (length <= maxPayloadSize) pieces.push(piece);
    else pieces.length = 0;
    if (length > mostDrained) throw tooLarge();
  }
  return length > maxPayloadSize ? undefined : Buffer.concat(pieces);
};

/** What the request is about, for the log. */
const entityOf = (path: readonly string[]): string =>
  ({ users: 'User', groups: 'Group', bulk: 'Bulk' })[(path[0] ?? '').toLowerCase()] ?? '';

/** SCIM 2.0 (RFC 7643, 7644, 9865) for each identity provider, at its two addresses. */
export const scimRoutes =
  (needs: ScimNeeds): FastifyPluginAsync =>
  async (app: FastifyInstance): Promise<void> => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (request, payload, done) => {
      // Without a type it can only be JSON.
      const [type = ''] = (request.headers['content-type'] ?? '').split(';');
      const isJson = ['', MEDIA_TYPE, 'application/json'].includes(type.trim().toLowerCase());
      readOctets(payload).then(
        (octets) => {
          if (!isJson) done(new ScimError('unsupportedMediaType', 'Send application/scim+json or application/json.'));
          else if (octets === undefined) done(tooLarge());
          else done(null, octets);
        },
        (error: Error) => done(error),
      );
    });
    app.addHook('onClose', () => needs.log.written());

    const pace = createPace(needs.monotonicNow);

    const sendError = (reply: FastifyReply, error: ScimError): FastifyReply => {
      if (error.status === 401) reply.header('WWW-Authenticate', 'Bearer realm="SCIM"');
      if (error.status === 429 || error.status === 503) {
        if (!reply.hasHeader('Retry-After')) reply.header('Retry-After', error.status === 429 ? '1' : '5');
      }
      return reply
        .code(error.status)
        .type(MEDIA_TYPE)
        .send(JSON.stringify(errorBody(error)));
    };
    app.setErrorHandler((error, request, reply) => {
      const refusal = toScimError(error, needs.isUnavailable);
      if (refusal.status >= 500 && refusal.code !== 'notImplemented')
        request.log.error({ err: error, code: refusal.code }, refusal.detail);
      return sendError(reply, refusal);
    });

    const settingsOf = async (organizationId: string, idp: string): Promise<ScimSettings | undefined> =>
      (await needs.activeSettings(organizationId))?.identityProviders.get(idp)?.scim;

    /** Who calls, by a token of this endpoint. */
    const authenticate = async (request: FastifyRequest, organizationId: string, idp: string): Promise<ScimToken> => {
      const authorization = header(request, 'authorization');
      const isPossible = isId(organizationId) && isId(idp);
      const token = isPossible ? await findBearer(needs, { organizationId, idp, authorization }) : undefined;
      if (token !== undefined) return token;
      // Not to be guessed, nor hammered by a client whose token has ended.
      if (authorization !== undefined && needs.failures.take(needs.peerOf(request.ip)) > 0) {
        throw new ScimError('tooManyRequests', 'Too many refused requests from this address. Try again in a minute.');
      }
      throw unauthorized();
    };

    /** The endpoint's policy, if it is live. */
    const activeScim = async (organizationId: string, idp: string): Promise<ScimSettings> => {
      const organization = await needs.storage.server.findOrganization(organizationId);
      if (organization?.state !== 'active') throw new ScimError('forbidden', 'The organization is suspended.');
      const scim = await settingsOf(organizationId, idp);
      if (scim?.enabled === true) return scim;
      const version = (await needs.storage.organization(organizationId).read.findActiveVersionNumber()) ?? 0;
      throw new ScimError(
        'forbidden',
        scim === undefined
          ? `SCIM is not active yet: activate version ${version + 1} of the settings with SCIM enabled for "${idp}" (latchkey scim enable ${idp}, then latchkey activate).`
          : `SCIM is switched off for "${idp}" (latchkey scim enable ${idp}, then latchkey activate).`,
      );
    };

    const send = async (
      reply: FastifyReply,
      { status, headers, body }: ScimAnswer,
    ): Promise<{ readonly text: string; readonly isWhole: boolean }> => {
      reply.code(status).headers(headers);
      if (body === undefined) {
        await reply.send();
        return { text: '', isWhole: true };
      }
      reply.type(MEDIA_TYPE);
      if (typeof body === 'string') {
        await reply.send(body);
        return { text: body, isWhole: true };
      }
      let text = '';
      const pieces = body[Symbol.asyncIterator]();
      for (let next = await pieces.next(); ; next = await pieces.next()) {
        if (next.done === true) {
          await reply.send(text);
          return { text, isWhole: true };
        }
        text += next.value;
        if (text.length > PIECE) break;
      }
      const begun = text;
      await reply.send(
        Readable.from(
          (async function* rest() {
            yield begun;
            for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield next.value;
          })(),
          { objectMode: false },
        ),
      );
      return { text: begun, isWhole: false };
    };

    const handle = (older: boolean) => async (request: FastifyRequest, reply: FastifyReply) => {
      const began = needs.monotonicNow();
      const {
        organization: organizationId = '',
        idp = '',
        '*': rest = '',
      } = request.params as Readonly<Record<string, string | undefined>>;
      const path = rest.split('/').filter((part, index) => part !== '' || index > 0);
      if (path.at(-1) === '') path.pop();
      const baseUrl = older
        ? `${needs.origin}/${organizationId}/${idp}/scim`
        : `${needs.origin}/scim/${organizationId}/${idp}/v2`;
      const method = request.method === 'HEAD' ? 'GET' : request.method;
      const query = request.query as ScimRequest['query']; // Fastify's parser makes strings and lists of them

      if (request.headers.authorization === undefined && isId(organizationId) && isId(idp)) {
        const open = await settingsOf(organizationId, idp);
        const answer = open?.enabled === true ? answerDiscovery({ baseUrl, settings: open }, { method, path, query }) : undefined;
        if (answer !== undefined) return send(reply, answer).then(() => reply);
      }
      const token = await authenticate(request, organizationId, idp);
      if (token.lastUsedAt === null || needs.now() - token.lastUsedAt > USED_MILLISECONDS) {
        needs.log.used(organizationId, token.id, needs.now());
      }

      const changes = ['POST', 'PUT', 'PATCH', 'DELETE'].includes(request.method) && path.at(-1) !== '.search';
      const octets = request.body instanceof Buffer ? request.body : Buffer.alloc(0);
      let body: unknown;
      let logDays = 14;
      const tell = (status: number, response: string): void => {
        if (!changes) return;
        let said: unknown;
        try {
          said = response === '' ? undefined : JSON.parse(response);
        } catch {
          said = undefined;
        }
        const at = needs.now();
        needs.log.add(organizationId, {
          id: needs.newId('scx'),
          idp,
          at,
          client: (header(request, 'user-agent') ?? '').slice(0, 200).toWellFormed(),
          tokenId: token.id,
          entity: entityOf(path),
          method: request.method,
          path: `/${path.join('/')}`.slice(0, 500).toWellFormed().replaceAll('\0', ''),
          status,
          microseconds: Math.max(0, Math.round((needs.monotonicNow() - began) * 1000)),
          correlationId: request.id,
          request: withoutSecrets(body, octets.length),
          response: withoutSecrets(said, response.length),
          expiresAt: at + logDays * day,
        });
      };
      try {
        const settings = await activeScim(organizationId, idp);
        logDays = settings.logDays;
        if (!pace(`${organizationId} ${idp}`, settings.requestsPerSecond)) {
          throw new ScimError(
            'tooManyRequests',
            `More than ${settings.requestsPerSecond} requests a second. Try again in a second.`,
          );
        }
        body = parseBody(octets);
        const endpoint: Endpoint = {
          organizationId,
          idp,
          source: sourceOf(idp),
          settings,
          dialect: settings.dialect,
          baseUrl,
          act: { actor: `scim-token:${token.id}`, remoteAddress: request.ip, correlationId: request.id },
        };
        const asked: ScimRequest = {
          method,
          path,
          query,
          ifMatch: header(request, 'if-match'),
          ifNoneMatch: header(request, 'if-none-match'),
          body,
        };
        const answer = answerDiscovery(endpoint, asked) ?? (await answerRequest(needs, endpoint, asked));
        const { text } = await send(reply, answer);
        tell(answer.status, text);
        return reply;
      } catch (error) {
        const refusal = toScimError(error, needs.isUnavailable);
        tell(refusal.status, JSON.stringify(errorBody(refusal)));
        throw error;
      }
    };
    for (const [address, older] of [
      ['/scim/:organization/:idp/v2', false],
      ['/:organization/:idp/scim', true],
    ] as const) {
      app.get(address, handle(older));
      app.route({ method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], url: `${address}/*`, handler: handle(older) });
    }
  };
