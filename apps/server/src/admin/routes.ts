import fastifySwagger from '@fastify/swagger';
import { type ApiKeyScope, diagnosisSchema, problemSchema } from '@latchkey/contract';
import { DirectoryError } from '@latchkey/directory';
import { SamlError } from '@latchkey/saml';
import type { FastifyInstance, FastifyPluginAsync, RouteOptions } from 'fastify';
import { type FastifyPluginAsyncZod, jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { type Access, actorOf, type Caller, callerOf } from '../http/caller.ts';
import { refuseCrossSite } from '../http/cross-site.ts';
import { Problem, reauthenticationNeeded } from '../http/problem.ts';
import { type AboutRouteNeeds, aboutRoute } from './about-route.ts';
import { type ApiKeyRoutesNeeds, apiKeyRoutes } from './api-key-routes.ts';
import { type ApplicationRoutesNeeds, applicationRoutes } from './application-routes.ts';
import { areaOf, includesScope, scopeOf } from './area.ts';
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
    AboutRouteNeeds,
    Omit<RepeatRequestNeeds, 'storage'>,
    DiagnoseNeeds {
  readonly storage: AdminStorage;
  readonly equal: (a: string, b: string) => boolean;
  readonly version: string;
  /** Counts a request of a key, or of an administrator. */
  readonly countRequest: (callerId: string) => RequestCount;
  /**
   * Who the console's cookie makes the caller, and whether both factors were shown in the last minutes; undefined if there is no cookie.
   * Throws a Problem if its session is over. `background`: the request does not keep the session.
   */
  readonly findConsoleSession: (
    cookie: string | undefined,
    options: { readonly background: boolean },
  ) => Promise<{ readonly caller: Caller; readonly reauthenticated: boolean } | undefined>;
  readonly cookieName: string;
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

const judgePermission = (caller: Caller, method: string, route: string): Problem | undefined => {
  const { area, what } = areaOf(method, route);
  if (area !== undefined && caller.may(area, what)) return undefined;
  return new Problem(
    403,
    'permission_needed',
    'Your role does not allow this.',
    area === undefined
      ? undefined
      : `It needs ${area}: ${what === 'read' ? 'view' : 'full'}. Ask an administrator with full access.`,
  );
};

// The data of an organization is no area of an operator's role: who may do everything may break the glass.
const judgeGlass = (caller: Caller): Problem | undefined =>
  caller.may('operator', 'write') ? undefined : judgePermission(caller, 'POST', '/api/v1/operator');

// A refusal looks the same everywhere, and who may call stands beside each route already: no route repeats them in its description.
const describe = (route: RouteOptions, access: Access): void => {
  const schema = route.schema as ({ response?: Record<string, unknown> } & Record<string, unknown>) | undefined; // as in the route files
  if (schema === undefined || schema.hide === true) return;
  schema['x-access'] = access;
  if (access !== 'public' && access !== 'any' && route.config?.judgedByContent !== true)
    schema['x-scope'] = scopeOf(String(route.method), route.url);
  if (route.config?.dangerous === true) schema['x-dangerous'] = true;
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
        security: [{ apiKey: [] }, { console: [] }],
        components: {
          securitySchemes: {
            apiKey: { type: 'http', scheme: 'bearer', description: 'An API key: lka_...' },
            console: {
              type: 'apiKey',
              in: 'cookie',
              name: needs.cookieName,
              description: 'A session of the console. What changes something carries the header Latchkey-Console: 1, too.',
            },
          },
        },
      },
      transform: jsonSchemaTransform,
      transformObject: jsonSchemaTransformObject,
    });

    app.decorateRequest('caller', undefined);

    app.addHook('onRequest', async (request, reply) => {
      const access = request.routeOptions.config.access ?? 'operator';
      if (access === 'public') return;
      const { authorization, cookie } = request.headers;
      let caller: Caller;
      let key: ApiKey | undefined;
      let reauthenticated = true;
      try {
        const background = request.routeOptions.config.background === true;
        const session = authorization === undefined ? await needs.findConsoleSession(cookie, { background }) : undefined;
        if (session === undefined)
          ({ caller, key } = await authenticate({ ...needs, server: needs.storage.server }, authorization));
        else {
          refuseCrossSite(request, needs.origin);
          ({ caller, reauthenticated } = session);
        }
      } catch (error) {
        // RFC 9110 §11.6.1: a 401 says how to authenticate.
        if (error instanceof Problem && error.status === 401) reply.header('WWW-Authenticate', 'Bearer realm="latchkey"');
        throw error;
      }
      const { organization } = request.params as { organization?: string }; // strings, by the router
      const reason = readBreakGlass(request);
      const reads = request.method === 'GET' || request.method === 'HEAD';
      const glass = reason === undefined ? 'whole' : reads ? 'broken_to_read' : 'broken_to_write';
      const count = needs.countRequest(caller.id);
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
          'Too many requests were made with this API key or session.',
          `Try again in ${count.reset} seconds.`,
        );
      }
      const route = request.routeOptions.url ?? '';
      const breaksGlass = reason !== undefined && caller.kind === 'operator' && access === 'organization';
      const judge = (): Problem | undefined => {
        if (access === 'any' || (request.routeOptions.config.judgedByContent === true && !breaksGlass)) return undefined;
        if (key !== undefined) return judgeScope(key.scopes, scopeOf(request.method, route));
        return (
          (breaksGlass ? judgeGlass(caller) : judgePermission(caller, request.method, route)) ??
          (!reauthenticated && (breaksGlass || request.routeOptions.config.dangerous === true)
            ? reauthenticationNeeded()
            : undefined)
        );
      };
      const refusal = authorize(access, caller, organization, glass) ?? judge();
      // To be asked for both factors again is no refusal.
      if (refusal?.code === 'reauthentication_needed') throw refusal;
      if (refusal !== undefined) {
        await needs.storage.serverTransaction((store) =>
          store.appendAuditEvent({
            actor: actorOf(caller),
            action: 'api.refused',
            outcome: 'refused',
            reason: refusal.code,
            subject: organization === undefined ? 'server' : `organization:${organization}`,
            remoteAddress: request.ip,
            correlationId: request.id,
            details: { method: request.method, route },
          }),
        );
        throw refusal;
      }
      if (breaksGlass && organization !== undefined) {
        const [path = ''] = request.url.split('?');
        await auditBreakGlass(needs, {
          actor: actorOf(caller),
          organizationId: organization,
          reason,
          remoteAddress: request.ip,
          correlationId: request.id,
          method: request.method,
          path,
        });
      }
      request.caller = caller;
      if (key === undefined) return;
      keys.set(request, key);
      const now = needs.now();
      if (key.lastUsedAt === null || now - key.lastUsedAt > touchEvery) {
        await needs.storage.serverTransaction((store) => store.touchApiKey(key.id, now));
      }
    });

    repeatRequests(app, needs, (request) => callerOf(request).id);

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
          aboutRoute(needs),
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
            return diagnose(needs, callerOf(request), keys.get(request));
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
