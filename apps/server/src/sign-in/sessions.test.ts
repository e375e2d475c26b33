import type { SessionView } from '@latchkey/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

let server: TestServer;
let acme: Awaited<ReturnType<TestServer['createOrganization']>>;
let key: string;
let count = 0;

beforeAll(async () => {
  server = await createTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  count += 1;
  acme = await server.createOrganization(`ses${count}.example`);
  key = await acme.createApiKey();
});

const call = async (method: 'GET' | 'POST', path: string, payload?: object) => {
  const answer = await server.app.inject({
    method,
    url: `/api/v1/organizations/${acme.id}/sessions${path}`,
    headers: { authorization: `Bearer ${key}` },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, body: answer.json() };
};
const list = async (query = ''): Promise<{ items: readonly SessionView[]; total: number }> => (await call('GET', query)).body;
const signedIn = async (login: string) => {
  const device = server.createDevice({ parameters: { hostName: `${login}-laptop` } });
  await device.enroll((await acme.createToken()).text, `${login}@${acme.domain}`);
  const answer = await device.signIn();
  if (answer.kind !== 'signed_in') throw new Error(answer.code);
  return device;
};

describe('sessions', () => {
  test('each device that is signed in is listed once, by its newest session, and found by user, host and id', async () => {
    const device = await signedIn('jane');
    const began = new Date(server.now()).toISOString();
    server.wait(60_000);
    await device.signIn();
    await signedIn('john');
    const { items, total } = await list();
    expect(total).toBe(2);
    expect(items.map(({ user, older }) => [user.userName, older])).toEqual([
      [`jane@${acme.domain}`, 1],
      [`john@${acme.domain}`, 0],
    ]);
    const { deviceId } = device.state;
    expect(items[0]).toMatchObject({
      id: device.state.session,
      device: { id: deviceId, hostName: 'jane-laptop' },
      idp: 'device',
      createdAt: new Date(server.now()).toISOString(),
      expiresAt: new Date(server.now() + 12 * 3_600_000).toISOString(),
      lastProofAt: new Date(server.now()).toISOString(),
    });
    expect(items[0]?.createdAt).not.toBe(began);
    for (const query of ['?q=jane', '?q=JANE-lap', `?device=${deviceId}`]) {
      expect((await list(query)).items.map(({ device: { id } }) => id)).toEqual([deviceId]);
    }
    expect((await list('?device=dev_none')).items).toEqual([]);
  });

  test('what is over, or longer than what is active now allows, does not run', async () => {
    await signedIn('jane');
    server.wait(3_600_000);
    await acme.activate({
      authenticationProfile: { deviceSessionSeconds: 1800 },
      identityProviders: [{ kind: 'device', id: 'device', name: 'D', status: 'enabled', domains: 'any', autoProvisioning: true }],
      defaultIdp: null,
    });
    expect((await list()).items).toEqual([]);
    const john = await signedIn('john');
    expect((await list()).items).toMatchObject([{ expiresAt: new Date(server.now() + 1_800_000).toISOString() }]);
    server.wait(1_800_000);
    expect((await list()).items).toEqual([]);
    expect(john.state.session).toMatch(/^ses_/);
  });

  test('ending one ends whatever runs on its device, once, and is audited; the device may sign in again', async () => {
    const application = await acme.registerApplication({ identifier: `https://wiki.${acme.domain}` });
    const device = await signedIn('jane');
    const before = device.state.session;
    server.wait(60_000);
    await device.signIn();
    expect(await call('POST', `/${before}/end`, { reason: 'lost' })).toEqual({ status: 200, body: { ended: 2 } });
    expect((await list()).items).toEqual([]);
    expect(await device.accessToken(application.identifier)).toMatchObject({ kind: 'refused', code: 'session_ended' });
    expect(await call('POST', `/${before}/end`)).toEqual({ status: 200, body: { ended: 0 } });
    expect((await acme.audit()).filter(({ action }) => action === 'session.ended')).toMatchObject([
      { subject: `device:${device.state.deviceId}`, details: { session: before, endedSessions: 2, comment: 'lost' } },
    ]);
    expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
    expect((await list()).total).toBe(1);
  });

  test('a session that is not there, or of another organization, is not found', async () => {
    const device = await signedIn('jane');
    acme = await server.createOrganization(`else${count}.example`);
    key = await acme.createApiKey();
    expect(await call('POST', `/${device.state.session}/end`)).toMatchObject({ status: 404, body: { code: 'session_unknown' } });
  });
});
