import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOutbound } from './outbound.ts';

let server: Server;
let port: number;
const asked: string[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(request.url === '/redirect' ? 302 : 204, { location: '/elsewhere' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo); // it listens on a port
});
afterAll(() => server.close());

const strict = createOutbound({ allowedNetworks: [] });
const message = { headers: {}, body: '{}' };

test.each([
  'https://127.0.0.1/',
  'https://127.1/', // the same, as a browser writes it
  'https://2130706433/',
  'https://0x7f.0.0.1/',
  'https://10.1.2.3/',
  'https://169.254.169.254/latest/meta-data/',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[fd00::1]/',
  'https://[fe80::1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[2002:7f00:1::]/',
  'https://0.0.0.0/',
  'https://100.64.0.1/',
  'http://example.com/',
  'https://user:password@example.com/',
  'file:///etc/passwd',
  'gopher://example.com/',
  'not a url',
])('SSRF: %s is refused before anybody is asked', (url) => expect(strict.problemOf(url)).toBeDefined());

test.each(['https://example.com/hook', 'https://93.184.216.34/', 'https://[2606:4700::1111]:8443/'])('%s may be asked', (url) =>
  expect(strict.problemOf(url)).toBeUndefined(),
);

test('SSRF: a public name that resolves to this machine is refused after resolution, and nothing is sent', async () => {
  await expect(strict.post(`https://localhost:${port}/`, message)).rejects.toThrow(/not an address of the Internet/);
  const others = createOutbound({ allowedNetworks: ['192.0.2.0/24'] });
  await expect(others.post(`http://localhost:${port}/`, message)).rejects.toThrow(/not an address of the Internet/);
  expect(asked).toEqual([]);
});

test('networks that the operator allows are asked, by plain http too, and redirects are not followed', async () => {
  const inside = createOutbound({ allowedNetworks: ['127.0.0.0/8', '::1/128'] });
  expect(await inside.post(`http://localhost:${port}/hook`, message)).toEqual({ status: 204 });
  expect(await inside.post(`http://127.0.0.1:${port}/redirect`, message)).toEqual({ status: 302 });
  expect(asked).toEqual(['/hook', '/redirect']);
});

test('nobody there is a sentence, not a crash', async () => {
  const inside = createOutbound({ allowedNetworks: ['127.0.0.0/8'] });
  await expect(inside.post('http://127.0.0.1:1/', message)).rejects.toThrow('No answer from 127.0.0.1:1 (ECONNREFUSED).');
});
