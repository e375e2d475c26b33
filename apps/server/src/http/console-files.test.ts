import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consoleFiles } from './console-files.ts';
import { createMetrics } from './metrics.ts';
import { createHttpServer } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-console-'));

beforeAll(() => {
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><meta property="csp-nonce" nonce="__NONCE__"><div id="root"></div>');
  writeFileSync(join(folder, 'assets/index-abc.js'), 'plain');
  writeFileSync(join(folder, 'assets/index-abc.js.br'), 'brotli');
  writeFileSync(join(folder, 'assets/index-abc.js.gz'), 'gzip');
  writeFileSync(join(folder, 'assets/geist-abc.woff2'), 'font');
  writeFileSync(join(folder, '.sources'), 'digest');
});
afterAll(() => rmSync(folder, { recursive: true }));

const open = async (from = folder) => {
  const http = createHttpServer({
    logger: pino({ level: 'silent' }),
    metrics: createMetrics(),
    trustedProxies: [],
    metricsToken: undefined,
    ready: async () => undefined,
  });
  await http.register(consoleFiles(from));
  return (url: string, headers: Record<string, string> = {}) => http.inject({ method: 'GET', url, headers });
};

describe('the page of the console', () => {
  test('comes at / and at its own paths, so that a link to any of them works', async () => {
    const get = await open();
    for (const url of ['/', '/sign-in', '/set-up', '/o/org_1/devices?state=pending', '/operator/organizations/org_1']) {
      const { statusCode, headers } = await get(url);
      expect([url, statusCode, headers['content-type']]).toEqual([url, 200, 'text/html; charset=utf-8']);
      expect(headers['cache-control']).toBe('no-store');
    }
  });

  test('has a nonce of its own each time, and a policy that lets in nothing but this server', async () => {
    const get = await open();
    const [one, other] = [await get('/'), await get('/')];
    const policy = String(one.headers['content-security-policy']);
    const [, nonce = ''] = /'nonce-([^']+)'/.exec(policy) ?? [];
    expect(one.body).toContain(`nonce="${nonce}"`);
    expect(other.body).not.toContain(nonce);
    expect(policy).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
    );
    expect(one.headers['x-frame-options']).toBe('DENY');
  });

  test.each([
    '/api/v1/nothing',
    '/api',
    '/saml/org_1',
    '/scim/org_1/idp/v2/Users',
    '/org_1/okta/scim/Users',
    '/oidc/x',
    '/agent/v1/x',
    '/healthz2',
  ])('never swallows %s, which is somebody else’s: a problem document (RFC 9457)', async (url) => {
    const { statusCode, headers } = await (await open())(url, { accept: 'text/html' });
    expect([statusCode, headers['content-type']]).toEqual([404, 'application/problem+json']);
  });

  test('says what to do where it was not built', async () => {
    const { statusCode, body } = await (await open(join(folder, 'nowhere')))('/');
    expect(statusCode).toBe(503);
    expect(body).toContain('npm run build');
  });
});

describe('the files of the console', () => {
  test('are compressed as the browser takes them, and kept for ever: their names change with what is in them', async () => {
    const get = await open();
    for (const [accepted, encoding, body] of [
      ['gzip, deflate, br', 'br', 'brotli'],
      ['gzip', 'gzip', 'gzip'],
      ['br;q=0, gzip;q=0.5', 'gzip', 'gzip'],
      ['identity', undefined, 'plain'],
    ] as const) {
      const answer = await get('/assets/index-abc.js', { 'accept-encoding': accepted });
      expect([answer.headers['content-encoding'], answer.body]).toEqual([encoding, body]);
      expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(answer.headers['content-type']).toBe('text/javascript; charset=utf-8');
      expect(answer.headers.vary).toBe('Accept-Encoding');
    }
    expect((await get('/assets/geist-abc.woff2', { 'accept-encoding': 'br' })).headers['content-encoding']).toBeUndefined();
  });

  test.each([
    '/assets/none.js',
    '/assets/index-abc.js.br',
    '/assets/..%2findex.html',
    '/assets/%2e%2e/.sources',
    '/.sources',
    '/index.html',
  ])('are those of the build and no others: %s', async (url) => {
    expect((await (await open())(url)).statusCode).toBe(404);
  });
});
