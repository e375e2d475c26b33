import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AgentError } from './errors.ts';
import { readCommandLine } from './options.ts';
import { createMachine, fleetOptions, TOKEN } from './test-machine.ts';

const refusal = (work: () => unknown): AgentError => {
  try {
    work();
  } catch (error) {
    if (error instanceof AgentError) return error;
    throw error;
  }
  throw new Error('it was not refused');
};

test('the command line is read in the spelling of the reference system', () => {
  expect(
    readCommandLine(['sign-in', '--explain', 'https://x.example.com', '--cloudName', 'id.acme.com', '--userDomain=acme.com']),
  ).toEqual({
    command: 'sign-in',
    operands: ['https://x.example.com'],
    flags: { explain: '1', cloudName: 'id.acme.com', userDomain: 'acme.com' },
  });
  expect(readCommandLine([]).command).toBe('help');
  expect(readCommandLine(['--version']).command).toBe('version');
  expect(readCommandLine(['enroll', '--deviceToken', '-']).flags.deviceToken).toBe('-');
});

test.each([
  ['--devicetoken', 'deviceToken'],
  ['--device-token', 'deviceToken'],
  ['--DEVICETOKEN', 'deviceToken'],
  ['--UNAME', 'userName'],
  ['--username', 'userName'],
  ['--cloudname', 'cloudName'],
  ['--userDomian', undefined],
  ['--userDomai', 'userDomain'],
])('%s is not taken but suggests %s, and its value is not repeated', (flag, meant) => {
  const error = refusal(() => readCommandLine(['enroll', `${flag}=${TOKEN}`]));
  expect(error.exitCode).toBe(2);
  expect(error.hint).toBe(meant === undefined ? 'See "latchkey-agent help".' : `Did you mean "${meant}"?`);
  expect(error.message + error.hint).not.toContain(TOKEN);
});

test.each([
  ['a missing value', ['enroll', '--cloudName']],
  ['an option in place of a value', ['enroll', '--cloudName', '--userDomain', 'acme.com']],
  ['an option that comes twice', ['enroll', '--userName', 'a', '--userName', 'b']],
  ['a value for a switch', ['status', '--json=yes']],
])('%s is refused', (_name, args) => {
  expect(refusal(() => readCommandLine(args)).code).toBe('usage');
});

test('policy comes before file, file before environment, environment before flags', () => {
  const machine = createMachine({
    LATCHKEY_USERDOMAIN: 'environment.com',
    LATCHKEY_EXTERNALDEVICEID: 'environment',
    LATCHKEY_USERNAME: 'e',
  });
  const config = join(machine.folder, 'config.json');
  writeFileSync(join(machine.folder, 'policy.json'), JSON.stringify({ cloudName: 'policy.example.com' }));
  writeFileSync(config, JSON.stringify({ cloudName: 'file.example.com', userDomain: 'file.com' }));
  const options = machine.options({
    config,
    cloudName: 'flags.example.com',
    userDomain: 'flags.com',
    userName: 'f',
    caFile: 'ca.pem',
  });
  expect(options).toMatchObject({
    origin: 'https://policy.example.com',
    userDomain: 'file.com',
    externalDeviceId: 'environment',
    userName: 'e',
    caFile: 'ca.pem',
    sources: { cloudName: 'policy', userDomain: 'file', externalDeviceId: 'environment', caFile: 'flags' },
  });
  expect(options.notes).toContain('cloudName from flags is overruled by the policy, which locks it.');
});

test('a token in the policy locks the other way to give one too', () => {
  const machine = createMachine();
  writeFileSync(join(machine.folder, 'policy.json'), JSON.stringify({ deviceToken: TOKEN }));
  expect(machine.options({ deviceTokenFile: '/nowhere' }).readDeviceToken()).toBe(TOKEN);
});

test('a policy file that others may write is refused', () => {
  const machine = createMachine();
  const path = join(machine.folder, 'policy.json');
  writeFileSync(path, '{}');
  chmodSync(path, 0o666);
  expect(refusal(() => machine.options({})).message).toContain('can be written by others');
});

test.each([
  ['no JSON', '{', /cannot be read as JSON/],
  ['a list', '[]', /one JSON object/],
  ['an option in another case', '{"devicetoken": "x"}', /is not an option/],
  ['a nested value', '{"userDomain": {"a": 1}}', /must be text/],
  ['a switch of one command', '{"json": "1"}', /is not an option/],
])('a policy file with %s is refused', (_name, text, message) => {
  const machine = createMachine();
  writeFileSync(join(machine.folder, 'policy.json'), text);
  expect(refusal(() => machine.options({})).message).toMatch(message);
});

test('options of the reference system that mean nothing here are taken and noted', () => {
  const options = createMachine().options({ hideAppUIOnLaunch: '1', ...fleetOptions('id.acme.com') });
  expect(options.notes).toEqual(['hideAppUIOnLaunch has no meaning for this agent and is ignored.']);
});

test.each([
  [{ userName: 'j.doe' }, 'userName needs userDomain beside it.'],
  [
    { userName: 'j.doe@acme.com', userDomain: 'acme.com' },
    'userName is the part before the "@" only: userName j.doe, userDomain acme.com.',
  ],
  [{ userName: 'ACME\\jdoe', userDomain: 'acme.com' }, 'userName is the bare login, without a Windows domain before it.'],
  [{ userName: 'x'.repeat(256), userDomain: 'acme.com' }, 'userName is longer than 255 characters.'],
  [{ userName: '{{partialupn}}', userDomain: 'acme.com' }, 'userName still holds a macro that the MDM should have filled in.'],
  [{ userDomain: 'https://acme.com' }, 'userDomain must be a domain like acme.com, without "@", scheme or path.'],
  [{ deviceToken: 'a', deviceTokenFile: 'b' }, 'Give deviceToken or deviceTokenFile, not both.'],
  [{ strictEnforcement: '1', cloudName: 'id.acme.com' }, 'strictEnforcement=1 needs cloudName and policyToken.'],
  [{ autoEnrollWithMDM: '1', cloudName: 'id.acme.com' }, 'autoEnrollWithMDM needs deviceToken, cloudName and userDomain.'],
  [{ unattendedmodeui: 'none' }, 'unattendedmodeui needs mode=unattended.'],
])('the rules across options are told in plain words: %j', (flags, message) => {
  expect(refusal(() => createMachine().options(flags)).message).toBe(message);
});

test.each([
  ['id.acme.com', 'https://id.acme.com'],
  ['ID.acme.com:8443', 'https://id.acme.com:8443'],
  ['localhost:8080', 'http://localhost:8080'],
  ['127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ['[::1]:8080', 'http://[::1]:8080'],
  ['[2001:db8::1]', 'https://[2001:db8::1]'],
  ['one', 'https://one.example.com'],
])('the cloud name %s means %s: plain HTTP for loopback only', (cloudName, origin) => {
  const machine = createMachine();
  writeFileSync(join(machine.folder, 'policy.json'), JSON.stringify({ cloudNames: { one: 'one.example.com' } }));
  expect(machine.options({ cloudName }).origin).toBe(origin);
});

test.each([
  ['https://id.acme.com', 'Did you mean "id.acme.com"?'],
  ['id.acme.com/', 'Did you mean "id.acme.com"?'],
  ['id.acme.com/path', undefined],
  ['user@id.acme.com', undefined],
  ['id.acme.com:99999', undefined],
  ['127.0.0.1.evil.example.com@x', undefined],
  ['short', undefined],
  ['localhost.evil', undefined],
])('the cloud name %s is refused or stays HTTPS', (cloudName, hint) => {
  if (cloudName === 'localhost.evil') {
    expect(createMachine().options({ cloudName }).origin).toBe('https://localhost.evil');
    return;
  }
  const error = refusal(() => createMachine().options({ cloudName }));
  expect(error.code).toBe('usage');
  if (hint !== undefined) expect(error.hint).toBe(hint);
});

test('the device token comes from a flag, a file or standard input, and is checked without the server', () => {
  const machine = createMachine();
  const file = join(machine.folder, 'token');
  writeFileSync(file, `${TOKEN}\n`);
  expect(machine.options({ deviceToken: TOKEN }).readDeviceToken()).toBe(TOKEN);
  expect(machine.options({ deviceTokenFile: file }).readDeviceToken()).toBe(TOKEN);
  expect(machine.options({ deviceToken: '-' }).readDeviceToken()).toBe(TOKEN);
  const wrong = refusal(() => machine.options({ deviceToken: `${TOKEN.slice(0, -1)}!` }).readDeviceToken());
  expect(wrong.code).toBe('usage');
  expect(`${wrong.message}${wrong.hint}`).not.toContain(TOKEN.slice(4, 20));
});

test('options never print the token', () => {
  expect(JSON.stringify(createMachine().options(fleetOptions('id.acme.com')))).not.toContain(TOKEN.slice(4, 20));
});
