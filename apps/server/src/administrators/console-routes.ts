import {
  type ConsoleSessionView,
  codeSchema,
  consoleSessionSchema,
  consoleSetUpSchema,
  consoleSignInSchema,
  newTotpSchema,
  recoveryCodesSchema,
  type SecondFactor,
} from '@latchkey/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { refuseCrossSite } from '../http/cross-site.ts';
import { Problem } from '../http/problem.ts';
import { consoleCookie } from './cookie.ts';
import { beginTotp, confirmTotp, type EnrollTotpNeeds } from './enroll-totp.ts';
import { recoveryCodeFactor, totpFactor } from './second-factor.ts';
import { type Resumed, reauthenticatedUntil, resumeSession, touchSession } from './session.ts';
import { type SetUpNeeds, setUpOperator } from './set-up-operator.ts';
import { completeSignIn, type From, proveFactor, type SignInNeeds, signedOut, signIn } from './sign-in.ts';
import { type Administrator, holderOf, type SessionState } from './store.ts';

export interface ConsoleNeeds extends SignInNeeds, SetUpNeeds, EnrollTotpNeeds {
  readonly origin: string;
  readonly version: string;
}

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

    app.addHook('onRequest', async (request) => refuseCrossSite(request, needs.origin));

    const fromOf = (request: FastifyRequest): From => ({ remoteAddress: request.ip, correlationId: request.id });

    const resume = async (request: FastifyRequest): Promise<Resumed | undefined> => {
      const token = cookie.read(request.headers.cookie);
      return token === undefined ? undefined : resumeSession(needs, token);
    };

    /** The session in one of these states; 401 without. */
    const current = async (request: FastifyRequest, ...states: readonly SessionState[]): Promise<Resumed> => {
      const resumed = await resume(request);
      if (resumed === undefined || !states.includes(resumed.session.state)) throw signedOut();
      await touchSession(needs, resumed);
      return resumed;
    };

    /** Of one's own account, what is dangerous; while the first second factor is set up, the password was shown just now. */
    const currentReauthenticated = async (request: FastifyRequest, ...states: readonly SessionState[]): Promise<Resumed> => {
      const resumed = await current(request, ...states);
      if (resumed.session.state === 'signed_in' && reauthenticatedUntil(resumed.session, needs.now()) === null) {
        throw new Problem(
          403,
          'reauthentication_needed',
          'Show once more who you are.',
          'Send POST /api/v1/console/re-authenticate first.',
        );
      }
      return resumed;
    };

    const secondFactorsOf = async (administrator: Administrator): Promise<SecondFactor[]> => [
      ...(administrator.totp === null ? [] : (['totp'] as const)),
      ...(administrator.recoveryCodes.length === 0 ? [] : (['recovery_code'] as const)),
    ];

    const view = async (resumed: Resumed | undefined): Promise<ConsoleSessionView> => {
      const { version } = needs;
      if (resumed === undefined) {
        const operators = await needs.storage.server.listAdministrators({ limit: 1 });
        return { state: operators.length === 0 ? 'setup_needed' : 'signed_out', version };
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
        const hasSecondFactor = async (administrator: Administrator): Promise<boolean> =>
          (await secondFactorsOf(administrator)).some((each) => each !== 'recovery_code');
        const { token } = await signIn({ ...needs, hasSecondFactor }, fromOf(request), request.body);
        return answer(reply, token);
      },
    );

    for (const [path, summary, factorOf] of [
      ['totp', 'Go on with a code of the authenticator app', totpFactor],
      ['recovery-code', 'Go on with a recovery code, which is spent', recoveryCodeFactor],
    ] as const) {
      app.post(
        `/console/sign-in/${path}`,
        { config, schema: { ...schemaOf(summary), body: codeSchema, response } },
        async (request, reply) => {
          const resumed = await current(request, 'second_factor');
          const from = fromOf(request);
          const token = await proveFactor(
            needs,
            from,
            resumed.administrator,
            'administrator.sign_in',
            async () => factorOf(needs, resumed.administrator, request.body.code),
            (store, factor) => completeSignIn(needs, store, from, resumed, factor.kind),
          );
          return answer(reply, token);
        },
      );
    }

    app.post(
      '/console/sign-out',
      { config, schema: { ...schemaOf('Sign out'), response: { 204: z.null() } } },
      async (request, reply) => {
        const resumed = await resume(request);
        if (resumed !== undefined) {
          await holderOf(needs.storage, resumed.session.organizationId).transaction((store) =>
            store.deleteAdministratorSession(resumed.session.id),
          );
        }
        reply.code(204).header('Set-Cookie', cookie.clear());
        return null;
      },
    );

    app.post(
      '/console/totp',
      {
        config,
        schema: {
          ...schemaOf('Begin with an authenticator app', 'It counts once the first of its codes is confirmed.'),
          response: { 200: newTotpSchema },
        },
      },
      async (request) => beginTotp(needs, await currentReauthenticated(request, 'signed_in', 'second_factor_enrolment')),
    );

    app.post(
      '/console/totp/confirm',
      {
        config,
        schema: {
          ...schemaOf(
            'Confirm the authenticator app by its first code',
            'New recovery codes are made; those before are worth nothing. While signing in, this completes it.',
          ),
          body: codeSchema,
          response: { 200: recoveryCodesSchema },
        },
      },
      async (request, reply) => {
        const resumed = await current(request, 'signed_in', 'second_factor_enrolment');
        const { recoveryCodes, token } = await confirmTotp(needs, fromOf(request), resumed, request.body.code);
        reply.header('Set-Cookie', cookie.write(token));
        return { recoveryCodes };
      },
    );
  };
