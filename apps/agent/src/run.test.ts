import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { backOff, jitter } from './back-off.ts';
import type { AgentError } from './errors.ts';
import { run } from './run.ts';
import { openTestCloud, type TestCloud } from './test-cloud.ts';
import { createMachine, fleetOptions, type Machine, TOKEN } from './test-machine.ts';

const opened: TestCloud[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
const openCloud = async () => {
  const cloud = await openTestCloud();
  opened.push(cloud);
  return cloud;
};

/** The daemon on a clock of its own: waiting costs no time, and `during` acts on the world before each wait. */
const start = async (
  machine: Machine,
  flags: Record<string, string>,
  during: (waits: number, seconds: number) => void | Promise<void>,
  most = 12,
) => {
  const ending = new AbortController();
  const log: string[] = [];
  const waits: number[] = [];
  let clock = 0;
  const exitCode = await run({
    gatherOptions: () => machine.options(flags),
    forgetToken: () => {
      delete flags.deviceToken;
    },
    env: machine.env,
    uid: process.getuid?.() ?? 0,
    log: (level, message) => log.push(`${level} ${message}`),
    signal: ending.signal,
    monotonic: () => clock,
    wait: async (milliseconds) => {
      waits.push(milliseconds / 1000);
      clock += milliseconds;
      await during(waits.length, milliseconds / 1000);
      if (waits.length >= most) ending.abort();
    },
  });
  return { exitCode, log, waits };
};

test('the daemon enrolls, signs in, asks how it stands and renews, each in its time with ±20 %', async () => {
  const cloud = await openCloud();
  const { exitCode, log, waits } = await start(createMachine(), { ...fleetOptions(cloud.cloudName) }, () => undefined, 20);
  expect(exitCode).toBe(0);
  expect(log.slice(0, 2)).toEqual([
    'info enrolled dev_1 for j.doe@acme.com: registered, evidence E0',
    expect.stringMatching(/^info signed in as j.doe@acme.com: session ses_1 until /),
  ]);
  const calls = (path: string) => cloud.received.filter((request) => request.path === path).length;
  const total = waits.reduce((sum, seconds) => sum + seconds, 0);
  expect(calls('/agent/v1/session')).toBeGreaterThanOrEqual(Math.floor(total / 1080));
  expect(calls('/agent/v1/session')).toBeLessThanOrEqual(Math.ceil(total / 720) + 1);
  expect(calls('/agent/v1/keepalive')).toBeGreaterThanOrEqual(Math.floor(total / 360) - 1);
  expect(calls('/agent/v1/enroll')).toBe(1);
});

test('a policy that arrives late is picked up, and nobody enrolls before it is whole', async () => {
  const cloud = await openCloud();
  const machine = createMachine();
  const policy = join(machine.folder, 'policy.json');
  const { cloudName, userDomain, userName } = fleetOptions(cloud.cloudName);
  const { log } = await start(machine, {}, (waits) => {
    if (waits === 2) writeFileSync(policy, JSON.stringify({ cloudName, userDomain }), { mode: 0o600 });
    if (waits === 4)
      writeFileSync(policy, JSON.stringify({ cloudName, userDomain, userName, deviceToken: TOKEN }), { mode: 0o600 });
  });
  expect(log[0]).toBe(`info waiting for deviceToken, userDomain, cloudName (options, or the policy file ${policy})`);
  expect(log[1]).toBe(`info waiting for deviceToken (options, or the policy file ${policy})`);
  expect(log[2]).toBe('info enrolled dev_1 for j.doe@acme.com: registered, evidence E0');
});

test('a server that is down is tried again and again, ever more seldom, and found when it is back', async () => {
  const cloud = await openCloud();
  cloud.tamper.answer = () => 'cut';
  const { log, waits } = await start(
    createMachine(),
    { ...fleetOptions(cloud.cloudName) },
    (count) => {
      if (count === 6) delete cloud.tamper.answer;
    },
    8,
  );
  expect(waits[5]).toBeGreaterThan(waits[0] ?? 0);
  expect(log.at(-1)).toContain('signed in');
});

test('a device that waits for approval asks as often as it is told, and signs in once it is approved', async () => {
  const cloud = await openCloud();
  cloud.tamper.enrollment = 'pending';
  const { log } = await start(
    createMachine(),
    { ...fleetOptions(cloud.cloudName) },
    (count) => {
      for (const device of cloud.devices) if (count === 3) device.state = 'registered';
    },
    6,
  );
  expect(log).toEqual([
    'info enrolled dev_1 for j.doe@acme.com: pending, evidence E0',
    'info this device is now registered',
    expect.stringContaining('signed in'),
  ]);
});

test('a removed device ends the daemon with exit code 6, and so does the next start', async () => {
  const cloud = await openCloud();
  const machine = createMachine();
  const flags = () => ({ ...fleetOptions(cloud.cloudName) });
  const first = await start(machine, flags(), () => {
    for (const device of cloud.devices) device.state = 'removal_pending';
  });
  expect(first.exitCode).toBe(6);
  expect((await start(machine, flags(), () => undefined)).exitCode).toBe(6);
  expect(cloud.devices).toHaveLength(1);
});

test('a denied device ends the daemon with exit code 4', async () => {
  const cloud = await openCloud();
  cloud.tamper.enrollment = 'pending';
  const { exitCode } = await start(createMachine(), { ...fleetOptions(cloud.cloudName) }, () => {
    for (const device of cloud.devices) device.state = 'denied';
  });
  expect(exitCode).toBe(4);
});

test('a quarantined device stops signing in and goes on asking; released, it signs in again', async () => {
  const cloud = await openCloud();
  const machine = createMachine();
  const { log } = await start(
    machine,
    { ...fleetOptions(cloud.cloudName) },
    (count) => {
      for (const device of cloud.devices) {
        if (count === 1) device.state = 'quarantined';
        if (count === 4)
          Object.assign(device, { state: 'registered', held: { joinState: { counter: 0, id: 'anew' }, previousJoinId: '' } });
      }
    },
    10,
  );
  const told = log.filter((line) => !line.includes('signed in'));
  expect(told).toContain('info this device is now quarantined');
  expect(log.at(-1)).toContain('signed in');
});

test('a refusal that names the device is looked into at once', async () => {
  const cloud = await openCloud();
  const { log } = await start(
    createMachine(),
    { ...fleetOptions(cloud.cloudName) },
    (count) => {
      if (count === 1) cloud.tamper.refuse = 'device_quarantined';
      for (const device of cloud.devices) if (count === 1) device.state = 'quarantined';
    },
    6,
  );
  expect(log).toContain('info this device is now quarantined');
});

test('a user who signed out is not signed in again by the daemon', async () => {
  const cloud = await openCloud();
  const machine = createMachine();
  const { log } = await start(
    machine,
    { ...fleetOptions(cloud.cloudName) },
    async (count) => {
      if (count !== 1) return;
      const agent = machine.agent({});
      await agent.signOut();
      agent.close();
    },
    12,
  );
  expect(log.filter((line) => line.includes('signed in'))).toHaveLength(1);
});

test('one daemon for each state folder', async () => {
  const cloud = await openCloud();
  const machine = createMachine();
  let second: unknown;
  await start(
    machine,
    { ...fleetOptions(cloud.cloudName) },
    async (count) => {
      if (count === 1)
        second = await start(machine, { ...fleetOptions(cloud.cloudName) }, () => undefined).catch((error) => error);
    },
    2,
  );
  expect((second as AgentError).code).toBe('state_busy');
});

test('a typing error in the token ends the daemon at once', async () => {
  const flags = { ...fleetOptions('127.0.0.1:9'), deviceToken: `${TOKEN.slice(0, -1)}x` };
  await expect(start(createMachine(), flags, () => undefined)).rejects.toMatchObject({ code: 'usage' });
});

test('no secret is in the log', async () => {
  const cloud = await openCloud();
  cloud.tamper.enrollment = 'token_revoked';
  const { log } = await start(createMachine(), { ...fleetOptions(cloud.cloudName) }, (count) => {
    if (count === 2) delete cloud.tamper.enrollment;
  });
  expect(log.join()).toContain('token_revoked');
  expect(log.join()).not.toContain(TOKEN.slice(14));
});

test('back-off doubles up to 5 minutes and never is zero; jitter is ±20 %', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const seconds = backOff(failures, random);
      expect(seconds).toBeGreaterThanOrEqual(Math.min(300, 2 ** Math.min(failures, 16)) / 2);
      expect(seconds).toBeLessThanOrEqual(300);
      expect(Math.abs(jitter(900, random) - 900)).toBeLessThanOrEqual(180.001);
    }),
  );
});
