import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import packageFile from '../package.json' with { type: 'json' };
import { openTestCloud, openTestSite, type TestCloud } from './test-cloud.ts';
import { createMachine, fleetOptions, type Machine, TOKEN } from './test-machine.ts';

const BIN = new URL('../bin/latchkey-agent.mjs', import.meta.url).pathname;

const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
const keep = <T extends { close: () => unknown }>(one: T): T => {
  opened.push(one);
  return one;
};

interface Running {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  readonly ended: Promise<number | null>;
}

const launch = (machine: Machine, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running => {
  const child = spawn(process.execPath, [BIN, ...args], { env: { ...machine.env, LATCHKEY_STATEDIR: machine.stateDir, ...env } });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  keep({ close: () => child.kill('SIGKILL') });
  return { child, out: () => out, err: () => err, ended: new Promise((resolve) => child.on('close', resolve)) };
};

const finish = async (machine: Machine, args: readonly string[], env: NodeJS.ProcessEnv = {}, input?: string) => {
  const running = launch(machine, args, env);
  running.child.stdin?.end(input ?? '');
  return { exitCode: await running.ended, out: running.out(), err: running.err() };
};

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await sleep(20);
};

const flagsOf = (cloud: TestCloud): string[] =>
  Object.entries(fleetOptions(cloud.cloudName)).flatMap(([name, value]) => [`--${name}`, value]);
const withoutToken = (cloud: TestCloud): string[] => flagsOf(cloud).slice(2);

test('the whole story as commands: enroll, status, sign-in, token, sign-out, unenroll', async () => {
  const cloud = keep(await openTestCloud());
  const machine = createMachine();
  expect(await finish(machine, ['status'])).toMatchObject({ exitCode: 6, out: 'not enrolled\n' });
  expect(await finish(machine, ['enroll', ...flagsOf(cloud)])).toMatchObject({
    exitCode: 0,
    out: expect.stringMatching(/^registered: j\.doe@acme\.com on device dev_1/),
  });
  const explained = await finish(machine, ['sign-in', '--explain']);
  expect(explained).toMatchObject({
    exitCode: 0,
    out: expect.stringMatching(/^signed in as j\.doe@acme\.com: session ses_1 until /),
  });
  for (const id of ['request=_', 'response=_', 'assertion=_', 'correlation=cor_', 'subject=j.doe@acme.com'])
    expect(explained.err).toContain(id);
  const status = await finish(machine, ['status', '--json']);
  expect(JSON.parse(status.out)).toMatchObject({ status: 'registered', deviceId: 'dev_1', session: { id: 'ses_1' } });
  expect(await finish(machine, ['token', 'wiki'])).toMatchObject({ exitCode: 0, out: 'at-wiki\n' });
  expect(await finish(machine, ['sign-out'])).toMatchObject({ exitCode: 0 });
  expect(await finish(machine, ['unenroll'])).toMatchObject({ exitCode: 0 });
  expect(await finish(machine, ['sign-in'])).toMatchObject({ exitCode: 6 });
});

test('the device token is not in the process list after the start, nor in anything the agent writes', async () => {
  const cloud = keep(await openTestCloud());
  cloud.tamper.enrollment = 'pending';
  const machine = createMachine();
  const { child, out, err, ended } = launch(machine, ['run', ...flagsOf(cloud)]);
  await until(() => out().includes('enrolled'));
  const commandLine = readFileSync(`/proc/${child.pid}/cmdline`, 'latin1');
  expect(commandLine.replaceAll('\0', '')).toBe('latchkey-agent');
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  for (const text of [out(), err(), readFileSync(join(machine.stateDir, 'state.json'), 'utf8')]) {
    expect(text).not.toContain(TOKEN.slice(14));
  }
});

test('the token comes from standard input, a file, a config file or the environment as well', async () => {
  const cloud = keep(await openTestCloud());
  const folder = createMachine().folder;
  const file = join(folder, 'token');
  const config = join(folder, 'config.json');
  writeFileSync(file, `${TOKEN}\n`);
  writeFileSync(config, JSON.stringify(fleetOptions(cloud.cloudName)));
  const rest = withoutToken(cloud);
  const ways: [string[], NodeJS.ProcessEnv, string?][] = [
    [['--deviceToken', '-', ...rest], {}, `${TOKEN}\n`],
    [['--deviceTokenFile', file, ...rest], {}],
    [['--config', config], {}],
    [rest, { LATCHKEY_DEVICETOKEN: TOKEN }],
  ];
  for (const [args, env, input] of ways) {
    expect(await finish(createMachine(), ['enroll', ...args], env, input)).toMatchObject({ exitCode: 0 });
  }
});

test('the daemon survives a server that restarts, and SIGTERM ends it with 0', async () => {
  const cloud = keep(await openTestCloud());
  const machine = createMachine();
  cloud.tamper.answer = () => 'cut';
  const { child, out, ended } = launch(machine, ['run', ...flagsOf(cloud)]);
  await until(() => out().includes('next try'));
  delete cloud.tamper.answer;
  await until(() => out().includes('signed in'));
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});

test('kill -9 at any moment leaves a state that the next start can use, and one device', async () => {
  const cloud = keep(await openTestCloud());
  const machine = createMachine();
  // Killed while the server has the n-th message of the run and before the answer is read, or a little later.
  for (let times = 0; times < 10; times += 1) {
    const before = cloud.received.length;
    const { child, ended } = launch(machine, ['run', ...flagsOf(cloud)]);
    await until(() => cloud.received.length > before + (times >> 1));
    if (times % 2 === 1) await sleep(times);
    child.kill('SIGKILL');
    await ended;
  }
  expect(await finish(machine, ['enroll', ...flagsOf(cloud)])).toMatchObject({ exitCode: 0 });
  expect(await finish(machine, ['sign-in'])).toMatchObject({ exitCode: 0 });
  expect(cloud.devices).toHaveLength(1);
});

test('each way to stop has its exit code', async () => {
  const cloud = keep(await openTestCloud());
  const enroll = (change: (cloud: TestCloud) => void) => {
    change(cloud);
    return finish(createMachine(), ['enroll', ...flagsOf(cloud)]);
  };
  expect((await enroll(() => Object.assign(cloud.tamper, { enrollment: 'token_revoked' }))).exitCode).toBe(4);
  expect((await enroll(() => Object.assign(cloud.tamper, { enrollment: 'pending' }))).exitCode).toBe(5);
  expect(
    (await enroll(() => Object.assign(cloud.tamper, { answer: () => ({ status: 307, headers: { location: '/' } }) }))).exitCode,
  ).toBe(1);
  expect((await finish(createMachine(), ['enroll'])).exitCode).toBe(2);
  expect((await finish(createMachine(), ['frobnicate'])).exitCode).toBe(2);
  await cloud.close();
  expect((await enroll(() => Object.assign(cloud.tamper, { answer: undefined }))).exitCode).toBe(3);
});

test('a refusal is one plain sentence with its code and correlation id', async () => {
  const cloud = keep(await openTestCloud());
  cloud.tamper.enrollment = 'domain_not_proved';
  const { err } = await finish(createMachine(), ['enroll', ...flagsOf(cloud)]);
  expect(err).toBe('latchkey-agent: Refused: domain_not_proved. (domain_not_proved, cor_test)\n');
});

test('the protected page of another service provider is printed on standard output, and nothing else', async () => {
  const cloud = keep(await openTestCloud());
  const site = keep(await openTestSite());
  const machine = createMachine();
  await finish(machine, ['enroll', ...flagsOf(cloud)]);
  const page = await finish(machine, [
    'sign-in',
    '--explain',
    '--keepMessages',
    join(machine.folder, 'kept'),
    `${site.origin}/secret`,
  ]);
  expect(page).toMatchObject({ exitCode: 0, out: 'the secret page' });
  expect(readFileSync(join(machine.folder, 'kept/03-soap-response.xml'), 'utf8')).toContain('Assertion');
});

test('doctor says what is wrong, and exits with 1 then', async () => {
  const cloud = keep(await openTestCloud());
  const machine = createMachine();
  expect((await finish(machine, ['doctor', '--cloudName', cloud.cloudName])).exitCode).toBe(0);
  cloud.tamper.discovery = { origin: 'https://other.example.com' };
  const sick = await finish(machine, ['doctor', '--json', '--cloudName', cloud.cloudName]);
  expect(sick.exitCode).toBe(1);
  expect(JSON.parse(sick.out)).toContainEqual({
    check: 'server',
    result: 'bad',
    text: expect.stringContaining('says that it is https://other.example.com'),
  });
});

test('version prints the version of the package', async () => {
  expect(await finish(createMachine(), ['version'])).toMatchObject({ exitCode: 0, out: `${packageFile.version}\n` });
});
