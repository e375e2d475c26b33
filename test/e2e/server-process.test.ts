import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { callApi, launchServer, setUp } from '../kit/spawn-server.ts';

const main = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-process-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('on an empty folder the server makes database and master key, private to its user, and a setup code that works once', async () => {
  const first = await launchServer(join(folder, 'data'), { LATCHKEY_LOG_LEVEL: 'error' });
  await first.end('SIGTERM');
  const server = await launchServer(join(folder, 'data'), { LATCHKEY_LOG_LEVEL: 'error' });
  try {
    expect(server.setupCode).toBe(first.setupCode);
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
    for (const file of ['latchkey.db', 'master.key']) expect(statSync(join(folder, 'data', file)).mode & 0o077).toBe(0);
    expect(await setUp(server)).toMatch(/^lka_/);
    await expect(setUp(server)).rejects.toThrow('setup_code_wrong');
  } finally {
    await server.end('SIGTERM');
  }
  const again = await launchServer(join(folder, 'data'), { LATCHKEY_LOG_LEVEL: 'error' });
  expect(again.setupCode).toBeUndefined();
  await again.end('SIGTERM');
});

test('SIGTERM: a request in flight is answered, new ones are not taken, and the process ends', async () => {
  const server = await launchServer(join(folder, 'data'), { LATCHKEY_LOG_LEVEL: 'error' });
  const { hostname, port } = new URL(server.origin);
  const body = JSON.stringify({ token: 'abcdefghij', jkt: 'x'.repeat(43) });
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString();
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(
    `POST /agent/v1/challenge HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
  );
  await wait(200);
  const ending = server.end('SIGTERM');
  await wait(200);
  await expect(fetch(`${server.origin}/healthz`)).rejects.toThrow();
  socket.write(body.slice(10));
  await closed;
  expect(received).toMatch(/^HTTP\/1\.1 (200|503) /);
  expect(received).toContain('nonce');
  await ending;
});

test('a second server on the same folder is refused with a sentence', async () => {
  const server = await launchServer(join(folder, 'data'), { LATCHKEY_LOG_LEVEL: 'error' });
  const second = spawnSync(process.execPath, [main], {
    env: { PATH: process.env.PATH, LATCHKEY_DATA: join(folder, 'data'), LATCHKEY_PORT: '0', LATCHKEY_LOG_LEVEL: 'silent' },
    encoding: 'utf8',
  });
  expect(second.status).toBe(1);
  expect(second.stderr).toContain('Latchkey could not start');
  expect(second.stderr).toContain('another process');
  expect((await fetch(`${server.origin}/readyz`)).status).toBe(200);
  await server.end('SIGTERM');
});

test('a bad configuration is refused before anything is made, with every problem', () => {
  const { status, stderr } = spawnSync(process.execPath, [main], {
    env: { PATH: process.env.PATH, LATCHKEY_DATA: join(folder, 'data'), LATCHKEY_PORT: 'x', LATCHKEY_LOG_LEVEL: 'loud' },
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toContain('LATCHKEY_PORT');
  expect(stderr).toContain('LATCHKEY_LOG_LEVEL');
  expect(() => statSync(join(folder, 'data'))).toThrow();
});

test('a lost operator gets in again with --reset-setup, and the code before is worth nothing', async () => {
  const first = await launchServer(join(folder, 'data'), { LATCHKEY_LOG_LEVEL: 'error' });
  await setUp(first);
  await first.end('SIGTERM');
  const again = await launchServer(join(folder, 'data'), { LATCHKEY_LOG_LEVEL: 'error' }, [], ['--reset-setup']);
  try {
    const key = await setUp(again);
    expect(await callApi(again.origin)(key, 'GET', '/whoami')).toMatchObject({ kind: 'operator' });
    await expect(setUp(again)).rejects.toThrow('setup_code_wrong');
  } finally {
    await again.end('SIGTERM');
  }
});

test('/metrics is for loopback, or for who has the token', async () => {
  const server = await launchServer(join(folder, 'data'), {
    LATCHKEY_LOG_LEVEL: 'error',
    LATCHKEY_METRICS_TOKEN: 'a-token-of-enough-length',
  });
  try {
    expect((await fetch(`${server.origin}/metrics`)).status).toBe(403);
    const open = await fetch(`${server.origin}/metrics`, { headers: { authorization: 'Bearer a-token-of-enough-length' } });
    expect(await open.text()).toContain('latchkey_sign_ins_total');
  } finally {
    await server.end('SIGTERM');
  }
});
