import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentIdp } from '@latchkey/contract';
import type { DeviceState, JoinState, JsonObject } from '@latchkey/device';
import { AgentError } from './errors.ts';
import { removeFile, writeFileDurably } from './files.ts';
import { wipeKey } from './key.ts';
import { collectOf, countAt, objectAt, optionalTextAt, parseJson, ShapeError, textAt, textsAt } from './shape.ts';

/** The IdP of the cloud: where to post, and which keys to believe. */
export type PinnedIdp = Readonly<AgentIdp>;

export interface SessionRecord {
  readonly id: string;
  readonly expiresAt: string;
  readonly userName: string;
}

/** What the device knows of its enrollment. It never holds the device token. */
export interface Enrollment {
  readonly kind: 'enrolled';
  readonly origin: string;
  readonly organization: string;
  readonly deviceId: string;
  readonly jkt: string;
  readonly userName: string;
  readonly evidence: string;
  /** As the server last said. */
  readonly status: DeviceState;
  /** Absent until an administrator has approved. */
  readonly joinState: JoinState | undefined;
  readonly idp: PinnedIdp;
  /** Seconds. */
  readonly renewAfter: number;
  readonly keepaliveAfter: number;
  readonly session: SessionRecord | undefined;
  /** The user signed out here: do not sign in again by itself. */
  readonly signedOut: boolean;
  readonly lastSignInAt: string | undefined;
  readonly lastKeepaliveAt: string | undefined;
  /** Which of the optional parameters the organization collects, as the server last said; absent: all of them. */
  readonly collect?: readonly string[];
}

/** A removed device keeps this much, so that it does not come back by itself. */
export interface Removal {
  readonly kind: 'removed';
  readonly deviceId: string;
  readonly origin: string;
  readonly at: string;
}

export type AgentState = { readonly kind: 'none' } | Removal | Enrollment;

const STATES: readonly string[] = [
  'pending',
  'denied',
  'registered',
  'unregistered',
  'removal_pending',
  'removed',
  'quarantined',
];
const isDeviceState = (value: string): value is DeviceState => STATES.includes(value);

export const readDeviceState = (from: JsonObject, name: string): DeviceState => {
  const value = textAt(from, name);
  if (!isDeviceState(value)) throw new ShapeError(`"${name}" is not a device state`);
  return value;
};

export const readJoinState = (from: JsonObject): JoinState => ({ counter: countAt(from, 'counter'), id: textAt(from, 'id') });

export const readIdp = (from: JsonObject): PinnedIdp => ({
  entityId: textAt(from, 'entityId'),
  ssoUrl: textAt(from, 'ssoUrl'),
  certificates: textsAt(from, 'certificates'),
});

export const readSession = (from: JsonObject, userName: string): SessionRecord => ({
  id: textAt(from, 'id'),
  expiresAt: textAt(from, 'expiresAt'),
  userName,
});

const readEnrollment = (from: JsonObject): Enrollment => ({
  kind: 'enrolled',
  origin: textAt(from, 'origin'),
  organization: textAt(from, 'organization'),
  deviceId: textAt(from, 'deviceId'),
  jkt: textAt(from, 'jkt'),
  userName: textAt(from, 'userName'),
  evidence: textAt(from, 'evidence'),
  status: readDeviceState(from, 'status'),
  joinState: from.joinState === undefined ? undefined : readJoinState(objectAt(from, 'joinState')),
  idp: readIdp(objectAt(from, 'idp')),
  renewAfter: countAt(from, 'renewAfter'),
  keepaliveAfter: countAt(from, 'keepaliveAfter'),
  session:
    from.session === undefined
      ? undefined
      : readSession(objectAt(from, 'session'), textAt(objectAt(from, 'session'), 'userName')),
  signedOut: from.signedOut === true,
  lastSignInAt: optionalTextAt(from, 'lastSignInAt'),
  lastKeepaliveAt: optionalTextAt(from, 'lastKeepaliveAt'),
  ...collectOf(from),
});

const readRemoval = (from: JsonObject): Removal => ({
  kind: 'removed',
  deviceId: textAt(from, 'deviceId'),
  origin: textAt(from, 'origin'),
  at: textAt(from, 'at'),
});

export const statePath = (stateDir: string): string => join(stateDir, 'state.json');

export const loadState = (stateDir: string): AgentState => {
  const path = statePath(stateDir);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { kind: 'none' };
    throw new AgentError('state_broken', `The state file ${path} cannot be read.`, { cause: error, hint: String(error) });
  }
  try {
    const state = parseJson(text);
    return state.kind === 'removed' ? readRemoval(state) : readEnrollment(state);
  } catch (cause) {
    if (!(cause instanceof ShapeError)) throw cause;
    throw new AgentError('state_broken', `The state file ${path} is broken: ${cause.message}.`, {
      hint: 'Run "latchkey-agent unenroll --local" and enroll again; an administrator may have to approve.',
    });
  }
};

export const saveState = (stateDir: string, state: Exclude<AgentState, { kind: 'none' }>): void =>
  writeFileDurably(statePath(stateDir), `${JSON.stringify(state, null, 2)}\n`);

export const wipeState = (stateDir: string): void => removeFile(statePath(stateDir));

/** The server has removed the device: key first, then everything but the mark. */
export const wipeEnrollment = (stateDir: string, { deviceId, origin }: Enrollment, at: Date): void => {
  wipeKey(stateDir);
  saveState(stateDir, { kind: 'removed', deviceId, origin, at: at.toISOString() });
};

/** The enrollment, or the reason why there is none to work with. */
export const requireEnrollment = (stateDir: string): Enrollment => {
  const state = loadState(stateDir);
  if (state.kind === 'enrolled') return state;
  throw new AgentError('not_enrolled', state.kind === 'removed' ? 'This device was removed.' : 'This device is not enrolled.', {
    hint: 'Run "latchkey-agent enroll".',
  });
};
