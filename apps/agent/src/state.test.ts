import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { keyPath, loadKey, loadOrCreateKey } from './key.ts';
import { withLock } from './lock.ts';
import { type Enrollment, loadState, requireEnrollment, saveState, statePath, wipeEnrollment } from './state.ts';
import { createMachine } from './test-machine.ts';

const enrollment: Enrollment = {
  kind: 'enrolled',
  origin: 'https://id.acme.com',
  organization: 'org_1',
  deviceId: 'dev_1',
  jkt: 'jkt',
  userName: 'j.doe@acme.com',
  evidence: 'E0',
  status: 'registered',
  joinState: { counter: 3, id: 'id' },
  idp: { entityId: 'e', ssoUrl: 'https://id.acme.com/sso', certificates: ['AAAA'] },
  renewAfter: 900,
  keepaliveAfter: 300,
  session: { id: 'ses_1', expiresAt: '2027-01-01T00:00:00Z', userName: 'j.doe@acme.com' },
  signedOut: false,
  lastSignInAt: undefined,
  lastKeepaliveAt: undefined,
};

test('the key is made once, kept in a file of mode 0600, and the same afterwards', () => {
  const { stateDir } = createMachine();
  expect(loadKey(stateDir)).toBeUndefined();
  const key = loadOrCreateKey(stateDir);
  expect(statSync(keyPath(stateDir)).mode & 0o777).toBe(0o600);
  expect(statSync(stateDir).mode & 0o777).toBe(0o700);
  expect(readFileSync(keyPath(stateDir), 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  expect(loadOrCreateKey(stateDir).jkt).toBe(key.jkt);
});

test('a broken key or state file is said so, with the way out', () => {
  const { stateDir } = createMachine();
  mkdirSync(stateDir);
  writeFileSync(keyPath(stateDir), 'no key');
  expect(() => loadKey(stateDir)).toThrow('is broken');
  for (const text of ['{', '[]', '{}', JSON.stringify({ ...enrollment, joinState: { counter: -1, id: 'x' } })]) {
    writeFileSync(statePath(stateDir), text);
    expect(() => loadState(stateDir)).toThrow('is broken');
  }
});

test('state is read back as it was saved, in a file of mode 0600, and nothing is left beside it', () => {
  const { stateDir } = createMachine();
  saveState(stateDir, enrollment);
  expect(loadState(stateDir)).toEqual(enrollment);
  expect(statSync(statePath(stateDir)).mode & 0o777).toBe(0o600);
  expect(readdirSync(stateDir)).toEqual(['state.json']);
});

test('a removed device keeps neither key nor state, but the mark that keeps it from coming back by itself', () => {
  const { stateDir } = createMachine();
  loadOrCreateKey(stateDir);
  saveState(stateDir, enrollment);
  wipeEnrollment(stateDir, enrollment, new Date(0));
  expect(existsSync(keyPath(stateDir))).toBe(false);
  expect(loadState(stateDir)).toEqual({
    kind: 'removed',
    deviceId: 'dev_1',
    origin: 'https://id.acme.com',
    at: '1970-01-01T00:00:00.000Z',
  });
  expect(() => requireEnrollment(stateDir)).toThrow('This device was removed.');
});

const lock = (stateDir: string, patience: number, work: () => Promise<void>) =>
  withLock({ stateDir, name: 'state', patience }, work);

test('two agents never work on one state at once', async () => {
  const { stateDir } = createMachine();
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await sleep(1);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 20 }, () => lock(stateDir, 20_000, work)));
  expect(most).toBe(1);
  expect(readdirSync(stateDir)).toEqual([]);
});

test('who waits too long for the lock is told which process has it', async () => {
  const { stateDir } = createMachine();
  await lock(stateDir, 0, async () => {
    await expect(lock(stateDir, 0, async () => undefined)).rejects.toThrow(`process ${process.pid}`);
  });
});

test('the lock of a process that was killed is taken over, also when its id was given to another process', async () => {
  const { stateDir } = createMachine();
  mkdirSync(stateDir);
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.on('exit', resolve));
  for (const holder of [`${child.pid}`, `${process.pid} 1`, '']) {
    writeFileSync(join(stateDir, 'state.lock'), holder);
    let done = 0;
    const work = async () => {
      done += 1;
    };
    await Promise.all([lock(stateDir, 5000, work), lock(stateDir, 5000, work), lock(stateDir, 5000, work)]);
    expect(done).toBe(3);
  }
  expect(readdirSync(stateDir)).toEqual([]);
});
