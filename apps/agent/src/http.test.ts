import { createServer } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openHttpClient } from './http.ts';
import { caFile, openServer, type TestServer } from './test-cloud.ts';

const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
const keep = <T extends { close: () => unknown }>(one: T): T => {
  opened.push(one);
  return one;
};
const client = (given: { cloudOrigin?: string; caFile?: string; env?: NodeJS.ProcessEnv } = {}) =>
  keep(openHttpClient({ cloudOrigin: given.cloudOrigin, caFile: given.caFile, env: given.env ?? {} }));
const ok = (tls = false): Promise<TestServer> => openServer(() => ({ status: 200, body: 'ok' }), { tls }).then(keep);
const get = (origin: string) => ({ method: 'GET', url: new URL('/', origin), headers: {} }) as const;

test.each([
  'http://id.acme.com',
  'http://10.0.0.1',
  'http://localhost.evil.example.com',
  'http://127.0.0.1.nip.io',
  'http://[::2]',
])('plain HTTP to %s is refused before a name is looked up', async (origin) => {
  await expect(client().request(get(origin))).rejects.toMatchObject({ code: 'plain_http' });
});

test('an answer that is too large is cut off', async () => {
  const server = keep(await openServer(() => ({ status: 200, body: 'x'.repeat(1024 * 1024 + 1) })));
  await expect(client().request(get(server.origin))).rejects.toMatchObject({ code: 'answer_too_large' });
});

test('a certificate of an unknown authority is refused, whatever NODE_TLS_REJECT_UNAUTHORIZED says', async () => {
  const server = await ok(true);
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  try {
    await expect(client().request(get(server.origin))).rejects.toMatchObject({
      code: 'unreachable',
      hint: expect.stringContaining('caFile'),
    });
  } finally {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  }
});

test('caFile is what is trusted for the cloud, and comes beside the built-in authorities elsewhere', async () => {
  const server = await ok(true);
  for (const cloudOrigin of [server.origin, 'https://elsewhere.example.com']) {
    expect((await client({ caFile, cloudOrigin }).request(get(server.origin))).status).toBe(200);
  }
});

test('a certificate for another name is refused', async () => {
  const server = await ok(true);
  const origin = server.origin.replace('localhost', '127.0.0.1');
  await expect(client({ caFile, cloudOrigin: origin }).request(get(origin))).rejects.toMatchObject({
    hint: expect.stringContaining('for another name'),
  });
});

test('HTTPS goes through the proxy of the environment, which sees a tunnel only', async () => {
  const server = await ok(true);
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    const upstream = connect(Number(new URL(server.origin).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  keep({ close: () => proxy.close() });
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new TypeError('a port was expected');
  const env = { HTTPS_PROXY: `http://127.0.0.1:${address.port}` };
  const origin = 'https://id.acme.com';
  expect((await client({ caFile, cloudOrigin: origin, env }).request(get(origin))).status).toBe(200);
  expect(asked).toEqual(['id.acme.com:443']);
});

test('a server that is not there is unreachable, with a hint', async () => {
  const server = await ok();
  await server.close();
  await expect(client().request(get(server.origin))).rejects.toMatchObject({
    code: 'unreachable',
    hint: expect.stringContaining('Nothing listens'),
  });
});

test('the same client goes on after the server was restarted on its port', async () => {
  const first = createServer((_request, reply) => reply.end('1'));
  await new Promise<void>((resolve) => first.listen(0, '127.0.0.1', resolve));
  const address = first.address();
  if (address === null || typeof address === 'string') throw new TypeError('a port was expected');
  const origin = `http://127.0.0.1:${address.port}`;
  const http = client();
  expect((await http.request(get(origin))).body.toString()).toBe('1');
  first.closeAllConnections();
  await new Promise((resolve) => first.close(resolve));
  const second = keep(createServer((_request, reply) => reply.end('2')));
  await new Promise<void>((resolve) => second.listen(address.port, '127.0.0.1', resolve));
  expect((await http.request(get(origin))).body.toString()).toBe('2');
  second.closeAllConnections();
});
