import fastifySwagger from '@fastify/swagger';
import { type ApiKeyScope, diagnosisSchema, problemSchema } from '@latchkey/contract';
import { DirectoryError } from '@latchkey/directory';
import { SamlError } from '@latchkey/saml';
import type { FastifyInstance, FastifyPluginAsync, RouteOptions } from 'fastify';
import { type FastifyPluginAsyncZod, jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { type Access, callerOf } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import { type ApiKeyRoutesNeeds, apiKeyRoutes } from './api-key-routes.ts';
import { type ApplicationRoutesNeeds, applicationRoutes } from './application-routes.ts';
import { includesScope, scopeOf } from './area.ts';
import { authenticate } from './authenticate.ts';
import { authorize } from './authorize.ts';
import { type BackupRoutesNeeds, backupRoutes } from './backup-routes.ts';
import { auditBreakGlass, readBreakGlass } from './break-glass.ts';
import type { RequestCount } from './count-request.ts';
import { type DeviceRoutesNeeds, deviceRoutes } from './device-routes.ts';
import { type DiagnoseNeeds, diagnose } from './diagnose.ts';
import { type Description, renderDocs } from './docs-page.ts';
import { type RepeatRequestNeeds, repeatRequests } from './repeat-request.ts';
import type { AdminStorage, ApiKey } from './store.ts';

export interface AdminNeeds
  extends ApiKeyRoutesNeeds,
    DeviceRoutesNeeds,
    ApplicationRoutesNeeds,
    BackupRoutesNeeds,
    Omit<RepeatRequestNeeds, 'storage'>,
    DiagnoseNeeds {
  readonly storage: AdminStorage;
  readonly equal: (a: string, b: string) => boolean;
  readonly version: string;
  /** Counts a request of a key. */
  readonly countRequest: (keyId: string) => RequestCount;
  /** The routes of the other slices, with paths below /api/v1; each says by `config.access` who may call it. */
  readonly routes: readonly FastifyPluginAsyncZod[];
}

/** Milliseconds between two writes of "last used". */
const touchEvery = 60_000;

/** Errors of the cores, as this API says them. */
const toProblem = (error: unknown): unknown => {
  if (error instanceof DirectoryError) return new Problem(400, error.code, error.message, undefined, { cause: error });
  if (error instanceof SamlError) {
    return new Problem(400, error.code, 'The metadata cannot be used.', error.detail, { cause: error });
  }
  return error;
};

const judgeScope = (scopes: readonly ApiKeyScope[], needed: ApiKeyScope): Problem | undefined =>
  includesScope(scopes, needed)
    ? undefined
    : new Problem(
        403,
        'scope_needed',
        'This API key may not be used for this.',
        `It needs the scope ${needed}, and has ${scopes.join(', ')}.`,
      );

// A refusal looks the same everywhere, and who may call stands beside each route already: no route repeats them in its description.
const describe = (route: RouteOptions, access: Access): void => {
  const schema = route.schema as ({ response?: Record<string, unknown> } & Record<string, unknown>) | undefined; // as in the route files
  if (schema === undefined || schema.hide === true) return;
  schema['x-access'] = access;
  if (access !== 'public' && access !== 'any') schema['x-scope'] = scopeOf(String(route.method), route.url);
  schema.response = { ...schema.response, '4xx': problemSchema };
};

/** The admin API: `/api/v1/...` and its description at `/api/openapi.json`. Mounted without a prefix. */
export const adminRoutes =
  (needs: AdminNeeds): FastifyPluginAsync =>
  async (app: FastifyInstance): Promise<void> => {
    const keys = new WeakMap<object, ApiKey>();

    app.addHook('onRoute', (route) => {
      // HEAD is made by Fastify from GET, with its configuration.
      const access = route.config?.access;
      if (access === undefined) throw new TypeError(`${route.url} does not say who may call it.`);
      describe(route, access);
    });

    await app.register(fastifySwagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Latchkey admin API',
          version: needs.version,
          description:
            'Refusals are problems (RFC 9457). Lists are pages: give `next` as `cursor`. What is an identity fact (users, devices, tokens) is live at once; authentication settings are live after activation.',
        },
        servers: [{ url: '/' }],
        security: [{ apiKey: [] }],
        components: {
          securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key: lka_...' } },
        },
      },
      transform: jsonSchemaTransform,
      transformObject: jsonSchemaTransformObject,
    });

    app.decorateRequest('caller', undefined);

    app.addHook('onRequest', async (request, reply) => {
      const access = request.routeOptions.config.access ?? 'operator';
      if (access === 'public') return;
      let found: Awaited<ReturnType<typeof authenticate>>;
      try {
        found = await authenticate({ ...needs, server: needs.storage.server }, request.headers.authorization);
      } catch (error) {
        // RFC 9110 §11.6.1: a 401 says how to authenticate.
        if (error instanceof Problem && error.status === 401) reply.header('WWW-Authenticate', 'Bearer realm="latchkey"');
        throw error;
      }
      const { caller, key } = found;
      const { organization } = request.params as { organization?: string }; // strings, by the router
      const reason = readBreakGlass(request);
      const reads = request.method === 'GET' || request.method === 'HEAD';
      const glass = reason === undefined ? 'whole' : reads ? 'broken_to_read' : 'broken_to_write';
      const count = needs.countRequest(key.id);
      reply.headers({
        'RateLimit-Limit': String(count.limit),
        'RateLimit-Remaining': String(count.remaining),
        'RateLimit-Reset': String(count.reset),
      });
      if (!count.allowed) {
        reply.header('Retry-After', String(count.reset));
        throw new Problem(
          429,
          'rate_limited',
          'This API key has made too many requests.',
          `Try again in ${count.reset} seconds.`,
        );
      }
      const refusal =
        authorize(access, caller, organization, glass) ??
        (access === 'any' ? undefined : judgeScope(key.scopes, scopeOf(request.method, request.routeOptions.url ?? '')));
      if (refusal !== undefined) {
        await needs.storage.serverTransaction((store) =>
          store.appendAuditEvent({
            actor: `api-key:${caller.keyId}`,
            action: 'api.refused',
            outcome: 'refused',
            reason: refusal.code,
            subject: organization === undefined ? 'server' : `organization:${organization}`,
            remoteAddress: request.ip,
            correlationId: request.id,
            details: { method: request.method, route: request.routeOptions.url ?? '' },
          }),
        );
        throw refusal;
      }
      if (reason !== undefined && caller.kind === 'operator' && access === 'organization' && organization !== undefined) {
        const [path = ''] = request.url.split('?');
        await auditBreakGlass(needs, {
          keyId: caller.keyId,
          organizationId: organization,
          reason,
          remoteAddress: request.ip,
          correlationId: request.id,
          method: request.method,
          path,
        });
      }
      request.caller = caller;
      keys.set(request, key);
      const now = needs.now();
      if (key.lastUsedAt === null || now - key.lastUsedAt > touchEvery) {
        await needs.storage.serverTransaction((store) => store.touchApiKey(key.id, now));
      }
    });

    repeatRequests(app, needs, (request) => callerOf(request).keyId);

    const outer = app.errorHandler;
    app.setErrorHandler((error, request, reply) => outer.call(app, toProblem(error) as typeof error, request, reply));

    await app.register(
      async (api) => {
        for (const routes of [
          ...needs.routes,
          apiKeyRoutes(needs),
          deviceRoutes(needs),
          applicationRoutes(needs),
          backupRoutes(needs),
        ]) {
          await api.register(routes);
        }
        api.get(
          '/doctor',
          {
            config: { access: 'any' },
            schema: {
              tags: ['Server'],
              summary: 'Look at everything the caller is responsible for',
              response: { 200: diagnosisSchema },
            },
          },
          async (request) => {
            const key = keys.get(request);
            if (key === undefined) throw new TypeError('The hook above has kept the key.');
            return diagnose(needs, callerOf(request), key);
          },
        );
      },
      { prefix: '/api/v1' },
    );

    let docs: ReturnType<typeof renderDocs> | undefined;
    app.get('/api/docs', { config: { access: 'public' }, schema: { hide: true } }, async (_, reply) => {
      docs ??= renderDocs(app.swagger() as Description); // what this very server says of itself
      return reply.type('text/html; charset=utf-8').header('Content-Security-Policy', docs.policy).send(docs.page);
    });
    app.get('/api/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, async () => app.swagger());
  };
