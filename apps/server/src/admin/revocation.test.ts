import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

/**
 * The clock of these tests stands still: what is refused here is looked up at each call, and no cache has to run out first. That other
 * nodes see it too is shown in test/nodes.
 */
let server: TestServer;
let organization: Awaited<ReturnType<TestServer['createOrganization']>>;
let key: string;
let number = 0;
const wiki = 'https://wiki.acme.com';

beforeAll(async () => {
  server = await createTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  number += 1;
  organization = await server.createOrganization(`acme${number}.com`);
  key = await organization.createApiKey();
  await organization.registerApplication({ identifier: wiki });
});

const post = async (path: string): Promise<void> => {
  const answer = await server.app.inject({
    method: 'POST',
    url: `/api/v1/organizations/${organization.id}${path}`,
    headers: { authorization: `Bearer ${key}` },
    payload: path.endsWith('/remove') ? { force: true } : {},
  });
  expect([path, answer.statusCode]).toEqual([path, 200]);
};

/** A device that has a session and has just got an access token with it. */
const signedIn = async () => {
  const token = await organization.createToken();
  const device = server.createDevice();
  await device.enroll(token.text, `j.doe@${organization.domain}`);
  const answer = await device.signIn();
  if (answer.kind !== 'signed_in') throw new Error(answer.code);
  expect(await device.accessToken(wiki)).toMatchObject({ kind: 'answered' });
  return { device, token, user: answer.user.id };
};

type SignedIn = Awaited<ReturnType<typeof signedIn>>;

describe('with the clock standing still, the next call after a revocation is refused', () => {
  test.each([
    ['device removed', (of: SignedIn) => post(`/devices/${of.device.state.deviceId}/remove`)],
    ['device put in quarantine', (of: SignedIn) => post(`/devices/${of.device.state.deviceId}/quarantine`)],
    ['user disabled', (of: SignedIn) => post(`/users/${of.user}/disable`)],
  ] as const)('%s: no access token with the session, no sign-in', async (_name, revoke) => {
    const of = await signedIn();
    const begun = await of.device.begin();
    if (begun.kind !== 'begun') throw new Error(begun.code);
    await revoke(of);
    expect(await of.device.accessToken(wiki)).toMatchObject({ kind: 'refused' });
    // Also in the middle of a sign-in that had begun before.
    expect(await of.device.prove(begun)).toMatchObject({ kind: 'refused' });
    expect(await of.device.signIn()).toMatchObject({ kind: 'refused' });
  });

  test('user disabled between the proof and its delivery: no session', async () => {
    const { device, user } = await signedIn();
    const begun = await device.begin();
    if (begun.kind !== 'begun') throw new Error(begun.code);
    const proven = await device.prove(begun);
    if (proven.kind !== 'proven') throw new Error(proven.code);
    await post(`/users/${user}/disable`);
    expect(await device.deliver(begun, proven)).toMatchObject({ kind: 'refused' });
  });

  test('device token revoked: no enrollment, not even with a message that was made before', async () => {
    const { token, device } = await signedIn();
    const late = server.createDevice({ parameters: { machineId: 'm2', hostName: 'h2' } });
    const message = await late.enrollmentMessage(token.text, `k.doe@${organization.domain}`);
    await post(`/device-tokens/${token.id}/revoke`);
    expect(await late.sendEnrollment(message)).toMatchObject({ kind: 'refused', code: 'token_revoked' });
    // What it enrolled stays: a token opens enrollment, and proves nobody.
    expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
  });

  test('API key revoked: no request more', async () => {
    const other = await organization.createApiKey();
    const whoami = async () =>
      (await server.app.inject({ url: '/api/v1/whoami', headers: { authorization: `Bearer ${other}` } })).json();
    const { apiKey } = await whoami();
    await post(`/api-keys/${apiKey.id}/revoke`);
    expect(await whoami()).toMatchObject({ status: 401, code: 'api_key_revoked' });
  });
});
