import { type Agent, openAgent } from './agent.ts';
import { backOff, jitter } from './back-off.ts';
import { AgentError, describeError, EXIT } from './errors.ts';
import { withLock } from './lock.ts';
import type { Options } from './options.ts';
import type { Enrollment } from './state.ts';

export type Log = (level: 'info' | 'warn', message: string) => void;

export interface RunNeeds {
  /** Reads all options anew: a policy may arrive, or change, while the daemon runs. */
  readonly gatherOptions: () => Options;
  /** Drops every copy of the device token that came by flag, environment or standard input. */
  readonly forgetToken: () => void;
  readonly env: NodeJS.ProcessEnv;
  readonly uid: number;
  readonly log: Log;
  /** Aborted to end the daemon. */
  readonly signal: AbortSignal;
  /** Waits; ends early when woken or aborted. */
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Monotonic milliseconds: a clock that jumps changes nothing. */
  readonly monotonic: () => number;
}

type StepName = 'enroll' | 'keepalive' | 'signIn';

/** When each step is due next, and how often it has failed in a row. */
type Schedule = Record<StepName, { dueAt: number; failures: number }>;

/** How soon a policy that arrives late is seen. */
const POLICY_POLL = 5000;

interface Turn {
  readonly needs: RunNeeds;
  readonly agent: Agent;
  readonly options: Options;
  readonly schedule: Schedule;
}

const missingOptions = ({ origin, userDomain, sources }: Options): readonly string[] =>
  [
    sources.deviceToken === undefined && sources.deviceTokenFile === undefined ? 'deviceToken' : '',
    userDomain === undefined ? 'userDomain' : '',
    origin === undefined ? 'cloudName' : '',
  ].filter((name) => name !== '');

const canSignIn = ({ signedOut, status, joinState }: Enrollment): boolean =>
  !signedOut && ['registered', 'unregistered'].includes(status) && joinState !== undefined;

/** Each does its work and says in how many seconds it is due again. */
const steps: Readonly<Record<StepName, (turn: Turn) => Promise<number>>> = {
  enroll: async ({ needs, agent, options, schedule }) => {
    const missing = missingOptions(options);
    if (missing.length > 0) {
      needs.log('info', `waiting for ${missing.join(', ')} (options, or the policy file ${options.policy.path})`);
      return POLICY_POLL / 1000;
    }
    const { deviceId, userName, status, evidence, keepaliveAfter } = await agent.enroll();
    needs.forgetToken();
    needs.log('info', `enrolled ${deviceId} for ${userName}: ${status}, evidence ${evidence}`);
    schedule.keepalive.dueAt = needs.monotonic() + (status === 'registered' ? 1000 * jitter(keepaliveAfter, Math.random()) : 0);
    return 0;
  },
  keepalive: async ({ needs, agent }) => {
    const before = agent.state();
    const { state, retryAfter } = await agent.keepalive();
    if (state.kind !== 'enrolled') return 0;
    if (before.kind === 'enrolled' && before.status !== state.status) needs.log('info', `this device is now ${state.status}`);
    return jitter(retryAfter ?? state.keepaliveAfter, Math.random());
  },
  signIn: async ({ needs, agent }) => {
    const signedIn = await agent.signIn();
    const state = agent.state();
    if (signedIn.kind === 'session') {
      const { id, userName, expiresAt } = signedIn.session;
      needs.log('info', `signed in as ${userName}: session ${id} until ${expiresAt}`);
    }
    return state.kind === 'enrolled' ? jitter(state.renewAfter, Math.random()) : 0;
  },
};

/** Refusals after which another try would be a nuisance, with the exit code of the daemon. */
const final: Readonly<Record<string, number>> = { device_removed: EXIT.notEnrolled, device_denied: EXIT.refused };

const attempt = async (name: StepName, turn: Turn): Promise<number | undefined> => {
  const { needs, schedule } = turn;
  const step = schedule[name];
  try {
    step.dueAt = needs.monotonic() + 1000 * (await steps[name](turn));
    step.failures = 0;
  } catch (error) {
    const { code = '', retryAfter = 0 } = (error instanceof AgentError && error.refusal) || {};
    if (name === 'enroll' && final[code] !== undefined) {
      needs.log('warn', describeError(error));
      return final[code];
    }
    step.failures += 1;
    const seconds = Math.max(backOff(step.failures, Math.random()), Math.min(retryAfter, 3600));
    step.dueAt = needs.monotonic() + 1000 * seconds;
    needs.log('warn', `${describeError(error).replaceAll('\n', ' ')}; next try in ${Math.round(seconds)} s`);
    // A refusal that names the device: it may be removed or quarantined, so ask at once how it stands.
    if (name === 'signIn' && /^(device|clone)_/.test(code)) schedule.keepalive.dueAt = 0;
  }
  return undefined;
};

/** Does what is due, and returns how long nothing is, or the exit code. */
const takeTurn = async (turn: Turn): Promise<{ readonly wait: number } | { readonly exitCode: number }> => {
  const { needs, agent, schedule } = turn;
  const state = agent.state();
  if (state.kind === 'removed') {
    needs.log('warn', 'this device was removed: it comes back only by "latchkey-agent enroll"');
    return { exitCode: EXIT.notEnrolled };
  }
  if (state.kind === 'enrolled' && state.status === 'denied') {
    needs.log('warn', 'an administrator has denied this device');
    return { exitCode: EXIT.refused };
  }
  const names: readonly StepName[] =
    state.kind === 'none' ? ['enroll'] : canSignIn(state) ? ['keepalive', 'signIn'] : ['keepalive'];
  const due = names.find((name) => schedule[name].dueAt <= needs.monotonic());
  if (due === undefined) return { wait: Math.min(...names.map((name) => schedule[name].dueAt)) - needs.monotonic() };
  const exitCode = await attempt(due, turn);
  return exitCode === undefined ? { wait: 0 } : { exitCode };
};

/** Enrolls if need be, signs in, renews, asks how it stands, until it is told to end or the device is over. Returns the exit code. */
export const run = async (needs: RunNeeds): Promise<number> => {
  const first = needs.gatherOptions();
  // A typing error in the token must not wait for the first try.
  if (openAgent({ options: first, env: needs.env, uid: needs.uid }).state().kind === 'none') first.readDeviceToken();
  for (const note of first.notes) needs.log('warn', note);
  let said = '';
  const log: Log = (level, message) => {
    if (message !== said) needs.log(level, message);
    said = message;
  };
  const fresh = (): Schedule[StepName] => ({ dueAt: 0, failures: 0 });
  const schedule: Schedule = { enroll: fresh(), keepalive: fresh(), signIn: fresh() };
  let failures = 0;
  let open: { readonly agent: Agent; readonly options: string } | undefined;

  const turn = async (): Promise<Awaited<ReturnType<typeof takeTurn>>> => {
    try {
      const options = needs.gatherOptions();
      const fingerprint = JSON.stringify(options);
      if (open?.options !== fingerprint) {
        open?.agent.close();
        open = { agent: openAgent({ options, env: needs.env, uid: needs.uid }), options: fingerprint };
        schedule.enroll.dueAt = 0;
      }
      const outcome = await takeTurn({ needs: { ...needs, log }, agent: open.agent, options, schedule });
      failures = 0;
      return outcome;
    } catch (error) {
      failures += 1;
      log('warn', describeError(error).replaceAll('\n', ' '));
      return { wait: 1000 * backOff(failures, Math.random()) };
    }
  };

  return withLock({ stateDir: first.stateDir, name: 'run', patience: 0 }, async () => {
    try {
      while (!needs.signal.aborted) {
        const outcome = await turn();
        if ('exitCode' in outcome) return outcome.exitCode;
        if (outcome.wait > 0) await needs.wait(outcome.wait);
      }
      return EXIT.ok;
    } finally {
      open?.agent.close();
    }
  });
};
