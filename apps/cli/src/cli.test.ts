import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startNameServer, type TestNameServer } from '../../../test/kit/dns.ts';

// Each step is a process of its own, on whatever machine this is.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const bin = fileURLToPath(new URL('../bin/latchkey.mjs', import.meta.url));
const serverMain = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'latchkey-cli-'));
const profile = join(folder, 'config', 'latchkey', 'profile.json');
let server: ChildProcess;
let dns: TestNameServer;
let origin: string;
let code: string;

interface Run {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

const run = (
  args: readonly string[],
  more: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Run> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [bin, ...args],
      { env: { PATH: process.env.PATH, HOME: folder, XDG_CONFIG_HOME: join(folder, 'config'), ...more.env } },
      (error, out, err) => resolve({ exitCode: error === null ? 0 : Number(error.code), out, err }),
    );
    child.stdin?.end(more.input ?? '');
  });

/** Runs a command that must end well. */
const ok = async (...args: readonly string[]): Promise<string> => {
  const { exitCode, out, err } = await run(args);
  expect({ args, exitCode, err: exitCode === 0 ? '' : err }).toEqual({ args, exitCode: 0, err: '' });
  return out;
};

const json = async (...args: readonly string[]) => JSON.parse(await ok('-o', 'json', ...args));

beforeAll(async () => {
  dns = await startNameServer();
  server = spawn(process.execPath, [serverMain], {
    env: {
      PATH: process.env.PATH,
      LATCHKEY_DATA: join(folder, 'data'),
      LATCHKEY_PORT: '0',
      LATCHKEY_LOG_LEVEL: 'error',
      LATCHKEY_DNS_SERVERS: dns.address,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  [origin, code] = await new Promise<[string, string]>((resolve, reject) => {
    let screen = '';
    server.stdout?.on('data', (chunk: Buffer) => {
      screen += chunk.toString();
      const found = /running at (\S+)[\s\S]*--code (\S+)/.exec(screen);
      if (found?.[1] !== undefined && found[2] !== undefined) resolve([found[1], found[2]]);
    });
    server.once('exit', () => reject(new Error(`The server ended early:\n${screen}`)));
  });
});

afterAll(async () => {
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await ended;
  await dns.close();
  rmSync(folder, { recursive: true });
});

describe('before anything is set up', () => {
  test('a command says what to do first, and ends with 2', async () => {
    const { exitCode, out, err } = await run(['user', 'list']);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toContain('latchkey setup --url URL');
  });

  test('a server that is not there ends with 3', async () => {
    const { exitCode, err } = await run(['setup', '--url', 'http://127.0.0.1:9', '--code', code]);
    expect(exitCode).toBe(3);
    expect(err).toContain('cannot be reached');
  });

  test('a server that is something else is recognized', async () => {
    const other = createServer((_, response) => response.end('<html>')).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo; // it listens on a port
    const { exitCode } = await run(['setup', '--url', `http://127.0.0.1:${port}`, '--code', code]);
    other.close();
    expect(exitCode).toBe(1);
  });

  test('plain http is for loopback only: the code does not leave in the clear', async () => {
    const { exitCode, err } = await run(['setup', '--url', 'http://id.acme.com', '--code', code]);
    expect(exitCode).toBe(2);
    expect(err).toContain('in the clear');
  });

  test.each([[['frobnicate']], [['user', 'create']], [['-o', 'xml', 'user', 'list']], [['user', 'list', '--wrong']]])(
    '%j is wrong usage: 2',
    async (args) => {
      expect((await run(args)).exitCode).toBe(2);
    },
  );

  test('help and version end with 0', async () => {
    expect(await ok('--help')).toContain('First steps:');
    expect(await ok('device-token', 'create', '--help')).toContain('approval   each device waits');
    expect(await ok('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('the first steps of the README', () => {
  test('a wrong code is refused with a sentence and an id', async () => {
    const { exitCode, err } = await run(['setup', '--url', origin, '--code', 'lks_wrong']);
    expect(exitCode).toBe(1);
    expect(err).toMatch(/The setup code is not valid\.\n {2}It can be used once\..*\n {2}\(setup_code_wrong, cor_[0-9a-f]{32}\)/);
  });

  test('setup takes the code from a pipe and keeps the key in a file of mode 0600', async () => {
    const { exitCode, out } = await run(['setup', '--url', origin, '--code', '-'], { input: `${code}\n` });
    expect(exitCode).toBe(0);
    expect(out).toContain(`You are the operator of ${origin}`);
    expect(out).not.toContain('lka_');
    expect(statSync(profile).mode & 0o777).toBe(0o600);
  });

  test('from the organization to a device token', async () => {
    expect(await ok('org', 'create', 'acme')).toMatch(/Created acme \(org_[0-9a-f]{32}\)/);
    expect(await ok('domain', 'grant', 'Acme.com')).toContain('acme.com belongs to acme.');
    expect(await ok('idp', 'add', 'device', '--domains', 'any', '--auto-provisioning', 'on')).toContain(
      'Nothing live has changed yet.',
    );
    expect((await run(['settings', 'show'])).err).toContain('Nothing is live yet.');
    expect(await ok('idp', 'list')).toMatch(/^device +device +Devices +enabled +any +no +on +no$/m);
    expect(await ok('settings', 'diff')).toContain('+ identityProviders/device');
    expect(await ok('activate', '--comment', 'First')).toContain('Version 1 is live.');
    const token = await json(
      'device-token',
      'create',
      '--enrollment',
      'automatic',
      '--description',
      'My fleet',
      '--expires',
      '30d',
    );
    expect(token).toMatchObject({ enrollment: 'automatic', state: 'live', token: expect.stringMatching(/^lkd_/) });
    const listed = await ok('device-token', 'list');
    expect(listed).toContain(`…${token.token.slice(-4)}`);
    expect(listed).not.toContain(token.token);
  });
});

describe('day by day', () => {
  test('how devices enroll must be chosen', async () => {
    const { exitCode, err } = await run(['device-token', 'create', '--description', 'x']);
    expect(exitCode).toBe(2);
    expect(err).toContain('--enrollment');
  });

  test('a change saved is not a change made; activation takes only the revision that was reviewed', async () => {
    await ok('idp', 'disable', 'device');
    expect((await json('settings', 'show')).document.identityProviders[0].status).toBe('enabled');
    const stale = await run(['activate', '--revision', '1']);
    expect(stale).toMatchObject({ exitCode: 1, err: expect.stringContaining('Somebody has changed the draft') });
    expect(await ok('activate')).toContain('"enabled" -> "disabled"');
    expect((await json('settings', 'show')).document.identityProviders[0].status).toBe('disabled');
    expect(await ok('settings', 'rollback', '1')).toContain('Version 3 is live');
    expect((await json('settings', 'history')).map((each: { version: number }) => each.version)).toEqual([3, 2, 1]);
  });

  test('the draft is edited: domains, default, another identity provider, removal', async () => {
    await ok('idp', 'add', 'external', '--id', 'okta', '--sign-in-url', 'https://acme.okta.com/', '--default');
    await ok('idp', 'set', 'device', '--domains', 'acme.com', '--auto-provisioning', 'off', '--name', 'Fleet');
    await ok('idp', 'enable', 'device');
    expect((await json('settings', 'show', '--draft')).document).toEqual({
      authenticationProfile: {
        authenticationType: 'saml',
        userRepositoryType: 'hosted',
        authenticationFrequency: 'only_once',
        authenticationFrequencyDays: null,
        deviceSessionSeconds: 43_200,
        collectedParameters: ['loginName', 'hostName', 'serial', 'externalDeviceId'],
      },
      identityProviders: [
        { kind: 'device', id: 'device', name: 'Fleet', status: 'enabled', domains: ['acme.com'], autoProvisioning: false },
        {
          kind: 'saml',
          id: 'okta',
          name: 'okta',
          status: 'enabled',
          domains: [],
          autoProvisioning: false,
          signInUrl: 'https://acme.okta.com/',
        },
      ],
      defaultIdp: 'okta',
    });
    const refused = await run(['idp', 'default', 'none']);
    expect(refused).toMatchObject({ exitCode: 1, err: expect.stringContaining('must have a domain') });
    await ok('idp', 'remove', 'okta');
    expect((await json('settings', 'show', '--draft')).document).toMatchObject({
      identityProviders: [{ id: 'device' }],
      defaultIdp: null,
    });
    expect(await ok('settings', 'validate')).toContain('can be activated');
  });

  test('users by name', async () => {
    await ok('user', 'create', 'j.doe@acme.com', '--display-name', 'J. Doe');
    expect(await ok('user', 'list')).toMatch(/^j\.doe@acme\.com +J\. Doe +- +active +api/m);
    expect(await ok('user', 'disable', 'J.Doe@ACME.com')).toContain('is disabled');
    expect((await json('user', 'show', 'j.doe@acme.com')).state).toBe('disabled');
    await ok('user', 'delete', 'j.doe@acme.com');
    const gone = await run(['-o', 'json', 'user', 'show', 'j.doe@acme.com']);
    expect(gone.exitCode).toBe(1);
    expect(JSON.parse(gone.err)).toMatchObject({ error: { code: 'user_unknown' } });
  });

  test('groups and departments by name; users in and out of them', async () => {
    await ok('department', 'create', 'Sales');
    await ok('group', 'create', 'Staff', '--comments', 'all of us');
    await ok('user', 'create', 'g.roup@acme.com', '--department', 'sales', '--group', 'Staff', '--email', 'g@mail.example');
    expect(await json('user', 'show', 'g.roup@acme.com')).toMatchObject({
      email: 'g@mail.example',
      department: { name: 'Sales' },
      groups: [{ name: 'Staff' }],
    });
    expect(await ok('group', 'remove', 'Staff', 'g.roup@acme.com')).toContain('is no longer in Staff');
    expect(await json('user', 'list', '--group', 'Staff')).toEqual([]);
    expect(await ok('group', 'add', 'staff', 'g.roup@acme.com')).toContain('is in Staff');
    expect(await json('user', 'list', '--group', 'Staff', '--department', 'Sales')).toHaveLength(1);
    await ok('user', 'change', 'g.roup@acme.com', '--department', '', '--group', '', '--display-name', 'G');
    expect(await json('user', 'show', 'g.roup@acme.com')).toMatchObject({ department: null, groups: [], displayName: 'G' });
    expect(await run(['user', 'change', 'g.roup@acme.com'])).toMatchObject({ exitCode: 2 });
    await ok('group', 'change', 'Staff', '--name', 'Crew');
    expect(await ok('group', 'list')).toMatch(/^Crew +api .*\nService Admin +system/m);
    await ok('group', 'delete', 'Crew');
    expect(await run(['group', 'show', 'Crew'])).toMatchObject({ exitCode: 1, err: expect.stringContaining('group list') });
    await ok('user', 'delete', 'g.roup@acme.com');
  });

  test('users from a CSV file, and to one', async () => {
    const file = join(folder, 'users.csv');
    writeFileSync(file, 'userName,displayName,groups\nc.s@acme.com,C S,"Imported; More"\nx@else.com,X,\n');
    expect(await run(['import', 'users', file])).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/3,userName,else\.com/),
    });
    writeFileSync(file, 'userName,displayName,groups\nc.s@acme.com,C S,"Imported; More"\n');
    const dry = await run(['import', 'users', file, '--dry-run']);
    expect(dry).toMatchObject({ exitCode: 0, err: expect.stringContaining('1 to add'), out: expect.stringContaining('Nothing') });
    expect((await run(['user', 'show', 'c.s@acme.com'])).exitCode).toBe(1);
    expect(await ok('import', 'users', file)).toContain('1 added');
    const exported = await ok('user', 'export');
    expect(exported).toContain('c.s@acme.com,C S,,,Imported; More,,active');
    writeFileSync(file, exported);
    expect((await run(['import', 'users', file, '--existing', 'override', '--dry-run'])).err).toContain('0 to add, 0 to change');
    expect((await json('import', 'list'))[0]).toMatchObject({ fileName: 'users.csv', state: 'cancelled' });
    await ok('user', 'delete', 'c.s@acme.com');
    expect(await run(['import', 'users', join(folder, 'none.csv')])).toMatchObject({ exitCode: 1 });
  });

  test('what others have chosen cannot steer the terminal', async () => {
    await ok('user', 'create', 'evil@acme.com', '--display-name', 'x');
    const { out } = await run(['user', 'show', 'evil\u001b[2J@acme.com']);
    expect(out).not.toContain('\u001b');
    expect((await run(['user', 'create', 'a\u001b[31m@acme.com'])).err).not.toContain('\u001b');
  });

  test('applications by identifier', async () => {
    await ok('application', 'add', '--identifier', 'https://wiki.acme.com');
    const [application] = await json('application', 'list');
    expect(application).toMatchObject({ kind: 'api', name: 'https://wiki.acme.com', enabled: true });
    await ok('application', 'disable', application.id);
    await ok('application', 'remove', application.id);
    expect((await run(['application', 'add'])).exitCode).toBe(2);
  });

  test('applications behind the gateway', async () => {
    await ok('application', 'add', '--gateway', 'https://docs.acme.com', '--allow-bearer', '--evidence', 'E1');
    const [application] = await json('application', 'list');
    expect(application).toMatchObject({
      kind: 'gateway',
      identifier: 'https://docs.acme.com',
      allowBearer: true,
      minEvidence: 'E1',
    });
    await ok('application', 'remove', application.id);
    expect((await run(['application', 'add', '--gateway', 'docs.acme.com'])).exitCode).toBe(1);
    expect((await run(['application', 'add', '--identifier', 'x', '--allow-bearer'])).exitCode).toBe(2);
  });

  test('metadata that is none is refused with the reason', async () => {
    const file = join(folder, 'metadata.xml');
    writeFileSync(file, '<html/>');
    const { exitCode, err } = await run(['application', 'add', '--metadata', file]);
    expect(exitCode).toBe(1);
    expect(err).toContain('The metadata cannot be used.');
  });

  test('the audit is listed, filtered and exported', async () => {
    expect(await ok('audit', 'list', '--action', 'settings.activated', '--since', '1h')).toContain('settings:3');
    const [event] = await json('audit', 'list', '--action', 'user.created', '--limit', '1');
    expect(await ok('audit', 'show', event.correlationId)).toContain('evil@acme.com');
    const lines = (await ok('audit', 'export')).trimEnd().split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ action: 'organization.created' });
    const file = join(folder, 'audit.ndjson');
    await ok('audit', 'export', '--file', file);
    expect(readFileSync(file, 'utf8').trimEnd().split('\n').length).toBeGreaterThanOrEqual(lines.length);
  });

  test('the audit is followed until the reader has seen enough', async () => {
    const child = spawn(
      process.execPath,
      [bin, '-o', 'json', 'audit', 'list', '--follow', '--action', 'user.disabled', '--limit', '1'],
      {
        env: { PATH: process.env.PATH, XDG_CONFIG_HOME: join(folder, 'config') },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const second = new Promise<string>((resolve) => {
      let seen = '';
      child.stdout.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
        const lines = seen.trimEnd().split('\n');
        if (lines.length >= 2) resolve(lines[1] ?? '');
      });
      child.stdout.once('data', () => void ok('user', 'disable', 'evil@acme.com'));
    });
    const event = JSON.parse(await second);
    child.kill();
    expect(event).toMatchObject({ action: 'user.disabled', details: { userName: 'evil@acme.com' } });
  });

  test('doctor ends with 0 when nothing is a problem, and warns of a draft that is not live', async () => {
    const out = await ok('doctor');
    expect(out).toMatch(/^ok +domains: Proved: acme\.com\.$/m);
    expect(out).toMatch(/^warning +draft: The draft has \d changes that are not live\.$/m);
    expect((await json('doctor')).status).toBe('warning');
  });

  test('NO_COLOR or not, a pipe gets no colors', async () => {
    expect(await ok('user', 'list')).not.toContain('\u001b');
  });
});

describe('settings from a file', () => {
  const file = join(folder, 'settings.yaml');
  const write = (text: string): void => writeFileSync(file, text);

  test('what is exported is what is live: no difference', async () => {
    await ok('activate');
    write(await ok('settings', 'export'));
    expect(readFileSync(file, 'utf8')).toBe(`authenticationProfile:
  authenticationType: saml
  userRepositoryType: hosted
  authenticationFrequency: only_once
  authenticationFrequencyDays: null
  deviceSessionSeconds: 43200
  collectedParameters:
    - loginName
    - hostName
    - serial
    - externalDeviceId
identityProviders:
  - kind: device
    id: device
    name: Fleet
    status: enabled
    domains:
      - acme.com
    autoProvisioning: false
defaultIdp: null
`);
    expect(await ok('settings', 'diff', '-f', file)).toBe('');
    expect(await ok('settings', 'plan', '-f', file)).toBe('');
    expect(await ok('settings', 'apply', '-f', file, '--activate')).toContain('Nothing to do: version 4 is live');
  });

  test('a difference is drift: diff and plan say what, and end with 4', async () => {
    write(readFileSync(file, 'utf8').replace('43200', '3600').replace('only_once', 'DAILY_COOKIE'));
    const sum = /^2 changes \(version 4 is live\)[.] The file can go live[.]\n$/;
    const warned = /^warning: "daily" .*[(][/]authenticationProfile[/]authenticationFrequency[)]\n2 changes .* can go live[.]\n$/;
    for (const [command, said] of [
      ['diff', sum],
      ['plan', warned],
    ] as const) {
      const { exitCode, out, err } = await run(['settings', command, '-f', file]);
      expect({ exitCode, err }).toEqual({ exitCode: 4, err: expect.stringMatching(said) });
      expect(out).toContain('~ authenticationProfile/deviceSessionSeconds: 43200 -> 3600');
      expect(out).toContain('~ authenticationProfile/authenticationFrequency: "only_once" -> "daily"');
    }
  });

  test('apply drafts it, apply --activate makes it live, and a second time does nothing', async () => {
    expect(await ok('settings', 'apply', '-f', file)).toContain('Nothing live has changed yet.');
    expect((await json('settings', 'show')).document.authenticationProfile.deviceSessionSeconds).toBe(43_200);
    expect(await ok('settings', 'apply', '-f', file, '--activate', '--comment', 'From git')).toContain('Version 5 is live.');
    const { revision } = await json('settings', 'show', '--draft');
    expect(await ok('settings', 'apply', '-f', file, '--activate')).toContain('Nothing to do: version 5 is live');
    expect((await json('settings', 'show', '--draft')).revision).toBe(revision);
    expect((await json('settings', 'history'))[0]).toMatchObject({ version: 5, comment: 'From git' });
  });

  test("somebody else's draft is left alone, unless it is said to be thrown away", async () => {
    await ok('settings', 'set', '--frequency', '30');
    write(readFileSync(file, 'utf8').replace('3600', '7200'));
    const { exitCode, err } = await run(['settings', 'apply', '-f', file, '--activate']);
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: expect.stringContaining('other changes that are not live') });
    expect(await ok('settings', 'apply', '-f', file, '--activate', '--overwrite')).toContain('Version 6 is live.');
    expect((await json('settings', 'show')).document.authenticationProfile).toMatchObject({
      authenticationFrequency: 'daily',
      deviceSessionSeconds: 7200,
    });
  });

  test('an unknown member is refused with its path', async () => {
    write(readFileSync(file, 'utf8').replace('    name: Fleet', '    nmae: Fleet'));
    const { exitCode, err } = await run(['settings', 'plan', '-f', file]);
    expect(exitCode).toBe(1);
    expect(err).toContain('identityProviders/0');
    expect(err).toContain('"nmae"');
  });

  test('what cannot go live is listed, and nothing is saved', async () => {
    write((await ok('settings', 'export')).replace('acme.com', 'elsewhere.com'));
    const { revision } = await json('settings', 'show', '--draft');
    const plan = await run(['settings', 'plan', '-f', file]);
    expect(plan).toMatchObject({ exitCode: 1, err: expect.stringContaining('elsewhere.com is not a proved domain') });
    const apply = await run(['settings', 'apply', '-f', file, '--activate']);
    expect(apply).toMatchObject({ exitCode: 1, err: expect.stringContaining('nothing was changed') });
    expect((await json('settings', 'show', '--draft')).revision).toBe(revision);
  });

  test('a file that is no YAML, no settings or not there says so', async () => {
    write('a: [');
    expect(await run(['settings', 'plan', '-f', file])).toMatchObject({ exitCode: 1, err: expect.stringContaining('line 1') });
    write('hello');
    expect(await run(['settings', 'plan', '-f', file])).toMatchObject({ exitCode: 1, err: expect.stringContaining('export') });
    expect((await run(['settings', 'plan', '-f', join(folder, 'none')])).err).toContain('cannot be read');
    expect((await run(['settings', 'plan'])).exitCode).toBe(2);
  });

  test('standard input is a file, too', async () => {
    const live = await ok('settings', 'export');
    expect((await run(['settings', 'diff', '-f', '-'], { input: live })).exitCode).toBe(0);
    expect((await run(['settings', 'diff', '-f', '-'], { input: live.replace('7200', '300') })).exitCode).toBe(4);
  });
});

describe('domains by DNS', () => {
  test('claim, publish, verify', async () => {
    const claimed = await ok('domain', 'claim', 'Claimed.com');
    const [, name = '', value = ''] = /^(\S+)\. TXT "(\S+)"$/m.exec(claimed) ?? [];
    expect(name).toBe('_latchkey-challenge.claimed.com');
    const early = await run(['domain', 'verify', 'claimed.com']);
    expect(early).toMatchObject({ exitCode: 1, out: expect.stringContaining('the record is not there') });
    dns.records.set(name, [value]);
    expect(await ok('domain', 'verify', 'claimed.com')).toBe('claimed.com: proved.\n');
    expect(await ok('domain', 'list')).toMatch(/^claimed\.com +proved +dns/m);
    expect(await ok('domain', 'remove', 'claimed.com')).toContain('was taken away');
  });
});

describe('operators', () => {
  test('read an organization only by breaking the glass, and both logs know', async () => {
    const file = join(folder, 'operator.json');
    const { operatorKey, url, current: id } = JSON.parse(readFileSync(profile, 'utf8'));
    writeFileSync(file, JSON.stringify({ url, operatorKey, organizations: {} }), { mode: 0o600 });
    const as = ['--profile', file, '--org', id];
    expect((await run([...as, 'user', 'list'])).exitCode).toBe(1);
    expect(await ok(...as, '--break-glass', 'Ticket 4711', 'user', 'list')).toContain('evil@acme.com');
    expect(await run([...as, '--break-glass', 'Ticket 4711', 'user', 'create', 'x@acme.com'])).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('lets an operator read, not change'),
    });
    const [event] = await json('audit', 'list', '--action', 'organization.break_glass', '--limit', '1');
    expect(event.details).toMatchObject({ reason: 'Ticket 4711' });
  });

  test('who has lost every key becomes an operator again where the server runs, while it runs', async () => {
    const file = join(folder, 'reset.json');
    const reset = ['setup', '--reset-admin', '--url', origin, '--profile', file];
    expect((await run(reset, { env: { LATCHKEY_DATA: join(folder, 'elsewhere') } })).exitCode).toBe(1);
    const { exitCode, out } = await run(reset, { env: { LATCHKEY_DATA: join(folder, 'data') } });
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: expect.stringContaining(`You are the operator of ${origin}`) });
    expect(await ok('--profile', file, 'org', 'list')).toContain('acme');
  });

  test('delete an organization after a week, and keep it after all', async () => {
    await ok('org', 'create', 'short-lived');
    await ok('org', 'use', 'acme');
    expect(await ok('org', 'delete', 'short-lived')).toMatch(/is suspended\. Everything of it is removed at 20/);
    expect(await ok('org', 'list')).toMatch(/short-lived +org_\w+ +deleted at 20/);
    expect(await ok('org', 'resume', 'short-lived')).toContain('goes on');
    expect(await ok('org', 'list')).toMatch(/short-lived +org_\w+ +active/);
  });
});

describe('keys and profiles', () => {
  test('a script needs nothing but LATCHKEY_URL and LATCHKEY_API_KEY', async () => {
    const { key, id } = await json('api-key', 'create', '--description', 'Script', '--expires', '1h');
    const env = { LATCHKEY_URL: origin, LATCHKEY_API_KEY: key, LATCHKEY_PROFILE: join(folder, 'none.json') };
    expect((await run(['-o', 'json', 'user', 'list'], { env })).exitCode).toBe(0);
    expect(await run(['org', 'create', 'mine'], { env })).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('Only an operator'),
    });
    await ok('api-key', 'revoke', id);
    expect(await run(['user', 'list'], { env })).toMatchObject({ exitCode: 1, err: expect.stringContaining('revoked') });
  });

  test('login takes a key from a pipe', async () => {
    const { key } = await json('api-key', 'create', '--description', 'Colleague');
    const file = join(folder, 'colleague.json');
    const login = await run(['login', '--url', origin, '--profile', file], { input: key });
    expect(login).toMatchObject({ exitCode: 0, out: expect.stringContaining('administrator of acme') });
    expect(login.out + login.err).not.toContain(key);
    expect(await ok('--profile', file, 'domain', 'list')).toContain('acme.com');
    expect(await run(['--profile', file, 'domain', 'grant', 'b.com'])).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('operator'),
    });
  });

  test('the keys of a profile go to no other server', async () => {
    let asked = 0;
    const thief = createServer((_, response) => {
      asked += 1;
      response.end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => thief.once('listening', resolve));
    const { port } = thief.address() as AddressInfo; // it listens on a port
    const { exitCode, err } = await run(['user', 'list'], { env: { LATCHKEY_URL: `http://127.0.0.1:${port}` } });
    thief.close();
    expect({ exitCode, asked }).toEqual({ exitCode: 1, asked: 0 });
    expect(err).toContain('The keys of the profile are for');
  });

  test('a redirect is not followed', async () => {
    let asked = 0;
    const target = createServer((_, response) => {
      asked += 1;
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => target.once('listening', resolve));
    const { port: targetPort } = target.address() as AddressInfo; // it listens on a port
    const redirecting = createServer((_, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${targetPort}/` }).end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => redirecting.once('listening', resolve));
    const { port } = redirecting.address() as AddressInfo; // it listens on a port
    const { exitCode } = await run(['user', 'list'], {
      env: { LATCHKEY_URL: `http://127.0.0.1:${port}`, LATCHKEY_API_KEY: 'lka_x' },
    });
    redirecting.close();
    target.close();
    expect({ exitCode, asked }).toEqual({ exitCode: 1, asked: 0 });
  });

  test('a profile that others can read is refused', async () => {
    chmodSync(profile, 0o644);
    const { exitCode, err } = await run(['user', 'list']);
    chmodSync(profile, 0o600);
    expect(exitCode).toBe(1);
    expect(err).toContain('chmod 600');
  });

  test('a second organization, and back', async () => {
    await ok('org', 'create', 'other', '--domain', 'other.com');
    expect(await ok('domain', 'list')).toContain('other.com');
    expect(await ok('--org', 'acme', 'domain', 'list')).toContain('acme.com');
    await ok('org', 'use', 'acme');
    expect(await ok('org', 'list')).toMatch(/^\* +acme/m);
    const taken = await run(['domain', 'grant', 'other.com']);
    expect(taken).toMatchObject({ exitCode: 1, err: expect.stringContaining('belongs to another organization') });
    await ok('org', 'suspend', 'other');
    expect((await run(['--org', 'other', 'user', 'list'])).err).toContain('suspended');
    await ok('org', 'resume', 'other');
  });
});
