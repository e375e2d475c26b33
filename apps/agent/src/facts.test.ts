import { createHmac } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parameterNames } from '@latchkey/device';
import { expect, test } from 'vitest';
import { appSpecificMachineId, composeUserName, gatherFacts } from './facts.ts';
import { createMachine } from './test-machine.ts';

const gather = (root: string, uid = 1000, env: NodeJS.ProcessEnv = {}) =>
  gatherFacts({ env: { LATCHKEY_FACTS_ROOT: root, ...env }, uid, externalDeviceId: undefined });
const rootOf = () => createMachine().env.LATCHKEY_FACTS_ROOT ?? '';

test('the machine id leaves the machine only as an HMAC for this application (machine-id(5))', () => {
  const machineId = '0123456789abcdef'.repeat(2);
  const id = appSpecificMachineId(machineId);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const mac = createHmac('sha256', Buffer.from(machineId, 'hex'))
    .update(Buffer.from('6f0d8f5d8a3b4a0f9c1e52c7a4d1b9e3', 'hex'))
    .digest('hex');
  expect(id?.replaceAll('-', '').slice(0, 12)).toBe(mac.slice(0, 12));
  expect(gather(rootOf()).machineId).toBe(id);
  expect(appSpecificMachineId('uninitialized')).toBeUndefined();
});

test('system name and version come from os-release, and nothing that is not on the list is said', () => {
  const facts = gather(rootOf());
  expect(facts).toMatchObject({ osName: 'Test OS', osVersion: '1' });
  for (const name of Object.keys(facts)) expect(parameterNames).toContain(name);
});

test.each([
  ['PF3X9K2L', 'PF3X9K2L'],
  ['To Be Filled By O.E.M.', undefined],
  ['None', undefined],
  ['0', undefined],
  ['Default string', undefined],
  ['System Serial Number', undefined],
])('the serial number %s is said as %s: a placeholder would make all machines one', (text, said) => {
  const root = rootOf();
  mkdirSync(join(root, 'sys/class/dmi/id'), { recursive: true });
  writeFileSync(join(root, 'sys/class/dmi/id/product_serial'), `${text}\n`);
  expect(gather(root).serial).toBe(said);
});

test('an agent that runs as root enrolls the person at the screen', () => {
  const root = rootOf();
  mkdirSync(join(root, 'run/systemd/sessions'), { recursive: true });
  writeFileSync(join(root, 'run/systemd/sessions/1'), 'UID=120\nUSER=gdm\nACTIVE=0\nCLASS=greeter\nSEAT=seat0\n');
  writeFileSync(join(root, 'run/systemd/sessions/2'), 'UID=1000\nUSER=remote\nACTIVE=1\nCLASS=user\n');
  writeFileSync(join(root, 'run/systemd/sessions/3'), 'UID=1001\nUSER=j.doe\nACTIVE=1\nCLASS=user\nSEAT=seat0\n');
  expect(gather(root, 0).loginName).toBe('j.doe');
  expect(gather(root, 0, { SUDO_USER: 'admin' }).loginName).toBe('admin');
  expect(gather(root, 1000, { SUDO_USER: 'admin' }).loginName).not.toBe('admin');
});

test('the user name is the option, else who is signed in to the machine', () => {
  expect(composeUserName('j.doe', 'acme.com', { loginName: 'jd' })).toBe('j.doe@acme.com');
  expect(composeUserName(undefined, 'acme.com', { loginName: 'jd' })).toBe('jd@acme.com');
  expect(() => composeUserName(undefined, 'acme.com', {})).toThrow('Nobody is signed in');
});

test('control characters and overlong values are cut before they are said', () => {
  const root = rootOf();
  writeFileSync(join(root, 'etc/os-release'), `NAME="A\u0001B"\nVERSION_ID="${'x'.repeat(300)}"\n`);
  expect(gather(root)).toMatchObject({ osName: 'A B', osVersion: 'x'.repeat(256) });
});
