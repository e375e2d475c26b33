import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await createTestServer();
});
afterAll(() => server.close());

test('a device enrolls, signs in and gets an access token', async () => {
  const acme = await server.createOrganization('smoke.example');
  const token = await acme.createToken();
  await acme.registerApplication({ identifier: 'https://app.smoke.example' });
  const device = server.createDevice();
  expect(await device.enroll(token.text, 'j.doe@smoke.example')).toMatchObject({ kind: 'enrolled', status: 'registered' });
  const signedIn = await device.signIn();
  expect(signedIn).toMatchObject({ kind: 'signed_in', user: { userName: 'j.doe@smoke.example' } });
  expect(await device.accessToken('https://app.smoke.example')).toMatchObject({ kind: 'answered', token_type: 'DPoP' });
});
