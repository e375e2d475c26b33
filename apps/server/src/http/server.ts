import { Server as TlsServer } from 'node:https';
import Fastify, { type FastifyError, type FastifyInstance, LogController } from 'fastify';
import { hasZodFastifySchemaValidationErrors, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { isLoopback } from '../config.ts';
import { newId } from '../ids.ts';
import { equalInConstantTime } from '../keys/node-crypto.ts';
import type { Metrics } from './metrics.ts';
import { Problem, problemDocument } from './problem.ts';
import { certificateEnd, followTls, readTls, type TlsFiles } from './tls.ts';

/** What the error is to the peer: a Problem as it is, a bad request by its rule, everything else one fixed sentence. */
const toProblem = (error: unknown, isUnavailable: (error: unknown) => boolean = () => false): Problem => {
  if (error instanceof Problem) return error;
  if (isUnavailable(error)) {
    return new Problem(503, 'unavailable', 'The service cannot answer now: try again later.', undefined, { cause: error });
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map((issue) => ({
      pointer: `${error.validationContext ?? 'body'}${issue.instancePath}`,
      message: issue.message ?? '',
    }));
    const detail = errors.map((each) => `${each.pointer}: ${each.message}`).join('; ');
    return new Problem(400, 'invalid_request', 'The request is not valid.', detail, { extensions: { errors }, cause: error });
  }
  const { statusCode, code, message } = error as Partial<FastifyError>; // every thrown Error has at most these
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new Problem(statusCode, (code ?? 'bad_request').toLowerCase(), 'The request cannot be read.', message, {
      cause: error,
    });
  }
  return new Problem(
    500,
    'internal_error',
    'Something went wrong on the server. Try again; if it stays, give the id to your administrator.',
    undefined,
    {
      cause: error,
    },
  );
};

/** How soon a renewed certificate is in use. */
const TLS_MILLISECONDS = 5000;

/** The HTTP server with what every part shares: correlation ids, security headers, problems, health and metrics. */
export const createHttpServer = (needs: {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly trustedProxies: readonly string[];
  readonly metricsToken: string | undefined;
  /** Whether an error is of the storage and may pass. */
  readonly isUnavailable?: (error: unknown) => boolean;
  /** Rejects with the reason why this node should get no requests now. */
  readonly ready: () => Promise<void>;
  /** Missing: plain HTTP, for loopback or behind a proxy. */
  readonly tls?: TlsFiles | undefined;
}): FastifyInstance => {
  const { logger, metrics, tls } = needs;
  const app = Fastify({
    ...(tls === undefined ? {} : { https: readTls(tls) }),
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => newId('cor'),
    requestIdHeader: false,
    trustProxy: needs.trustedProxies.length === 0 ? false : [...needs.trustedProxies],
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    bodyLimit: 1_048_576,
    routerOptions: { maxParamLength: 200, caseSensitive: true },
    requestTimeout: 30_000,
    keepAliveTimeout: 72_000,
  }) as unknown as FastifyInstance; // the logger's type parameter is of no use to the routes
  if (tls !== undefined && app.server instanceof TlsServer) {
    const { stop } = followTls(app.server, tls, {
      info: (text) => logger.info(text),
      error: (text) => logger.error(text),
      milliseconds: TLS_MILLISECONDS,
    });
    app.addHook('onClose', async () => stop());
    metrics.watchCertificate(() => certificateEnd(tls));
  }
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);

  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  // Without promises: they are part of every request.
  app.addHook('onSend', (request, reply, payload, done) => {
    // A connection that is kept would keep the process.
    if (closing) reply.header('Connection', 'close');
    reply.header('Latchkey-Correlation', request.id);
    reply.header('X-Content-Type-Options', 'nosniff');
    reply.header('Referrer-Policy', 'no-referrer');
    // Nothing of ours stands in a frame of somebody else's page; what may load more than nothing says so itself.
    reply.header('X-Frame-Options', 'DENY');
    if (!reply.hasHeader('Content-Security-Policy')) {
      reply.header('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    }
    if (!reply.hasHeader('Cache-Control')) reply.header('Cache-Control', 'no-store');
    done(null, payload);
  });
  app.addHook('onResponse', (request, reply, done) => {
    metrics.requests.observe(
      { route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
    done();
  });

  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error, needs.isUnavailable);
    if (problem.status === 503 && !reply.hasHeader('Retry-After')) reply.header('Retry-After', '5');
    const { retryAfter } = problem.extensions;
    if (typeof retryAfter === 'number') reply.header('Retry-After', String(retryAfter));
    if (problem.status >= 500) request.log.error({ err: error, code: problem.code }, problem.title);
    else request.log.debug({ code: problem.code, cause: problem.cause }, problem.message);
    return reply
      .code(problem.status)
      .type('application/problem+json')
      .serializer(JSON.stringify)
      .send(problemDocument(problem, request.id));
  });
  app.setNotFoundHandler((request, reply) => {
    const problem = new Problem(
      404,
      'not_found',
      'There is nothing at this address.',
      `${request.method} ${request.url.split('?')[0]}`,
    );
    return reply.code(404).type('application/problem+json').serializer(JSON.stringify).send(problemDocument(problem, request.id));
  });

  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async () => {
    try {
      await needs.ready();
    } catch (error) {
      throw new Problem(
        503,
        'not_ready',
        'The server cannot take requests now.',
        error instanceof Error ? error.message : String(error),
      );
    }
    return { status: 'ready' };
  });
  app.get('/metrics', async (request, reply) => {
    const allowed =
      needs.metricsToken === undefined
        ? isLoopback(request.ip.replace(/^::ffff:/, ''))
        : equalInConstantTime(request.headers.authorization ?? '', `Bearer ${needs.metricsToken}`);
    if (!allowed)
      throw new Problem(
        403,
        'forbidden',
        'The metrics are not open to you.',
        'Set LATCHKEY_METRICS_TOKEN and send it as a bearer token.',
      );
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  return app;
};
