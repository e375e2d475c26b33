import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../http/problem.ts';
import type { AdminServerPort, RepeatableRequest } from './store.ts';

export interface RepeatRequestNeeds {
  readonly storage: {
    readonly server: Pick<AdminServerPort, 'findRequest'>;
    readonly serverTransaction: <T>(
      work: (store: Pick<AdminServerPort, 'beginRequest' | 'finishRequest' | 'forgetRequest'>) => Promise<T>,
    ) => Promise<T>;
  };
  /** Encrypts under the master key: an answer may hold a new secret. */
  readonly seal: (context: string, plain: Buffer) => string;
  readonly unseal: (context: string, sealed: string) => Buffer;
  /** Keyed hash. */
  readonly hashBody: (text: string) => string;
  readonly now: () => number;
}

const KEPT = 24 * 3_600_000;
/** Longer than any request takes. */
const RUNS_AT_MOST = 5 * 60_000;
/** What of an answer is repeated; everything else is made anew. */
const repeated = ['content-type', 'etag', 'location'] as const;

type Name = Pick<RepeatableRequest, 'apiKeyId' | 'operation' | 'idempotencyKey'>;

interface Answer {
  readonly headers: Readonly<Partial<Record<(typeof repeated)[number], string>>>;
  readonly body: string;
}

const contextOf = (name: Name): string => `repeatable-request:${name.apiKeyId}:${name.operation}:${name.idempotencyKey}`;

/** draft-ietf-httpapi-idempotency-key-header-07 §2.1: a string of structured fields; taken without its quotes too, as Stripe's. */
const readKey = (header: string | string[] | undefined): string | undefined => {
  if (header === undefined) return undefined;
  const [, quoted, bare] =
    (typeof header === 'string' ? /^(?:"([\x20\x21\x23-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255}))$/.exec(header) : null) ?? [];
  const key = quoted ?? bare;
  if (key !== undefined) return key;
  throw new Problem(
    400,
    'idempotency_key_invalid',
    'The header Idempotency-Key cannot be used.',
    'Send one of 1 to 255 visible ASCII characters, such as a new UUID for each thing you do.',
  );
};

/** Two texts of one body, whatever the order in which a client's map has it. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  ) ?? '';

/**
 * A POST with the header `Idempotency-Key` is carried out once: sent again within 24 hours by the same API key, with the same body, it is
 * answered what it was answered before. The first answer is kept, whether it was a success or a refusal; after an error of the server
 * (5xx) the request may be tried again.
 */
export const repeatRequests = (
  app: FastifyInstance,
  needs: RepeatRequestNeeds,
  keyIdOf: (request: FastifyRequest) => string,
): void => {
  const running = new WeakMap<FastifyRequest, Name>();

  const replay = (reply: FastifyReply, status: number, answer: Answer): FastifyReply => {
    reply
      .code(status)
      .headers(answer.headers)
      .header('Idempotency-Replayed', 'true')
      .serializer((body: string) => body);
    return reply.send(answer.body);
  };

  app.addHook('preHandler', async (request, reply) => {
    // What is uploaded as a stream changes nothing by itself (imports).
    if (request.method !== 'POST' || request.caller === undefined || request.body instanceof Readable) return undefined;
    const idempotencyKey = readKey(request.headers['idempotency-key']);
    if (idempotencyKey === undefined) return undefined;
    const [path = ''] = request.url.split('?');
    const name: Name = { apiKeyId: keyIdOf(request), operation: `POST ${path}`, idempotencyKey };
    const fingerprint = needs.hashBody(`${canonical(request.query)}\n${canonical(request.body)}`);
    const now = needs.now();
    if (
      await needs.storage.serverTransaction((store) => store.beginRequest({ ...name, fingerprint, expiresAt: now + KEPT }, now))
    ) {
      running.set(request, name);
      return undefined;
    }
    const before = await needs.storage.server.findRequest(name);
    if (before !== undefined && before.fingerprint !== fingerprint) {
      throw new Problem(
        422,
        'idempotency_key_reused',
        'This Idempotency-Key was used for another request.',
        'Use a new one for each thing you do, and the same one only to send the same request again.',
      );
    }
    if (before?.answer === undefined) {
      // What a server that was killed in the middle has done, nobody knows: that is said, not guessed.
      const lost = before !== undefined && now - (before.expiresAt - KEPT) > RUNS_AT_MOST;
      throw lost
        ? new Problem(
            409,
            'idempotency_outcome_unknown',
            'The server was stopped while it worked on this request.',
            'Look whether it was done; if not, send it again with a new Idempotency-Key.',
          )
        : new Problem(409, 'idempotency_in_flight', 'The same request is being worked on.', 'Try again when it is done.');
    }
    const { status, sealed } = before.answer;
    return replay(reply, status, JSON.parse(needs.unseal(contextOf(name), sealed).toString('utf8')) as Answer); // sealed below
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const name = running.get(request);
    if (name === undefined) return payload;
    running.delete(request);
    const status = reply.statusCode;
    if (status >= 500 || (typeof payload !== 'string' && payload !== null && payload !== undefined)) {
      await needs.storage.serverTransaction((store) => store.forgetRequest(name));
      return payload;
    }
    const answer: Answer = {
      headers: Object.fromEntries(
        repeated.flatMap((header) => {
          const value = reply.getHeader(header);
          return value === undefined ? [] : [[header, String(value)]];
        }),
      ),
      body: payload ?? '',
    };
    const sealed = needs.seal(contextOf(name), Buffer.from(JSON.stringify(answer), 'utf8'));
    await needs.storage.serverTransaction((store) => store.finishRequest(name, { status, sealed }));
    return payload;
  });
};
