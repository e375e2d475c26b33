import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { injecting } from '../../../../test/kit/device.ts';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

const day = 86_400_000;
let server: TestServer;
let organization: Awaited<ReturnType<TestServer['createOrganization']>>;
let key: string;

/** A receiver of webhooks. */
let receiver: Server;
let receiverUrl: string;
let status = 204;
const received: { readonly headers: Readonly<Record<string, unknown>>; readonly body: string }[] = [];

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: await text(request) });
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  receiverUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`; // it listens on a port
  server = await createTestServer({ webhookNetworks: ['127.0.0.0/8'] });
});
afterAll(async () => {
  await server.close();
  receiver.close();
});
let number = 0;
beforeEach(async () => {
  number += 1;
  organization = await server.createOrganization(`acme${number}.com`);
  key = await organization.createApiKey();
  received.length = 0;
  status = 204;
});

const call = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) => {
  const answer = await server.app.inject({
    method,
    url: `/api/v1/organizations/${organization.id}${path}`,
    headers: { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { payload: body }),
  });
  return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
};
const create = async (change: object = {}) =>
  (await call('POST', '/device-tokens', { description: 'Fleet', enrollment: 'automatic', ...change })).body;
let machine = 0;
const enroll = (token: string, options: { readonly osName?: string; readonly address?: string } = {}) => {
  machine += 1;
  const device = server.createDevice({
    parameters: { machineId: `m${machine}`, hostName: `h${machine}`, osName: options.osName ?? 'Linux' },
    send: injecting(server.app, options.address),
  });
  return device.enroll(token, `user${machine}@${organization.domain}`);
};

describe('platforms', () => {
  test('a token for some platforms enrolls only machines that say they are of them', async () => {
    const { token, platforms } = await create({ platforms: ['windows', 'macos'] });
    expect(platforms).toEqual(['macos', 'windows']);
    expect(await enroll(token, { osName: 'Windows_NT' })).toMatchObject({ kind: 'enrolled' });
    expect(await enroll(token, { osName: 'Darwin' })).toMatchObject({ kind: 'enrolled' });
    expect(await enroll(token, { osName: 'Debian GNU/Linux' })).toMatchObject({
      kind: 'refused',
      status: 403,
      code: 'token_platform',
    });
    expect(await enroll(token, { osName: '' })).toMatchObject({ kind: 'refused', code: 'token_platform' });
    const refused = (await organization.audit()).filter(({ reason }) => reason === 'token_platform');
    expect(refused[0]?.details.why).toContain('this is Debian GNU/Linux');
  });

  test('a platform nobody knows is refused when the token is made', async () => {
    expect(
      (await call('POST', '/device-tokens', { description: 'x', enrollment: 'automatic', platforms: ['amiga'] })).status,
    ).toBe(400);
  });
});

describe('networks', () => {
  test('a token for some networks enrolls only from there, by IPv4 and IPv6', async () => {
    const { token, networks } = await create({ networks: ['198.51.100.0/24', '2001:DB8::/32', '203.0.113.9'] });
    expect(networks).toEqual(['198.51.100.0/24', '2001:db8::/32', '203.0.113.9/32']);
    for (const address of ['198.51.100.7', '::ffff:198.51.100.8', '2001:db8:1::1', '203.0.113.9']) {
      expect(await enroll(token, { address })).toMatchObject({ kind: 'enrolled' });
    }
    for (const address of ['198.51.101.7', '2001:db9::1', '203.0.113.10', '::1']) {
      expect(await enroll(token, { address })).toMatchObject({ kind: 'refused', status: 403, code: 'token_network' });
    }
  });

  test('what is no network is refused when the token is made, with how to write it', async () => {
    const refused = await call('POST', '/device-tokens', {
      description: 'x',
      enrollment: 'automatic',
      networks: ['10.0.0.0/33'],
    });
    expect(refused).toMatchObject({
      status: 400,
      body: { code: 'network_invalid', detail: 'Write it as 192.0.2.0/24 or 2001:db8::/32.' },
    });
  });
});

describe('rotation', () => {
  test('the successor has the same settings; both enroll during the overlap, and then only the new one', async () => {
    const old = await create({
      platforms: ['linux'],
      networks: ['192.0.2.0/24'],
      domains: [organization.domain],
      maxEnrollments: 5,
    });
    expect(await enroll(old.token)).toMatchObject({ kind: 'enrolled' });
    const { status: created, body: next } = await call('POST', `/device-tokens/${old.id}/rotate`, { overlapSeconds: 3600 });
    expect(created).toBe(201);
    expect(next).toMatchObject({
      description: 'Fleet',
      platforms: ['linux'],
      networks: ['192.0.2.0/24'],
      domains: [organization.domain],
      enrollment: 'automatic',
      maxEnrollments: 4,
      enrollments: 0,
      rotatedTo: null,
    });
    expect((await call('GET', `/device-tokens/${old.id}`)).body).toMatchObject({ state: 'live', rotatedTo: next.id });
    expect(await enroll(old.token)).toMatchObject({ kind: 'enrolled' });
    expect(await enroll(next.token)).toMatchObject({ kind: 'enrolled' });
    server.wait(3_600_000);
    expect(await enroll(old.token)).toMatchObject({ kind: 'refused', code: 'token_expired' });
    expect(await enroll(next.token)).toMatchObject({ kind: 'enrolled' });
  });

  test('an overlap never makes a token last longer than it would have', async () => {
    const old = await create({ expiresInSeconds: 60 });
    await call('POST', `/device-tokens/${old.id}/rotate`, { overlapSeconds: 86_400 });
    expect((await call('GET', `/device-tokens/${old.id}`)).body.expiresAt).toBe(old.expiresAt);
  });

  test('without an overlap the old one is of no use at once', async () => {
    const old = await create();
    await call('POST', `/device-tokens/${old.id}/rotate`, { overlapSeconds: 0 });
    expect(await enroll(old.token)).toMatchObject({ kind: 'refused', code: 'token_expired' });
  });

  test('a token is rotated once, and not at all when it was revoked or has expired', async () => {
    const rotated = await create();
    await call('POST', `/device-tokens/${rotated.id}/rotate`, {});
    expect(await call('POST', `/device-tokens/${rotated.id}/rotate`, {})).toMatchObject({
      status: 409,
      body: { code: 'device_token_rotated' },
    });
    const revoked = await create();
    await call('POST', `/device-tokens/${revoked.id}/revoke`);
    expect(await call('POST', `/device-tokens/${revoked.id}/rotate`, {})).toMatchObject({
      status: 409,
      body: { code: 'device_token_revoked' },
    });
    const expired = await create({ expiresInSeconds: 1 });
    server.wait(1000);
    expect(await call('POST', `/device-tokens/${expired.id}/rotate`, {})).toMatchObject({
      status: 409,
      body: { code: 'device_token_expired' },
    });
  });
});

describe('the end of a token', () => {
  const gauge = async (id: string): Promise<number | undefined> =>
    (await server.metrics.registry.getSingleMetric('latchkey_device_token_expiry_seconds')?.get())?.values.find(
      ({ labels }) => labels.token === id,
    )?.value;
  const verify = (secret: string): void => {
    for (const { headers, body } of received) {
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      const mac = createHmac('sha256', Buffer.from(secret.replace('whsec_', ''), 'base64'))
        .update(signed)
        .digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${mac}`);
    }
  };

  test('is told of at 14, 7 and 1 days, once each: by webhook, in the audit, by metric and by doctor', async () => {
    const { secret } = (await call('PUT', '/webhook', { url: receiverUrl })).body;
    const { id, hint } = await create({ expiresInSeconds: 20 * 86_400 });
    const told: (readonly [number, number])[] = [];
    for (let at = 20; at >= 0; at -= 0.5) {
      const before = received.length;
      await server.doWhatIsDue();
      for (const { body } of received.slice(before)) told.push([at, JSON.parse(body).data.deviceToken.days]);
      if (at === 14) expect(await gauge(id)).toBe(14 * 86_400);
      if (at === 15) expect(await gauge(id)).toBeUndefined();
      server.wait(day / 2);
    }
    expect(told).toEqual([
      [14, 14],
      [7, 7],
      [1, 1],
    ]);
    verify(secret);
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({
      type: 'device_token.expiring',
      data: { organization: organization.id, deviceToken: { id, hint, description: 'Fleet' } },
    });
    const audited = (await organization.audit()).filter(({ action }) => action === 'device_token.expiring');
    expect(audited.map(({ details }) => details.days)).toEqual([14, 7, 1]);
  });

  test('doctor warns of it, for the organization whose token it is', async () => {
    await create({ expiresInSeconds: 13 * 86_400 });
    const answer = await server.app.inject({ url: '/api/v1/doctor', headers: { authorization: `Bearer ${key}` } });
    expect(answer.body).toContain('expires in 13 days');
  });

  test('a token that was made for a day is told of once, and one that was rotated or revoked not at all', async () => {
    await call('PUT', '/webhook', { url: receiverUrl });
    await create({ expiresInSeconds: 86_400 });
    const rotated = await create({ expiresInSeconds: 86_400 });
    await call('POST', `/device-tokens/${rotated.id}/rotate`, { expiresInSeconds: 366 * 86_400 });
    const revoked = await create({ expiresInSeconds: 86_400 });
    await call('POST', `/device-tokens/${revoked.id}/revoke`);
    await Promise.all([server.doWhatIsDue(), server.doWhatIsDue(), server.doWhatIsDue()]);
    await server.doWhatIsDue();
    expect(received).toHaveLength(1);
  });

  test('a receiver that is away gets the message when it is back, with the same id', async () => {
    await call('PUT', '/webhook', { url: receiverUrl });
    await create({ expiresInSeconds: 86_400 });
    status = 503;
    await server.doWhatIsDue();
    status = 204;
    await server.doWhatIsDue();
    expect(received).toHaveLength(1);
    server.wait(5000);
    await server.doWhatIsDue();
    server.wait(10 * 60_000);
    await server.doWhatIsDue();
    expect(received).toHaveLength(2);
    expect(received[0]?.headers['webhook-id']).toBe(received[1]?.headers['webhook-id']);
  });

  test('a receiver that stays away is given up after a day and more, which the audit tells', async () => {
    await call('PUT', '/webhook', { url: receiverUrl });
    const { id } = await create({ expiresInSeconds: 14 * 86_400 });
    status = 500;
    for (let hour = 0; hour < 48; hour += 1) {
      await server.doWhatIsDue();
      server.wait(3_600_000);
    }
    expect(received).toHaveLength(8);
    const failed = (await organization.audit()).filter(({ action }) => action === 'webhook.failed');
    expect(failed).toMatchObject([
      { details: { type: 'device_token.expiring', attempts: 8, why: 'The receiver answered 500.' } },
    ]);
    expect(id).toBeDefined();
  });

  test('a receiver that answers 410 wants no more of it', async () => {
    await call('PUT', '/webhook', { url: receiverUrl });
    await create({ expiresInSeconds: 86_400 });
    status = 410;
    await server.doWhatIsDue();
    server.wait(3_600_000);
    await server.doWhatIsDue();
    expect(received).toHaveLength(1);
  });
});

describe('the webhook', () => {
  test('is set with a secret that is shown once, tested, shown and removed', async () => {
    expect((await call('GET', '/webhook')).status).toBe(404);
    const set = await call('PUT', '/webhook', { url: receiverUrl });
    expect(set.body.secret).toMatch(/^whsec_[\w+/]{43}=$/);
    expect((await call('GET', '/webhook')).body).toEqual({
      url: receiverUrl,
      createdAt: set.body.createdAt,
      createdBy: set.body.createdBy,
    });
    expect((await call('POST', '/webhook/test')).body).toEqual({
      delivered: true,
      status: 204,
      message: 'The receiver has taken it.',
    });
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ type: 'webhook.test' });
    status = 404;
    expect((await call('POST', '/webhook/test')).body).toEqual({
      delivered: false,
      status: 404,
      message: 'The receiver answered 404.',
    });
    expect((await call('DELETE', '/webhook')).status).toBe(204);
    expect((await call('POST', '/webhook/test')).status).toBe(404);
    const secrets = JSON.stringify(await organization.audit());
    expect(secrets).not.toContain(set.body.secret.slice(6));
  });

  test('SSRF: an address inside that the operator has not allowed cannot be set', async () => {
    for (const url of ['https://10.0.0.1/', 'https://169.254.169.254/latest', 'https://[::1]:1/']) {
      expect(await call('PUT', '/webhook', { url })).toMatchObject({ status: 400, body: { code: 'webhook_url_refused' } });
    }
  });
});
