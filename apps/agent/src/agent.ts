import { setTimeout as sleep } from 'node:timers/promises';
import type { AccessTokenRequest } from '@latchkey/contract';
import { type DeviceErrorCode, type DeviceState, deviceErrorTexts, keepCollected } from '@latchkey/device';
import { type Cloud, openCloud, readAnswer, type Speaker } from './cloud.ts';
import { enroll } from './enroll.ts';
import { AgentError } from './errors.ts';
import { composeUserName, gatherFacts } from './facts.ts';
import { fetchPage } from './fetch-page.ts';
import { type HttpAnswer, type HttpClient, openHttpClient } from './http.ts';
import type { KeepMessage } from './keep-messages.ts';
import { keepalive } from './keepalive.ts';
import { loadKey, loadOrCreateKey, wipeKey } from './key.ts';
import { withLock } from './lock.ts';
import type { Options } from './options.ts';
import { countAt, textAt } from './shape.ts';
import { type SignedIn, signIn, type Trace } from './sign-in.ts';
import { type AgentState, type Enrollment, loadState, requireEnrollment, saveState, wipeEnrollment, wipeState } from './state.ts';

export interface AccessToken {
  readonly accessToken: string;
  readonly tokenType: string;
  readonly expiresIn: number;
}

/** What can be done with this device. Each is done under the lock of the state, and what is learned is saved before it returns. */
export interface Agent {
  readonly state: () => AgentState;
  /** Does nothing if this machine is enrolled there for that user already. */
  readonly enroll: () => Promise<Enrollment>;
  readonly keepalive: () => Promise<{ readonly state: AgentState; readonly retryAfter: number | undefined }>;
  readonly signIn: (how?: {
    readonly url?: URL;
    readonly trace?: Trace;
    readonly keepMessage?: KeepMessage;
  }) => Promise<SignedIn>;
  /** `bearer`: bound to no key, where the application lets such tokens in. */
  readonly token: (application: string, how?: { readonly bearer: boolean }) => Promise<AccessToken>;
  /** A page of a site behind the gateway; its origin is the application. */
  readonly fetch: (url: URL) => Promise<HttpAnswer>;
  readonly signOut: () => Promise<void>;
  readonly unenroll: (how: { readonly local: boolean }) => Promise<void>;
  readonly close: () => void;
}

/** Why a device in this state may not sign in. */
const blocked: Readonly<Partial<Record<DeviceState, DeviceErrorCode>>> = {
  denied: 'device_denied',
  quarantined: 'device_quarantined',
  removal_pending: 'device_removed',
  removed: 'device_removed',
};

const PATIENCE = 60_000;
const ENROLL_PAUSES = [500, 1500];

const isUnreachable = (error: unknown): boolean => error instanceof AgentError && error.code === 'unreachable';
const refusalOf = (error: unknown): string | undefined => (error instanceof AgentError ? error.refusal?.code : undefined);

export const openAgent = (given: { readonly options: Options; readonly env: NodeJS.ProcessEnv; readonly uid: number }): Agent => {
  const { options, env, uid } = given;
  const { stateDir } = options;
  const clients = new Map<string, { readonly http: HttpClient; readonly cloud: Cloud }>();
  const clientFor = (origin: string): { readonly http: HttpClient; readonly cloud: Cloud } => {
    const known = clients.get(origin);
    if (known !== undefined) return known;
    const http = openHttpClient({ cloudOrigin: origin, caFile: options.caFile, env });
    const opened = { http, cloud: openCloud({ http, origin }) };
    clients.set(origin, opened);
    return opened;
  };
  const factsNow = () => gatherFacts({ env, uid, externalDeviceId: options.externalDeviceId });
  const locked = <T>(work: () => Promise<T>): Promise<T> => withLock({ stateDir, name: 'state', patience: PATIENCE }, work);

  const requireSpeaker = ({ deviceId, jkt }: Enrollment): Speaker => {
    const key = loadKey(stateDir);
    if (key?.jkt === jkt) return { key, deviceId };
    throw new AgentError(
      'key_broken',
      key === undefined ? 'The device key is gone.' : 'The device key is not the one that was enrolled.',
      {
        hint: 'Run "latchkey-agent unenroll --local" and enroll again; an administrator may have to approve.',
      },
    );
  };

  const requireEnrollmentOptions = (): { origin: string; userName: string; deviceToken: string } => {
    const { origin, userDomain } = options;
    const deviceToken = options.readDeviceToken();
    if (origin === undefined || userDomain === undefined || deviceToken === undefined) {
      const missing = Object.entries({ deviceToken, userDomain, cloudName: origin }).flatMap(([name, value]) =>
        value === undefined ? [name] : [],
      );
      throw new AgentError('usage', `To enroll, ${missing.join(' and ')} must be given.`, {
        hint: `Give it as --${missing[0]}, in the environment, with --config FILE, or in ${options.policy.path}.`,
      });
    }
    return { origin, userName: composeUserName(options.userName, userDomain, factsNow()), deviceToken };
  };

  const enrollAnew = async (): Promise<Enrollment> => {
    const { origin, userName, deviceToken } = requireEnrollmentOptions();
    const key = loadOrCreateKey(stateDir);
    const { cloud } = clientFor(origin);
    for (let attempt = 0; ; attempt += 1) {
      try {
        const enrollment = await enroll({ cloud, key, deviceToken, userName, facts: factsNow() });
        saveState(stateDir, enrollment);
        return enrollment;
      } catch (error) {
        // The device of this key is over for good; the next enrollment makes a new one.
        if (['device_removed', 'device_denied'].includes(refusalOf(error) ?? '')) wipeKey(stateDir);
        const pause = ENROLL_PAUSES[attempt];
        if (pause === undefined || !isUnreachable(error)) throw error;
        await sleep(pause);
      }
    }
  };

  const expectSameEnrollment = (state: Enrollment): Enrollment => {
    const wanted =
      options.userDomain === undefined ? undefined : composeUserName(options.userName, options.userDomain, factsNow());
    const other =
      (options.origin !== undefined && options.origin !== state.origin) ||
      (options.userName !== undefined && wanted?.toLowerCase() !== state.userName.toLowerCase());
    if (!other) return state;
    throw new AgentError('already_enrolled', `This device is enrolled at ${state.origin} for ${state.userName}.`, {
      hint: 'Run "latchkey-agent unenroll" first.',
    });
  };

  const keepaliveOf = async (enrollment: Enrollment) => {
    const { cloud } = clientFor(enrollment.origin);
    const now = new Date();
    const answer = await keepalive({ cloud, speaker: requireSpeaker(enrollment), enrollment, facts: factsNow(), now });
    if (answer.enrollment.status === 'removed') wipeEnrollment(stateDir, enrollment, now);
    else saveState(stateDir, answer.enrollment);
    return answer;
  };

  /** A device that cannot sign in by what we know asks once more: it may have been approved or released. */
  const requireReady = async (enrollment: Enrollment): Promise<Enrollment> => {
    if (['registered', 'unregistered'].includes(enrollment.status) && enrollment.joinState !== undefined) return enrollment;
    const current = (await keepaliveOf(enrollment)).enrollment;
    if (current.status === 'pending') throw new AgentError('pending', 'An administrator must approve this device first.');
    const code = blocked[current.status];
    if (code !== undefined) throw new AgentError('refused', deviceErrorTexts[code], { refusal: { code } });
    return current;
  };

  const signInWith: Agent['signIn'] = async (how = {}) => {
    let enrollment = await requireReady(requireEnrollment(stateDir));
    const save = (change: Partial<Enrollment>): void => {
      enrollment = { ...enrollment, ...change };
      saveState(stateDir, enrollment);
    };
    const signedIn = await signIn(
      {
        ...clientFor(enrollment.origin),
        speaker: requireSpeaker(enrollment),
        enrollment,
        facts: keepCollected(factsNow(), enrollment.collect),
        keepJoinState: (joinState) => save({ joinState, status: 'registered' }),
        trace: how.trace ?? (() => undefined),
        keepMessage: how.keepMessage ?? (() => undefined),
      },
      how.url,
    );
    save({
      signedOut: false,
      lastSignInAt: new Date().toISOString(),
      ...(signedIn.kind === 'session' ? { session: signedIn.session } : {}),
    });
    return signedIn;
  };

  const requestToken = async (enrollment: Enrollment, application: string, bearer: boolean): Promise<AccessToken> => {
    const session = enrollment.session?.id ?? '';
    const body: AccessTokenRequest = { session, application, ...(bearer ? { tokenType: 'Bearer' } : {}) };
    const answer = await clientFor(enrollment.origin).cloud.call('token', requireSpeaker(enrollment), body);
    return readAnswer('The access token', () => ({
      accessToken: textAt(answer, 'access_token'),
      tokenType: textAt(answer, 'token_type'),
      expiresIn: countAt(answer, 'expires_in'),
    }));
  };

  const tokenFor: Agent['token'] = (application, { bearer } = { bearer: false }) =>
    locked(async () => {
      const enrollment = requireEnrollment(stateDir);
      if (enrollment.signedOut) {
        throw new AgentError('refused', 'This device is signed out.', {
          hint: 'Run "latchkey-agent sign-in".',
          refusal: { code: 'device_unregistered' },
        });
      }
      // Whether a session is over is for the server's clock to say.
      if (enrollment.session !== undefined) {
        try {
          return await requestToken(enrollment, application, bearer);
        } catch (error) {
          if (!['session_ended', 'session_unknown'].includes(refusalOf(error) ?? '')) throw error;
        }
      }
      await signInWith();
      return requestToken(requireEnrollment(stateDir), application, bearer);
    });

  return {
    state: () => loadState(stateDir),
    enroll: () =>
      locked(async () => {
        const state = loadState(stateDir);
        if (state.kind !== 'enrolled') return enrollAnew();
        const same = expectSameEnrollment(state);
        return same.status === 'pending' ? (await keepaliveOf(same)).enrollment : same;
      }),
    keepalive: () =>
      locked(async () => {
        const { retryAfter } = await keepaliveOf(requireEnrollment(stateDir));
        return { state: loadState(stateDir), retryAfter };
      }),
    signIn: (how) => locked(() => signInWith(how)),
    token: tokenFor,
    fetch: async (url) => {
      const { accessToken } = await tokenFor(url.origin);
      const enrollment = requireEnrollment(stateDir);
      return fetchPage({ http: clientFor(enrollment.origin).http, key: requireSpeaker(enrollment).key }, { url, accessToken });
    },
    signOut: () =>
      locked(async () => {
        const enrollment = requireEnrollment(stateDir);
        // Marked first: even if the server cannot be told now, the daemon must not sign in again.
        const signedOut: Enrollment = { ...enrollment, signedOut: true };
        saveState(stateDir, signedOut);
        await clientFor(enrollment.origin).cloud.call('signOut', requireSpeaker(enrollment), {});
        saveState(stateDir, { ...signedOut, session: undefined, status: 'unregistered' });
      }),
    unenroll: ({ local }) =>
      locked(async () => {
        if (local) {
          wipeKey(stateDir);
          wipeState(stateDir);
          return;
        }
        const enrollment = requireEnrollment(stateDir);
        await clientFor(enrollment.origin).cloud.call('unenroll', requireSpeaker(enrollment), {});
        wipeEnrollment(stateDir, enrollment, new Date());
      }),
    close: () => {
      for (const { http } of clients.values()) http.close();
    },
  };
};
