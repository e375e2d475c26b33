import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { pino } from 'pino';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { selfSignedCertificate } from '../keys/certificate.ts';
import { createMetrics } from './metrics.ts';
import { createHttpServer } from './server.ts';
import { followTls, readTls } from './tls.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));
const files = { certificateFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };

const makePair = async (commonName: string) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const der = await selfSignedCertificate({ commonName, privateKey, publicKey, now: Date.now() });
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${der.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
};
const first = await makePair('first');
const second = await makePair('second');

/** The name in the certificate that a new connection is shown. */
const shown = (port: number): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subject.CN);
      socket.destroy();
    });
    socket.once('error', reject);
  });

beforeEach(() => {
  writeFileSync(files.certificateFile, first.cert);
  writeFileSync(files.keyFile, first.key);
});

test('a renewed certificate is in use without a restart, and half of a renewal changes nothing', async () => {
  const server = createServer(readTls(files)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a port
  const said: string[] = [];
  const say = (text: string) => said.push(text);
  const { stop } = followTls(server, files, { info: say, error: say, milliseconds: 10 });
  expect(await shown(port)).toBe('first');
  writeFileSync(files.keyFile, second.key);
  await vi.waitFor(() => expect(said.join()).toContain('the old certificate stays in use'), { timeout: 10_000 });
  expect(await shown(port)).toBe('first');
  writeFileSync(files.certificateFile, second.cert);
  await vi.waitFor(async () => expect(await shown(port)).toBe('second'), { timeout: 10_000 });
  expect(said.join()).toContain('the certificate was renewed');
  stop();
  server.close();
});

test('the server speaks TLS 1.2 and newer only, and tells when its certificate ends', async () => {
  const metrics = createMetrics();
  const needs = { logger: pino({ level: 'silent' }), metrics, trustedProxies: [], metricsToken: undefined, tls: files };
  const app = createHttpServer({ ...needs, ready: async () => undefined });
  const origin = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  const port = Number(origin.port);
  expect(origin.protocol).toBe('https:');
  expect(await shown(port)).toBe('first');
  const old = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.1' });
  await once(old, 'error');
  expect(await metrics.registry.metrics()).toMatch(/^latchkey_tls_certificate_end_seconds \d{10}/m);
  await app.close();
});

test.each([
  ['another key', () => writeFileSync(files.keyFile, second.key)],
  ['no certificate in the file', () => writeFileSync(files.certificateFile, 'hello')],
  ['no key file', () => rmSync(files.keyFile)],
])('%s is refused at the start with the names of the files', (_name, spoil) => {
  spoil();
  expect(() => readTls(files)).toThrow(/^TLS: .*tls[.]key/);
});
