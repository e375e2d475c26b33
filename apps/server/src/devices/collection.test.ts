import { optionalParameterNames } from '@latchkey/device';
import { collectableParameters, type SettingsInput } from '@latchkey/settings';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await createTestServer();
});
afterAll(() => server.close());

const settings = (collectedParameters?: readonly ('loginName' | 'hostName' | 'serial')[]): SettingsInput => ({
  authenticationProfile: { collectedParameters },
  identityProviders: [
    { kind: 'device', id: 'device', name: 'Devices', status: 'enabled', domains: 'any', autoProvisioning: true },
  ],
  defaultIdp: null,
});

/** An agent that sends everything, whatever it is told. */
const start = async (domain: string) => {
  const acme = await server.createOrganization(domain);
  const parameters = { loginName: 'jane', hostName: 'laptop-of-jane', serial: `SN-${domain}`, machineId: `m-${domain}` };
  const device = server.createDevice({ parameters });
  const enroll = async () => device.enroll((await acme.createToken()).text, `jane@${domain}`);
  const known = async () => (await acme.storage.read.findDevice(device.state.deviceId))?.parameters;
  return { acme, device, enroll, known };
};

test('what may be left out is one list, in the settings and at the device', () => {
  expect(optionalParameterNames).toEqual(collectableParameters);
});

test('what is not collected is dropped, though an agent sends it, and the agent is told', async () => {
  const { acme, device, enroll, known } = await start('a.example');
  await acme.activate(settings(['serial']));
  expect(await enroll()).toMatchObject({ kind: 'enrolled', status: 'registered', collect: ['serial'] });
  const kept = { osName: 'Linux', agentVersion: '0.1.0', serial: 'SN-a.example', machineId: 'm-a.example' };
  expect(await known()).toEqual(kept);
  expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
  expect(await device.keepalive()).toMatchObject({ kind: 'answered', collect: ['serial'] });
  expect(await known()).toEqual(kept);
  expect(JSON.stringify(await acme.audit())).not.toContain('laptop-of-jane');
  const challenge = await server.app.inject({
    method: 'POST',
    url: '/agent/v1/challenge',
    payload: { device: device.state.deviceId, jkt: device.key.jkt },
  });
  expect(challenge.json().collect).toEqual(['serial']);
});

test('what was collected before goes with the next keepalive; the draft alone changes nothing', async () => {
  const { acme, device, enroll, known } = await start('b.example');
  expect(await enroll()).toMatchObject({ collect: [...collectableParameters] });
  await device.keepalive();
  expect(await known()).toMatchObject({ hostName: 'laptop-of-jane', loginName: 'jane', serial: 'SN-b.example' });
  await acme.activate(settings([]));
  expect(await device.keepalive()).toMatchObject({ collect: [] });
  expect(await known()).toEqual({ osName: 'Linux', agentVersion: '0.1.0', machineId: 'm-b.example' });
  const { searchDevices } = acme.storage.read;
  for (const q of ['laptop', 'SN-b']) expect((await searchDevices({ q, limit: 9 })).items).toEqual([]);
  await acme.activate(settings());
  await device.keepalive();
  expect(await known()).toMatchObject({ hostName: 'laptop-of-jane', loginName: 'jane' });
});

test('where host names are not collected, a removed device does not stand for every other one of its user', async () => {
  const { acme, device, enroll } = await start('c.example');
  await acme.activate(settings([]));
  await enroll();
  await acme.changeDevice(device.state.deviceId, 'remove_now');
  const other = server.createDevice({ parameters: { hostName: 'other' } });
  expect(await other.enroll((await acme.createToken()).text, 'jane@c.example')).toMatchObject({ status: 'registered' });
});
