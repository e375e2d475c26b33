import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { hostname, release, type as systemType, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Parameters } from '@latchkey/device';
import { AgentError } from './errors.ts';
import { AGENT_VERSION } from './version.ts';

/** The id of this application in the machine-id scheme: a random constant. */
const APPLICATION_ID = Buffer.from('6f0d8f5d8a3b4a0f9c1e52c7a4d1b9e3', 'hex');

/** What makers leave in the serial number field: it would make all their machines one. */
const PLACEHOLDER =
  /^(0+|1234567890?|none|n\/?a|na|unknown|default( string)?|not (specified|applicable|available)|to be filled by o\.?e\.?m\.?|system serial number|invalid|x+|\.+|-+)$/i;

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
};

const readAssignments = (text: string | undefined): Map<string, string> =>
  new Map(
    (text ?? '').split('\n').flatMap((line) => {
      const match = /^([A-Z_]+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(line.trim());
      return match?.[1] === undefined ? [] : [[match[1], match[2] ?? match[3] ?? match[4] ?? '']];
    }),
  );

/**
 * machine-id(5): the id itself must not leave the machine, so it is the key of an HMAC over our application id, shaped as a version 4 UUID
 * (as sd_id128_get_machine_app_specific(3) does).
 */
export const appSpecificMachineId = (machineId: string): string | undefined => {
  if (!/^[0-9a-f]{32}$/.test(machineId)) return undefined;
  const mac = createHmac('sha256', Buffer.from(machineId, 'hex')).update(APPLICATION_ID).digest().subarray(0, 16);
  mac.writeUInt8((mac.readUInt8(6) & 0x0f) | 0x40, 6);
  mac.writeUInt8((mac.readUInt8(8) & 0x3f) | 0x80, 8);
  return mac.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

/** The person at the screen, for an agent that runs as root: systemd-logind's sessions, the active one on a seat first. */
const findSeatedUser = (root: string): string | undefined => {
  const folder = join(root, 'run/systemd/sessions');
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch {
    return undefined;
  }
  return names
    .map((name) => readAssignments(read(join(folder, name))))
    .filter((session) => session.get('CLASS') === 'user' && session.get('ACTIVE') === '1' && session.get('UID') !== '0')
    .sort((a, b) => Number(b.has('SEAT')) - Number(a.has('SEAT')))[0]
    ?.get('USER');
};

const processLogin = (env: NodeJS.ProcessEnv): string | undefined => {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry in the password database.
    return env.LOGNAME || env.USER;
  }
};

const findLoginName = (root: string, env: NodeJS.ProcessEnv, uid: number): string | undefined => {
  const seated = uid === 0 ? (env.SUDO_USER !== 'root' && env.SUDO_USER) || findSeatedUser(root) : undefined;
  return seated || processLogin(env);
};

const clip = (value: string): string =>
  value
    .replaceAll(/[\p{Cc}\p{Cs}]/gu, ' ')
    .trim()
    .slice(0, 256);

/** What the agent says of its machine: all of it is listed in docs/guides/agent.md. `root` is '/' but in tests. */
export const gatherFacts = (given: {
  readonly env: NodeJS.ProcessEnv;
  readonly uid: number;
  readonly externalDeviceId: string | undefined;
}): Parameters => {
  const { env, uid } = given;
  const root = env.LATCHKEY_FACTS_ROOT || '/';
  const system = readAssignments(read(join(root, 'etc/os-release')) ?? read(join(root, 'usr/lib/os-release')));
  const serial = read(join(root, 'sys/class/dmi/id/product_serial'));
  const facts: Record<string, string | undefined> = {
    loginName: findLoginName(root, env, uid),
    hostName: hostname(),
    osName: system.get('NAME') ?? systemType(),
    osVersion: system.get('VERSION_ID') ?? release(),
    machineId: appSpecificMachineId(read(join(root, 'etc/machine-id')) ?? read(join(root, 'var/lib/dbus/machine-id')) ?? ''),
    serial: serial === undefined || PLACEHOLDER.test(serial) ? undefined : serial,
    agentVersion: AGENT_VERSION,
    externalDeviceId: given.externalDeviceId === '0' ? undefined : given.externalDeviceId,
  };
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]) => {
      const clipped = value === undefined ? '' : clip(value);
      return clipped === '' ? [] : [[name, clipped]];
    }),
  );
};

/** `login@domain`: the option, or who is signed in to the machine. */
export const composeUserName = (userName: string | undefined, userDomain: string, facts: Parameters): string => {
  const local = userName ?? facts.loginName;
  if (local === undefined) {
    throw new AgentError('facts_missing', 'Nobody is signed in to this machine, so there is no user to enroll.', {
      hint: 'Give userName.',
    });
  }
  return `${local}@${userDomain}`;
};
