import { createHash, createPublicKey, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkDpop, DPOP_TYPE, type JsonObject, readJws, verifyJws } from '@latchkey/device';
import { afterEach, expect, test } from 'vitest';
import { createDeviceKey } from '../../../test/kit/device.ts';
import { fetchPage } from './fetch-page.ts';
import { openHttpClient } from './http.ts';

const key = createDeviceKey();
const publicKey = createPublicKey({ key: { ...key.jwk }, format: 'jwk' });
const verifying = {
  verify: (text: string, signature: string) =>
    verify('sha256', Buffer.from(text), { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')),
};

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A site that answers each request in turn. */
const openSite = async (...answers: ((response: ServerResponse) => void)[]) => {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answers[asked.length - 1]?.(response);
    response.end('body');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  const http = openHttpClient({ cloudOrigin: undefined, caFile: undefined, env: {} });
  closing.push(() => {
    http.close();
    server.closeAllConnections();
    server.close();
  });
  const url = new URL(`http://127.0.0.1:${port}/page?secret=1`);
  const proofs = (): JsonObject[] => asked.map(({ headers }) => verifyJws(readJws(String(headers.dpop)), DPOP_TYPE, verifying));
  return { url, asked, proofs, fetch: (at = url) => fetchPage({ http, key }, { url: at, accessToken: 'the-token' }) };
};

const wantsNonce = (response: ServerResponse): void => {
  response.writeHead(401, { 'www-authenticate': 'DPoP algs="ES256", error="use_dpop_nonce"', 'dpop-nonce': 'fresh' });
};

test('a page is asked for with a proof for it, and once more with the nonce that the site gives (RFC 9449 §9)', async () => {
  const { url, asked, proofs, fetch } = await openSite(wantsNonce, (response) => response.writeHead(200));
  expect(await fetch()).toMatchObject({ status: 200 });
  expect(asked.map(({ headers }) => headers.authorization)).toEqual(['DPoP the-token', 'DPoP the-token']);
  const [first, second] = proofs();
  expect(first).not.toHaveProperty('nonce');
  const ath = createHash('sha256').update('the-token').digest('base64url');
  expect(checkDpop(second, { htm: 'GET', htu: url.href, ath })).toMatchObject({ nonce: 'fresh' });
  expect(second?.jti).not.toBe(first?.jti);
});

test('it comes back once only', async () => {
  const { asked, fetch } = await openSite(wantsNonce, wantsNonce, wantsNonce);
  expect(await fetch()).toMatchObject({ status: 401 });
  expect(asked).toHaveLength(2);
});

test('another refusal is not asked again, whatever nonce it brings', async () => {
  const { asked, fetch } = await openSite((response) => response.writeHead(403, { 'dpop-nonce': 'fresh' }));
  expect(await fetch()).toMatchObject({ status: 403 });
  expect(asked).toHaveLength(1);
});

test('a redirect is not followed: token and proof are for this site', async () => {
  const { asked, fetch } = await openSite((response) => response.writeHead(302, { location: 'https://evil.example/' }));
  await expect(fetch()).rejects.toMatchObject({ code: 'redirect_refused' });
  expect(asked).toHaveLength(1);
});

test('nothing is sent over plain HTTP to another machine', async () => {
  const { fetch } = await openSite();
  await expect(fetch(new URL('http://wiki.acme.com/'))).rejects.toMatchObject({ code: 'plain_http' });
});
