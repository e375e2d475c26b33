import {
  acceptInvitationSchema,
  type ConsoleSessionView,
  changePasswordSchema,
  codeSchema,
  consoleSessionPageSchema,
  consoleSessionSchema,
  consoleSetUpSchema,
  consoleSignInSchema,
  createdPasskeySchema,
  newPasskeySchema,
  newTotpSchema,
  type PasskeyView,
  passkeyOptionsSchema,
  passkeyPageSchema,
  passkeyResponseSchema,
  reauthenticateSchema,
  recoveryCodesSchema,
  type SecondFactor,
} from '@latchkey/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { refuseCrossSite } from '../http/cross-site.ts';
import { reauthenticationNeeded } from '../http/problem.ts';
import { changePassword, endOwnSessions, removePasskey, removeTotp, renewRecoveryCodes } from './change-own-account.ts';
import { consoleCookie } from './cookie.ts';
import { beginTotp, confirmTotp, type EnrollTotpNeeds } from './enroll-totp.ts';
import { acceptInvitation } from './invite-administrator.ts';
import { addPasskey, beginPasskey, beginPasskeyProof, type PasskeyNeeds, passkeyFactor } from './passkey.ts';
import { reauthenticate } from './re-authenticate.ts';
import { recoveryCodeFactor, type ShownFactor, totpFactor } from './second-factor.ts';
import { listSignedIn, type Resumed, reauthenticatedUntil, resumeSession, touchSession } from './session.ts';
import { type SetUpNeeds, setUpOperator } from './set-up-operator.ts';
import { actOfAdministrator, completeSignIn, type From, proveFactor, type SignInNeeds, signedOut, signIn } from './sign-in.ts';
import { type Administrator, holderOf, type Passkey, type SessionState } from './store.ts';

export interface ConsoleNeeds extends SignInNeeds, SetUpNeeds, EnrollTotpNeeds, PasskeyNeeds {
  readonly hashInvitation: (token: string) => string;
  readonly origin: string;
  readonly version: string;
}

const passkeyView = (passkey: Passkey): PasskeyView => ({
  id: passkey.id,
  name: passkey.name,
  createdAt: new Date(passkey.createdAt).toISOString(),
  lastUsedAt: passkey.lastUsedAt === null ? null : new Date(passkey.lastUsedAt).toISOString(),
});

/** Signing in to the console, and one's own account. Whoever calls is found by the cookie; API keys are of no use here. */
export const consoleRoutes =
  (needs: ConsoleNeeds): FastifyPluginAsyncZod =>
  async (app) => {
    const cookie = consoleCookie(needs.origin);
    const config = { access: 'public' } as const;
    const response = { 200: consoleSessionSchema };
    const schemaOf = (summary: string, description?: string) => ({
      tags: ['Console'],
      summary,
      ...(description === undefined ? {} : { description }),
      security: [],
    });

    const ownSchemaOf = (...words: Parameters<typeof schemaOf>) => ({ ...schemaOf(...words), security: [{ console: [] }] });

    app.addHook('onRequest', async (request) => refuseCrossSite(request, needs.origin));

    const fromOf = (request: FastifyRequest): From => ({ remoteAddress: request.ip, correlationId: request.id });

    const resume = async (request: FastifyRequest): Promise<Resumed | undefined> => {
      const token = cookie.read(request.headers.cookie);
      return token === undefined ? undefined : resumeSession(needs, token);
    };

    const found = new WeakMap<object, Resumed>();

    /**
     * Before the body is looked at: only a session in one of these states comes through. `dangerous`: both factors were shown in the last
     * minutes; while the first second factor is set up the password was, just now.
     */
    const inState =
      (states: readonly SessionState[], { dangerous = false } = {}) =>
      async (request: FastifyRequest): Promise<void> => {
        const resumed = await resume(request);
        if (resumed === undefined || !states.includes(resumed.session.state)) throw signedOut();
        if (dangerous && resumed.session.state === 'signed_in' && reauthenticatedUntil(resumed.session, needs.now()) === null) {
          throw reauthenticationNeeded();
        }
        await touchSession(needs, resumed);
        found.set(request, resumed);
      };
    const between = inState(['second_factor']);
    const signedIn = inState(['signed_in']);
    const reauthenticated = inState(['signed_in'], { dangerous: true });
    const enrolling = inState(['signed_in', 'second_factor_enrolment']);
    const mayEnroll = inState(['signed_in', 'second_factor_enrolment'], { dangerous: true });

    const resumedOf = (request: FastifyRequest): Resumed => {
      const resumed = found.get(request);
      if (resumed === undefined) throw new TypeError(`${request.routeOptions.url} does not say in which state it may be called.`);
      return resumed;
    };

    const passkeysOf = ({ id, organizationId }: Administrator): Promise<readonly Passkey[]> =>
      holderOf(needs.storage, organizationId).read.listPasskeys([id]);

    const secondFactorsOf = async (administrator: Administrator): Promise<SecondFactor[]> => [
      ...((await passkeysOf(administrator)).length === 0 ? [] : (['passkey'] as const)),
      ...(administrator.totp === null ? [] : (['totp'] as const)),
      ...(administrator.recoveryCodes.length === 0 ? [] : (['recovery_code'] as const)),
    ];

    const view = async (resumed: Resumed | undefined): Promise<ConsoleSessionView> => {
      const { version } = needs;
      if (resumed === undefined) {
        return { state: (await needs.storage.server.hasAdministrators()) ? 'signed_out' : 'setup_needed', version };
      }
      const { session, administrator, organization, permissions } = resumed;
      const { state } = session;
      const secondFactors = await secondFactorsOf(administrator);
      if (state === 'second_factor') return { state, version, secondFactors };
      const until = reauthenticatedUntil(session, needs.now());
      return {
        state,
        version,
        administrator: {
          id: administrator.id,
          userName: administrator.userName,
          displayName: administrator.displayName,
          organizationId: administrator.organizationId,
          hasPasskey: secondFactors.includes('passkey'),
          hasTotp: administrator.totp !== null,
          recoveryCodesLeft: administrator.recoveryCodes.length,
        },
        ...(state === 'signed_in'
          ? {
              organization,
              permissions,
              reauthenticatedUntil: until === null ? null : new Date(until).toISOString(),
              expiresAt: new Date(session.expiresAt).toISOString(),
            }
          : {}),
      };
    };

    /** Hands the cookie of a new session out, and says how things stand with it. */
    const answer = async (reply: FastifyReply, token: string): Promise<ConsoleSessionView> => {
      reply.header('Set-Cookie', cookie.write(token));
      return view(await resumeSession(needs, token));
    };

    app.get(
      '/console/session',
      { config, schema: { ...schemaOf('Show how far this browser is with signing in'), response } },
      async (request) => view(await resume(request)),
    );

    app.post(
      '/console/set-up',
      {
        config,
        schema: {
          ...schemaOf("Spend the setup code, or a reset code, for an operator's account", 'The answer is signed in.'),
          body: consoleSetUpSchema,
          response: { 201: consoleSessionSchema },
        },
      },
      async (request, reply) => {
        const { token } = await setUpOperator(needs, fromOf(request), request.body);
        reply.code(201);
        return answer(reply, token);
      },
    );

    app.post(
      '/console/sign-in',
      {
        config,
        schema: {
          ...schemaOf(
            'Sign in by user name and password',
            'Goes on with a second factor, which is demanded of everybody: `second_factor`, or `second_factor_enrolment` at the first sign-in.',
          ),
          body: consoleSignInSchema,
          response,
        },
      },
      async (request, reply) => {
        const { token } = await signIn(needs, fromOf(request), request.body);
        return answer(reply, token);
      },
    );

    /** The second step: one of the second factors, and the session is signed in. */
    const goOn = async (
      request: FastifyRequest,
      reply: FastifyReply,
      prove: (resumed: Resumed) => ShownFactor | Promise<ShownFactor>,
    ): Promise<ConsoleSessionView> => {
      const resumed = resumedOf(request);
      const from = fromOf(request);
      const token = await proveFactor(
        needs,
        from,
        resumed.administrator,
        'administrator.sign_in',
        async () => prove(resumed),
        (store, factor) => completeSignIn(needs, store, from, resumed, factor.kind),
      );
      return answer(reply, token);
    };

    for (const [path, summary, factorOf] of [
      ['totp', 'Go on with a code of the authenticator app', totpFactor],
      ['recovery-code', 'Go on with a recovery code, which is spent', recoveryCodeFactor],
    ] as const) {
      app.post(
        `/console/sign-in/${path}`,
        { config, onRequest: between, schema: { ...ownSchemaOf(summary), body: codeSchema, response } },
        async (request, reply) => goOn(request, reply, ({ administrator }) => factorOf(needs, administrator, request.body.code)),
      );
    }

    for (const [path, summary, onRequest] of [
      ['sign-in', 'Ask what a passkey is to answer, to go on with it', between],
      ['re-authenticate', 'Ask what a passkey is to answer, to show once more who you are', signedIn],
    ] as const) {
      app.post(
        `/console/${path}/passkey/options`,
        { config, onRequest, schema: { ...ownSchemaOf(summary), response: { 200: passkeyOptionsSchema } } },
        async (request) => beginPasskeyProof(needs, resumedOf(request)),
      );
    }

    app.post(
      '/console/sign-in/passkey',
      { config, onRequest: between, schema: { ...ownSchemaOf('Go on with a passkey'), body: passkeyResponseSchema, response } },
      async (request, reply) => goOn(request, reply, (resumed) => passkeyFactor(needs, resumed, request.body.response)),
    );

    app.post(
      '/console/accept-invitation',
      {
        config,
        schema: {
          ...schemaOf('Accept an invitation', 'The second factor is set up next: the answer is `second_factor_enrolment`.'),
          body: acceptInvitationSchema,
          response: { 201: consoleSessionSchema },
        },
      },
      async (request, reply) => {
        const { token } = await acceptInvitation(needs, fromOf(request), request.body);
        reply.code(201);
        return answer(reply, token);
      },
    );

    app.post(
      '/console/re-authenticate',
      {
        config,
        onRequest: signedIn,
        schema: {
          ...ownSchemaOf('Show once more who you are', 'For ten minutes what is dangerous may be done.'),
          body: reauthenticateSchema,
          response,
        },
      },
      async (request, reply) => {
        const { token } = await reauthenticate(needs, fromOf(request), resumedOf(request), request.body);
        return answer(reply, token);
      },
    );

    app.post(
      '/console/sign-out',
      { config, schema: { ...schemaOf('Sign out'), response: { 204: z.null() } } },
      async (request, reply) => {
        const resumed = await resume(request);
        if (resumed !== undefined) {
          const { session, administrator } = resumed;
          await holderOf(needs.storage, session.organizationId).transaction(async (store) => {
            if (!(await store.deleteAdministratorSession(session.id)) || session.state !== 'signed_in') return;
            await store.appendAuditEvent(actOfAdministrator(administrator, fromOf(request), 'administrator.signed_out'));
          });
        }
        reply.code(204).header('Set-Cookie', cookie.clear());
        return null;
      },
    );

    app.post(
      '/console/totp',
      {
        config,
        onRequest: mayEnroll,
        schema: {
          ...ownSchemaOf('Begin with an authenticator app', 'It counts once the first of its codes is confirmed.'),
          response: { 200: newTotpSchema },
        },
      },
      async (request) => beginTotp(needs, resumedOf(request)),
    );

    app.post(
      '/console/totp/confirm',
      {
        config,
        onRequest: enrolling,
        schema: {
          ...ownSchemaOf(
            'Confirm the authenticator app by its first code',
            'New recovery codes are made; those before are worth nothing. While signing in, this completes it.',
          ),
          body: codeSchema,
          response: { 200: recoveryCodesSchema },
        },
      },
      async (request, reply) => {
        const resumed = resumedOf(request);
        const { recoveryCodes, token } = await confirmTotp(needs, fromOf(request), resumed, request.body.code);
        reply.header('Set-Cookie', cookie.write(token));
        return { recoveryCodes };
      },
    );

    app.delete(
      '/console/totp',
      {
        config,
        onRequest: reauthenticated,
        schema: {
          ...ownSchemaOf('Remove the authenticator app', 'Another second factor must be left.'),
          response: { 204: z.null() },
        },
      },
      async (request, reply) => {
        const { token } = await removeTotp(needs, fromOf(request), resumedOf(request));
        reply.code(204).header('Set-Cookie', cookie.write(token));
        return null;
      },
    );

    app.get(
      '/console/passkeys',
      { config, onRequest: signedIn, schema: { ...ownSchemaOf('List your passkeys'), response: { 200: passkeyPageSchema } } },
      async (request) => {
        const { administrator } = resumedOf(request);
        return { items: (await passkeysOf(administrator)).map(passkeyView), next: null };
      },
    );

    app.post(
      '/console/passkeys/options',
      {
        config,
        onRequest: mayEnroll,
        schema: { ...ownSchemaOf('Begin with a passkey'), response: { 200: passkeyOptionsSchema } },
      },
      async (request) => beginPasskey(needs, resumedOf(request)),
    );

    app.post(
      '/console/passkeys',
      {
        config,
        onRequest: mayEnroll,
        schema: {
          ...ownSchemaOf('Add a passkey', 'While signing in, this completes it.'),
          body: newPasskeySchema,
          response: { 201: createdPasskeySchema },
        },
      },
      async (request, reply) => {
        const resumed = resumedOf(request);
        const { passkey, recoveryCodes, token } = await addPasskey(needs, fromOf(request), resumed, request.body);
        reply.code(201).header('Set-Cookie', cookie.write(token));
        return { ...passkeyView(passkey), ...(recoveryCodes === undefined ? {} : { recoveryCodes }) };
      },
    );

    app.delete(
      '/console/passkeys/:passkey',
      {
        config,
        onRequest: reauthenticated,
        schema: {
          ...ownSchemaOf('Remove a passkey', 'Another second factor must be left.'),
          params: z.object({ passkey: z.string() }),
          response: { 204: z.null() },
        },
      },
      async (request, reply) => {
        const resumed = resumedOf(request);
        const { token } = await removePasskey(needs, fromOf(request), resumed, request.params.passkey);
        reply.code(204).header('Set-Cookie', cookie.write(token));
        return null;
      },
    );

    app.post(
      '/console/recovery-codes',
      {
        config,
        onRequest: reauthenticated,
        schema: {
          ...ownSchemaOf('Make new recovery codes', 'Those before are worth nothing any more.'),
          response: { 200: recoveryCodesSchema },
        },
      },
      async (request) => ({
        recoveryCodes: await renewRecoveryCodes(needs, fromOf(request), resumedOf(request)),
      }),
    );

    app.get(
      '/console/sessions',
      {
        config,
        onRequest: signedIn,
        schema: {
          ...ownSchemaOf('List the browsers that are signed in as you', 'The newest first.'),
          response: { 200: consoleSessionPageSchema },
        },
      },
      async (request) => {
        const { session, administrator } = resumedOf(request);
        const sessions = await listSignedIn(needs, administrator);
        return {
          items: sessions.map(({ id, remoteAddress, createdAt, lastSeenAt, expiresAt }) => ({
            id,
            current: id === session.id,
            remoteAddress,
            createdAt: new Date(createdAt).toISOString(),
            lastSeenAt: new Date(lastSeenAt).toISOString(),
            expiresAt: new Date(expiresAt).toISOString(),
          })),
          next: null,
        };
      },
    );

    app.delete(
      '/console/sessions/:session',
      {
        config,
        onRequest: signedIn,
        schema: {
          ...ownSchemaOf('Sign another browser of yours out'),
          params: z.object({ session: z.string() }),
          response: { 204: z.null() },
        },
      },
      async (request, reply) => {
        await endOwnSessions(needs, fromOf(request), resumedOf(request), request.params.session);
        reply.code(204);
        return null;
      },
    );

    app.delete(
      '/console/sessions',
      {
        config,
        onRequest: signedIn,
        schema: { ...ownSchemaOf('Sign every other browser of yours out'), response: { 204: z.null() } },
      },
      async (request, reply) => {
        await endOwnSessions(needs, fromOf(request), resumedOf(request));
        reply.code(204);
        return null;
      },
    );

    app.post(
      '/console/password',
      {
        config,
        onRequest: signedIn,
        schema: {
          ...ownSchemaOf('Change your password', 'Every other session of yours ends.'),
          body: changePasswordSchema,
          response,
        },
      },
      async (request, reply) => {
        const { token } = await changePassword(needs, fromOf(request), resumedOf(request), request.body);
        return answer(reply, token);
      },
    );
  };
