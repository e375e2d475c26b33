import { lookup } from 'node:dns/promises';
import { statSync } from 'node:fs';
import { keepCollected } from '@latchkey/device';
import { openCloud } from './cloud.ts';
import { AgentError, describeError } from './errors.ts';
import { gatherFacts } from './facts.ts';
import { openHttpClient } from './http.ts';
import { keyPath, loadKey } from './key.ts';
import type { Options } from './options.ts';
import { type AgentState, loadState } from './state.ts';

export interface Finding {
  readonly check: string;
  readonly result: 'ok' | 'note' | 'bad';
  readonly text: string;
}

type Answer = readonly [Finding['result'], string];

interface Patient {
  readonly options: Options;
  readonly env: NodeJS.ProcessEnv;
  readonly uid: number;
  readonly state: AgentState;
  readonly origin: string | undefined;
}

const checkPolicy = ({ options }: Patient): Answer =>
  options.policy.present
    ? [
        'ok',
        `${options.policy.path} locks ${
          Object.keys(options.sources)
            .filter((name) => options.sources[name] === 'policy')
            .join(', ') || 'nothing'
        }`,
      ]
    : ['note', `no policy file at ${options.policy.path}`];

const checkStateDir = ({ options }: Patient): Answer => {
  const stats = statSync(options.stateDir, { throwIfNoEntry: false });
  if (stats === undefined) return ['note', `${options.stateDir} does not exist yet`];
  return (stats.mode & 0o077) === 0
    ? ['ok', options.stateDir]
    : ['bad', `${options.stateDir} is open to others: chmod 0700 ${options.stateDir}`];
};

const checkKey = ({ options, state }: Patient): Answer => {
  const key = loadKey(options.stateDir);
  if (key === undefined)
    return state.kind === 'enrolled'
      ? ['bad', 'the device key is gone: unenroll --local and enroll again']
      : ['note', 'no key yet'];
  if ((statSync(keyPath(options.stateDir)).mode & 0o077) !== 0)
    return ['bad', `the key is open to others: chmod 0600 ${keyPath(options.stateDir)}`];
  if (state.kind === 'enrolled' && state.jkt !== key.jkt) return ['bad', 'the key is not the one that was enrolled'];
  return ['ok', `P-256, in a file (software), thumbprint ${key.jkt}`];
};

const checkEnrollment = ({ state, options }: Patient): Answer => {
  if (state.kind !== 'enrolled') return ['note', state.kind === 'removed' ? 'this device was removed' : 'not enrolled'];
  if (options.origin !== undefined && options.origin !== state.origin)
    return ['bad', `enrolled at ${state.origin}, but cloudName is ${options.origin}`];
  return [state.status === 'registered' ? 'ok' : 'note', `${state.status} as ${state.userName}, device ${state.deviceId}`];
};

const checkName = async ({ origin }: Patient): Promise<Answer> => {
  if (origin === undefined) return ['note', 'cloudName is not set'];
  const { hostname } = new URL(origin);
  const found = await lookup(hostname.replaceAll(/[[\]]/g, ''), { all: true });
  return ['ok', `${hostname} is ${found.map(({ address }) => address).join(', ')}`];
};

const checkServer = async ({ origin, options, env }: Patient): Promise<Answer> => {
  if (origin === undefined) return ['note', 'cloudName is not set'];
  const http = openHttpClient({ cloudOrigin: origin, caFile: options.caFile, env });
  try {
    const { version } = await openCloud({ http, origin }).discover();
    return [
      'ok',
      `${origin} answers, version ${version}${origin.startsWith('https:') ? ', over TLS' : ', over plain HTTP on loopback'}`,
    ];
  } finally {
    http.close();
  }
};

const checkClock = async ({ origin, options, env }: Patient): Promise<Answer> => {
  if (origin === undefined) return ['note', 'cloudName is not set'];
  const http = openHttpClient({ cloudOrigin: origin, caFile: options.caFile, env });
  try {
    const answer = await http.request({ method: 'GET', url: new URL('/.well-known/latchkey', origin), headers: {} });
    const offset = Math.round((Date.now() - Date.parse(answer.headers.date ?? '')) / 1000);
    if (Number.isNaN(offset)) return ['note', 'the server does not say the time'];
    return Math.abs(offset) <= 60
      ? ['ok', 'as the server says']
      : ['note', `${offset} s off; proofs do not mind, certificates may`];
  } finally {
    http.close();
  }
};

const checkProxy = ({ env, origin }: Patient): Answer => {
  const proxy = env.https_proxy || env.HTTPS_PROXY;
  if (!proxy) return ['ok', 'none set'];
  return [
    'note',
    origin?.startsWith('http:')
      ? 'HTTPS_PROXY is set; loopback does not use it'
      : `HTTPS_PROXY is used, but for ${env.no_proxy || env.NO_PROXY || 'nothing'}`,
  ];
};

const checkCertificates = ({ env, options }: Patient): Answer => {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0') return ['note', 'NODE_TLS_REJECT_UNAUTHORIZED=0 is set and has no effect here'];
  if (options.caFile !== undefined) return ['ok', `only those of ${options.caFile} for the server`];
  return ['ok', env.NODE_EXTRA_CA_CERTS ? `built-in and ${env.NODE_EXTRA_CA_CERTS}` : 'built-in'];
};

const checkFacts = ({ env, uid, options, state }: Patient): Answer => {
  const known = gatherFacts({ env, uid, externalDeviceId: options.externalDeviceId });
  const facts = keepCollected(known, state.kind === 'enrolled' ? state.collect : undefined);
  const withheld = Object.keys(known).filter((name) => !(name in facts));
  return [
    'ok',
    [
      ...Object.entries(facts).map(([name, value]) => `${name}=${value}`),
      ...(withheld.length === 0 ? [] : [`(not collected: ${withheld.join(', ')})`]),
    ].join(' '),
  ];
};

const checks: readonly (readonly [string, (patient: Patient) => Answer | Promise<Answer>])[] = [
  ['policy', checkPolicy],
  ['state folder', checkStateDir],
  ['key', checkKey],
  ['enrollment', checkEnrollment],
  ['machine', checkFacts],
  ['proxy', checkProxy],
  ['authorities', checkCertificates],
  ['name', checkName],
  ['server', checkServer],
  ['clock', checkClock],
];

/** Looks at everything that can be wrong, one after the other; a check that throws is a finding too. */
export const examine = async (given: {
  readonly options: Options;
  readonly env: NodeJS.ProcessEnv;
  readonly uid: number;
}): Promise<readonly Finding[]> => {
  const findings: Finding[] = [];
  let state: AgentState = { kind: 'none' };
  try {
    state = loadState(given.options.stateDir);
  } catch (error) {
    findings.push({ check: 'state', result: 'bad', text: describeError(error) });
  }
  const patient = { ...given, state, origin: state.kind === 'enrolled' ? state.origin : given.options.origin };
  for (const [check, look] of checks) {
    try {
      const [result, text] = await look(patient);
      findings.push({ check, result, text });
    } catch (error) {
      findings.push({
        check,
        result: 'bad',
        text: error instanceof AgentError ? describeError(error).replaceAll('\n', ' ') : String(error),
      });
    }
  }
  return findings;
};
