import type { DeviceErrorCode } from '@latchkey/device';
import { readXml } from '@latchkey/saml';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDeviceKey, type Tamper } from '../../../../test/kit/device.ts';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

let server: TestServer;
let acme: Awaited<ReturnType<TestServer['createOrganization']>>;
let count = 0;

beforeAll(async () => {
  server = await createTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  count += 1;
  acme = await server.createOrganization(`sign${count}.example`);
});

const name = (login: string): string => `${login}@${acme.domain}`;
const enrolled = async (login = 'j.doe', parameters: Record<string, string> = {}) => {
  const device = server.createDevice({ parameters });
  await device.enroll((await acme.createToken()).text, name(login));
  return device;
};
const signedIn = async (login = 'j.doe') => {
  const device = await enrolled(login);
  const answer = await device.signIn();
  if (answer.kind !== 'signed_in') throw new Error(`not signed in: ${answer.code}`);
  return { ...answer, device };
};
const audit = async (action: string) => (await acme.audit()).filter((event) => event.action === action);
/** What is remembered of an organization is forgotten after a second. */
const suspend = async (): Promise<void> => {
  await acme.storage.transaction((store) => store.setOrganizationState('suspended'));
  server.wait(1000);
};
const userNames = async () => (await acme.storage.read.searchUsers({ limit: 100 })).items.map(({ userName }) => userName);

/** Made by somebody who has not the device's key. */
const foreignSignature: Tamper = { proofJws: (jws) => `${jws.slice(0, -20)}AAAAAAAAAAAAAAAAAAAA` };

describe('a sign-in (design §3, flow 2)', () => {
  test('takes three round trips, makes the account at the first assertion (JIT), and its ids chain in the audit', async () => {
    const answer = await signedIn();
    expect(answer).toMatchObject({
      session: { id: expect.stringMatching(/^ses_/), expiresAt: new Date(server.now() + 12 * 3_600_000).toISOString() },
      user: { userName: name('j.doe') },
    });
    expect(await acme.storage.read.findUserByName(name('j.doe'))).toMatchObject({ state: 'active', source: 'jit:device' });
    const [asserted] = await audit('sign_in.asserted');
    const [created] = await audit('user.created');
    const [accepted] = await audit('sign_in.accepted');
    expect(asserted?.details).toMatchObject({ userName: name('j.doe'), counter: 1, evidence: 'E0', lostReply: false });
    const { request, response, assertion } = asserted?.details ?? {};
    expect(created?.details).toMatchObject({ assertion });
    expect(accepted?.details).toMatchObject({ request, response, assertion, session: answer.session.id });
    expect(answer.proven.ecpResponse).toContain(`ID="${assertion}"`);
    expect(answer.begun.soapRequest).toContain(`ID="${request}"`);
  });

  test('parses each of the two messages once', async () => {
    const device = await enrolled();
    const value = async (metric: { get: () => Promise<{ values: { value: number }[] }> }) =>
      (await metric.get()).values.reduce((sum, each) => sum + each.value, 0);
    const before = [await value(server.metrics.samlParses), await value(server.metrics.samlMessages)];
    await device.signIn();
    const after = [await value(server.metrics.samlParses), await value(server.metrics.samlMessages)];
    expect(after.map((each, index) => each - (before[index] ?? 0))).toEqual([2, 2]);
  });

  test('says in the assertion how well the device is proven', async () => {
    const { proven } = await signedIn();
    for (const text of [
      'urn:latchkey:ac:classes:E0',
      'Name="deviceEvidence"',
      'Name="deviceId"',
      'Name="deviceKeyStorage"',
      '>software<',
    ]) {
      expect(proven.ecpResponse).toContain(text);
    }
    expect(() => readXml(proven.ecpResponse)).not.toThrow();
  });

  test('again is a renewal: another session, the same account', async () => {
    const first = await signedIn();
    const second = await first.device.signIn();
    expect(second).toMatchObject({ kind: 'signed_in', user: first.user });
    expect(second).not.toMatchObject({ session: first.session });
    expect(await audit('user.created')).toHaveLength(1);
  });

  test('binds an account that is there already, whoever made it', async () => {
    const id = await acme.createUser(name('J.Doe'));
    expect(await signedIn('j.doe')).toMatchObject({ user: { id, userName: name('J.Doe') } });
    expect(await audit('user.created')).toHaveLength(0);
  });

  test('never enrolls: a device id nobody enrolled is refused by the IdP and leaves no row', async () => {
    const device = server.createDevice();
    Object.assign(device.state, {
      deviceId: 'dev_never',
      userName: name('j.doe'),
      idp: { entityId: `${server.origin}/saml/${acme.id}/idp/metadata`, ssoUrl: `${server.origin}/saml/${acme.id}/idp/sso` },
    });
    const before = (await acme.audit()).length;
    expect(await device.signIn()).toMatchObject({ kind: 'refused', step: 'prove', code: 'device_unknown' });
    expect((await acme.storage.read.searchDevices({ limit: 10 })).items).toEqual([]);
    expect((await acme.audit()).length).toBe(before);
  });

  test('goes elsewhere for a domain of an external IdP: 409 with the address to open', async () => {
    const device = await enrolled();
    const signInUrl = 'https://login.example/start';
    await acme.activate({
      identityProviders: [
        { kind: 'saml', id: 'entra', name: 'Entra', status: 'enabled', domains: 'any', autoProvisioning: false, signInUrl },
      ],
      defaultIdp: 'entra',
    });
    const answer = await device.signIn();
    expect(answer).toMatchObject({ kind: 'refused', step: 'begin', status: 409, code: 'external_idp' });
    if (answer.kind === 'refused') expect(JSON.parse(answer.received.body)).toMatchObject({ openUrl: signInUrl });
  });
});

describe('who may not sign in, each with its own code, one sentence and an audit event', () => {
  /** Refused by the IdP. The SP asks for the same facts, so it is passed before they change. */
  const refusedByIdp = async (
    device: Awaited<ReturnType<typeof enrolled>>,
    code: string,
    change: () => Promise<unknown>,
  ): Promise<void> => {
    const begun = await device.begin();
    if (begun.kind === 'refused') throw new Error(begun.code);
    await change();
    const users = await userNames();
    const answer = await device.prove(begun);
    expect(answer).toMatchObject({
      kind: 'refused',
      status: 200,
      code,
      title: expect.stringMatching(/^[A-Z].*\.$/),
    });
    if (answer.kind !== 'refused') return;
    expect(answer.received.headers['content-type']).toContain('text/xml');
    expect(answer.received.body).not.toContain('Assertion ');
    const event = (await audit('sign_in.refused')).at(-1);
    expect(event).toMatchObject({ outcome: 'refused', reason: code, correlationId: answer.correlationId });
    expect(await userNames()).toEqual(users);
  };

  test('a disabled IdP', async () => {
    await refusedByIdp(await enrolled(), 'idp_disabled', () => acme.activateDeviceIdp({ status: 'disabled' }));
  });

  test('an unknown user with auto-provisioning off', async () => {
    await refusedByIdp(await enrolled(), 'user_unknown', () => acme.activateDeviceIdp({ autoProvisioning: false }));
  });

  test('a disabled user', async () => {
    const { device, user } = await signedIn();
    await refusedByIdp(device, 'user_disabled', () => acme.changeUser(user.id, 'active', 'disabled'));
  });

  test('a deleted user: renewal never provisions', async () => {
    const { device, user } = await signedIn();
    await refusedByIdp(device, 'user_unknown', () => acme.changeUser(user.id, 'active', 'deleted'));
  });

  test('a user deleted before the device ever signed in', async () => {
    const device = await enrolled('early');
    const id = await acme.createUser(name('early'));
    await refusedByIdp(device, 'user_unknown', () => acme.changeUser(id, 'active', 'deleted'));
  });

  test('another account that took the name of a deleted one is not the device’s', async () => {
    const { device, user } = await signedIn();
    await acme.changeUser(user.id, 'active', 'deleted');
    await refusedByIdp(device, 'user_unknown', () => acme.createUser(name('j.doe')));
  });

  test.each([
    ['remove_now', 'device_removed'],
    ['remove', 'device_removed'],
    ['quarantine', 'device_quarantined'],
  ] as const)('a device after %s', async (act, code) => {
    const { device } = await signedIn();
    await refusedByIdp(device, code, () => acme.changeDevice(device.state.deviceId, act));
  });

  test('a domain that was taken from the organization', async () => {
    const device = await enrolled();
    await refusedByIdp(device, 'domain_not_proved', async () => {
      await acme.storage.transaction((store) => store.removeDomain(acme.domain));
      // Nodes follow within two seconds (design §3).
      server.wait(2_000);
    });
  });

  test('a suspended organization', async () => {
    const device = await enrolled();
    await refusedByIdp(device, 'organization_suspended', () => suspend());
  });

  test.each([
    ['a disabled IdP', 'idp_disabled', () => acme.activateDeviceIdp({ status: 'disabled' })],
    ['a suspended organization', 'organization_suspended', () => suspend()],
    ['a domain of nobody', 'domain_not_proved', () => acme.storage.transaction((store) => store.removeDomain(acme.domain))],
  ])('%s stops at our own SP already', async (_, code, change) => {
    const device = await enrolled();
    await change();
    expect(await device.signIn()).toMatchObject({ kind: 'refused', step: 'begin', status: 403, code });
  });

  test.each([
    ['a disabled IdP', 'idp_disabled', () => acme.activateDeviceIdp({ status: 'disabled' })],
    ['auto-provisioning switched off', 'user_unknown', () => acme.activateDeviceIdp({ autoProvisioning: false })],
    ['a suspended organization', 'organization_suspended', () => suspend()],
    ['a removed device', 'device_removed', (id: string) => acme.changeDevice(id, 'remove_now')],
    ['a disabled user', 'user_disabled', async () => acme.changeUser(await acme.createUser(name('j.doe')), 'active', 'disabled')],
  ])('%s between assertion and ACS: the SP goes by what is active now', async (_, code, change) => {
    const device = await enrolled();
    const begun = await device.begin();
    if (begun.kind === 'refused') throw new Error(begun.code);
    const proven = await device.prove(begun);
    if (proven.kind === 'refused') throw new Error(proven.code);
    await change(device.state.deviceId);
    expect(await device.deliver(begun, proven)).toMatchObject({ kind: 'refused', step: 'deliver', status: 403, code });
    expect((await audit('sign_in.refused')).at(-1)).toMatchObject({ reason: code, details: { idp: 'device' } });
    expect(await audit('sign_in.accepted')).toHaveLength(0);
  });
});

describe('messages that were changed, swapped or repeated (device-binding §5)', () => {
  const outcome = async (tamper: Tamper, device?: Awaited<ReturnType<typeof enrolled>>) =>
    (device ?? (await enrolled())).signIn(tamper);

  test.each<[string, DeviceErrorCode, Tamper]>([
    ['another audience', 'proof_audience', { proof: (payload) => ({ ...payload, aud: 'https://evil.example/idp' }) }],
    ['another digest', 'proof_digest', { proof: (payload) => ({ ...payload, digest: 'x'.repeat(43) }) }],
    ['another origin', 'proof_origin', { proof: (payload) => ({ ...payload, origin: 'https://evil.example' }) }],
    [
      'a swapped ACS',
      'proof_consumer',
      { proof: (payload) => ({ ...payload, responseConsumerURL: 'https://evil.example/acs' }) },
    ],
    ['another device’s id', 'proof_device', { proof: (payload) => ({ ...payload, deviceId: 'dev_other' }) }],
    ['a user other than the claim’s', 'proof_claim', { proof: (payload) => ({ ...payload, userName: 'ceo@acme.example' }) }],
    [
      'a parameter other than the claim’s',
      'proof_claim',
      { proof: (payload) => ({ ...payload, parameters: { hostName: 'other' } }) },
    ],
    [
      'a body changed after the proof was made',
      'proof_digest',
      { postedRequest: (text) => text.replace('<S:Body>', '<S:Body> ') },
    ],
  ])('a good signature over a proof with %s is refused as every other, and audited as %s', async (_, reason, tamper) => {
    const answer = await outcome(tamper);
    expect(answer).toMatchObject({ kind: 'refused', step: 'prove', status: 200, code: 'request_refused' });
    expect(answer).toMatchObject({ title: 'The request was refused.' });
    expect(await audit('sign_in.refused')).toMatchObject([{ reason }]);
  });

  test.each<[string, Tamper]>([
    ['no join state', { proof: (payload) => ({ ...payload, joinState: undefined }) }],
    ['a signature by another key', foreignSignature],
    [
      'alg none',
      {
        proofJws: (jws) =>
          `${Buffer.from('{"alg":"none","typ":"latchkey-proof+jwt"}').toString('base64url')}.${jws.split('.')[1]}.`,
      },
    ],
    ['no proof at all', { idpHeaders: ({ 'latchkey-proof': _, ...headers }) => headers }],
  ])(
    'a proof with %s looks like every other refusal from outside; nobody has proven anything, so it is counted only',
    async (_, tamper) => {
      const answer = await outcome(tamper);
      expect(answer).toMatchObject({ kind: 'refused', step: 'prove', status: 200, code: 'request_refused' });
      expect(answer).toMatchObject({ title: 'The request was refused.' });
      expect(await audit('sign_in.refused')).toHaveLength(0);
    },
  );

  test.each<[string, Tamper, number]>([
    [
      'a changed request',
      { soapRequest: (text) => text.replace(/IssueInstant="[^"]*"/, 'IssueInstant="2030-01-01T00:00:00.000Z"') },
      403,
    ],
    ['a swapped ACS in the request', { soapRequest: (text) => text.replace(/\/acs"/, '/evil"') }, 403],
    ['a stripped signature', { soapRequest: (text) => text.replace(/<ds:Signature.*<\/ds:Signature>/s, '') }, 403],
    ['a DOCTYPE', { soapRequest: (text) => `<!DOCTYPE x>${text}` }, 400],
    ['no XML', { soapRequest: () => 'hello' }, 400],
    ['an unknown issuer', { soapRequest: (text) => text.replace('/sp/device/metadata<', '/sp/evil/metadata<') }, 403],
  ])('%s is refused before anything else is looked at', async (_, tamper, status) => {
    expect(await outcome(tamper)).toMatchObject({ kind: 'refused', step: 'prove', status, code: 'request_refused' });
  });

  test('another device’s proof, with the victim’s id on it, is refused; the fifth time the victim is in quarantine', async () => {
    const victim = await enrolled('victim');
    const attacker = createDeviceKey();
    const twin = server.createDevice({ key: attacker });
    Object.assign(twin.state, victim.state);
    for (let index = 0; index < 4; index += 1) expect(await twin.signIn()).toMatchObject({ code: 'request_refused' });
    expect((await acme.storage.read.findDevice(victim.state.deviceId))?.state).toBe('registered');
    await twin.signIn();
    expect((await acme.storage.read.findDevice(victim.state.deviceId))?.state).toBe('quarantined');
    expect(await audit('device.quarantined')).toMatchObject([{ actor: 'system', details: { why: 'bad_proofs' } }]);
    expect(await victim.signIn()).toMatchObject({ code: 'device_quarantined' });
  });

  test('four bad signatures, ten minutes, and four again are no quarantine', async () => {
    const victim = await enrolled('victim');
    const twin = server.createDevice({ key: createDeviceKey() });
    Object.assign(twin.state, victim.state);
    for (let index = 0; index < 4; index += 1) await twin.signIn();
    server.wait(600_000);
    for (let index = 0; index < 4; index += 1) await twin.signIn();
    expect((await acme.storage.read.findDevice(victim.state.deviceId))?.state).toBe('registered');
  });

  test('a good proof for another user than the bound one: user_change', async () => {
    const device = await enrolled();
    device.state.userName = name('ceo');
    expect(await device.signIn()).toMatchObject({ kind: 'refused', step: 'prove', code: 'user_change' });
    expect((await audit('sign_in.refused')).at(-1)).toMatchObject({ reason: 'user_change' });
  });

  test('a replayed message to the IdP: nonce, request and proof count once', async () => {
    const { device, begun, proven } = await signedIn();
    const before = await audit('sign_in.asserted');
    const again = await device.postToIdp(proven.soapRequest, proven.proof);
    expect(again.status).toBe(401);
    expect(JSON.parse(again.body)).toMatchObject({ code: 'use_dpop_nonce' });
    // The same request with a fresh nonce and a fresh proof.
    const answer = await device.prove({ ...begun, nonce: await device.challenge() });
    expect(answer).toMatchObject({ kind: 'refused', code: 'request_refused' });
    expect(await audit('sign_in.asserted')).toEqual(before);
    expect(await audit('sign_in.refused')).toMatchObject([{ reason: 'request_replayed' }]);
  });

  test('a proof id that was used before, in a new request with a new nonce', async () => {
    const device = await enrolled();
    const proof = (payload: Record<string, unknown>) => ({ ...payload, jti: 'the-same' });
    expect(await device.signIn({ proof })).toMatchObject({ kind: 'signed_in' });
    expect(await device.signIn({ proof })).toMatchObject({ kind: 'refused', code: 'request_refused' });
  });

  test('an old nonce gets a fresh one, and the same request may be tried with it', async () => {
    const device = await enrolled();
    const begun = await device.begin();
    if (begun.kind === 'refused') throw new Error(begun.code);
    server.wait(60_000);
    const refused = await device.prove(begun);
    expect(refused).toMatchObject({ kind: 'refused', status: 401, code: 'use_dpop_nonce' });
    const proven = await device.prove({ ...begun, nonce: device.state.nonce });
    if (proven.kind === 'refused') throw new Error(proven.code);
    expect(await device.deliver(begun, proven)).toMatchObject({ kind: 'signed_in' });
  });

  test('a request of five minutes ago', async () => {
    const device = await enrolled();
    const begun = await device.begin();
    if (begun.kind === 'refused') throw new Error(begun.code);
    server.wait(301_000);
    expect(await device.prove({ ...begun, nonce: await device.challenge() })).toMatchObject({
      status: 403,
      code: 'request_refused',
    });
  });

  test('a replayed response, also to be had twice at once', async () => {
    const device = await enrolled();
    const begun = await device.begin();
    if (begun.kind === 'refused') throw new Error(begun.code);
    const proven = await device.prove(begun);
    if (proven.kind === 'refused') throw new Error(proven.code);
    const answers = await Promise.all([1, 2, 3, 4].map(() => device.deliver(begun, proven)));
    expect(answers.filter(({ kind }) => kind === 'signed_in')).toHaveLength(1);
    for (const answer of answers)
      if (answer.kind === 'refused') expect(answer).toMatchObject({ status: 403, code: 'response_refused' });
    expect(await audit('sign_in.accepted')).toHaveLength(1);
    expect(await acme.storage.read.listDeviceSessions(device.state.deviceId, server.now())).toHaveLength(1);
  });

  test.each<[string, Tamper]>([
    ['a changed assertion', { paosResponse: (text) => text.replace(/>j\.doe@/g, '>ceo@') }],
    ['a stripped signature', { paosResponse: (text) => text.replace(/<ds:Signature.*<\/ds:Signature>/s, '') }],
    ['another InResponseTo', { paosResponse: (text) => text.replace(/InResponseTo="_/g, 'InResponseTo="_x') }],
  ])('%s is refused by the SP and leaves no account', async (_, tamper) => {
    expect(await outcome(tamper)).toMatchObject({ kind: 'refused', step: 'deliver', code: 'response_refused' });
    expect(await userNames()).toEqual([]);
  });

  test('a response for one organization is nothing to another', async () => {
    const other = await server.createOrganization(`elsewhere${count}.example`);
    const answer = await outcome({ consumer: (url) => url.replace(acme.id, other.id) });
    expect(answer).toMatchObject({ kind: 'refused', step: 'deliver', status: 403, code: 'response_refused' });
    expect((await other.storage.read.searchUsers({ limit: 10 })).items).toEqual([]);
  });

  test('a device is nothing to another organization’s IdP', async () => {
    const other = await server.createOrganization(`elsewhere${count}.example`);
    const device = await enrolled();
    device.state.userName = `j.doe@${other.domain}`;
    device.state.idp = {
      ...device.state.idp,
      entityId: `${server.origin}/saml/${other.id}/idp/metadata`,
      ssoUrl: `${server.origin}/saml/${other.id}/idp/sso`,
    };
    expect(await device.signIn()).toMatchObject({ kind: 'refused', step: 'prove', code: 'device_unknown' });
  });

  test('an assertion five minutes later', async () => {
    const device = await enrolled();
    const begun = await device.begin();
    if (begun.kind === 'refused') throw new Error(begun.code);
    const proven = await device.prove(begun);
    if (proven.kind === 'refused') throw new Error(proven.code);
    server.wait(361_000);
    expect(await device.deliver(begun, proven)).toMatchObject({ kind: 'refused', code: 'response_refused' });
  });

  test('the device’s clock does not matter', async () => {
    expect(await outcome({ proof: (payload) => ({ ...payload, iat: 32_503_680_000 }) })).toMatchObject({ kind: 'signed_in' });
  });
});

describe('the join state (device-binding §5.9)', () => {
  test('a lost reply: the one before is taken again, as often as replies are lost', async () => {
    const device = await enrolled();
    for (let index = 0; index < 3; index += 1) {
      const begun = await device.begin();
      if (begun.kind === 'refused') throw new Error(begun.code);
      expect(await device.prove(begun, {}, { keepJoinState: false })).toMatchObject({
        kind: 'proven',
        joinState: { counter: 1 },
      });
    }
    expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
    expect(device.state.joinState.counter).toBe(1);
    expect((await audit('sign_in.asserted')).map(({ details }) => details.lostReply)).toEqual([false, true, true, true]);
  });

  test('a copied device: whoever comes second puts both in quarantine, and their sessions end', async () => {
    const { device, session } = await signedIn();
    const twin = server.createDevice({ key: device.key });
    Object.assign(twin.state, device.state);
    expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
    expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
    const answer = await twin.signIn();
    expect(answer).toMatchObject({ kind: 'refused', step: 'prove', code: 'clone_suspected' });
    expect(await audit('device.quarantined')).toMatchObject([
      { actor: 'system', details: { why: 'clone_suspected', endedSessions: 3 } },
    ]);
    expect((await audit('sign_in.refused')).at(-1)).toMatchObject({ reason: 'clone_suspected' });
    expect(await device.signIn()).toMatchObject({ kind: 'refused', code: 'device_quarantined' });
    await acme.registerApplication({ identifier: 'https://app.example' });
    expect(await device.accessToken('https://app.example', session.id)).toMatchObject({
      kind: 'refused',
      code: 'device_quarantined',
    });
  });

  test('a twin that takes the lost reply’s place is found at the next sign-in of either', async () => {
    const { device } = await signedIn();
    const twin = server.createDevice({ key: device.key });
    Object.assign(twin.state, device.state);
    await device.signIn();
    expect(await twin.signIn()).toMatchObject({ kind: 'signed_in' });
    expect(await device.signIn()).toMatchObject({ kind: 'refused', code: 'clone_suspected' });
  });

  test('a clone that shows itself while the device is signed out', async () => {
    const { device } = await signedIn();
    const twin = server.createDevice({ key: device.key });
    Object.assign(twin.state, structuredClone({ ...device.state, idp: { ...device.state.idp } }));
    await device.signIn();
    await device.signIn();
    await device.signOut();
    expect(await twin.signIn()).toMatchObject({ kind: 'refused', code: 'clone_suspected' });
    expect((await acme.storage.read.findDevice(device.state.deviceId))?.state).toBe('quarantined');
  });

  test('a guessed join state', async () => {
    const device = await enrolled();
    device.state.joinState = { counter: 0, id: 'guessed' };
    expect(await device.signIn()).toMatchObject({ code: 'clone_suspected' });
  });
});

test('what a machine cannot change is said in the audit when it does', async () => {
  const device = await enrolled('j.doe', { serial: `SN-${count}`, machineId: 'm-1' });
  Object.assign(device.state.parameters, { machineId: 'm-2', osVersion: 'new' });
  expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
  expect((await audit('sign_in.asserted')).at(-1)?.details).toMatchObject({ changed: ['machineId'] });
});

describe('limits (device-binding §5.13)', () => {
  test('a device that signs in too often waits, and writes nothing', async () => {
    const strict = await createTestServer({ signInsPerDevice: 2 });
    try {
      const org = await strict.createOrganization('limits.example');
      const device = strict.createDevice();
      await device.enroll((await org.createToken()).text, 'j.doe@limits.example');
      expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
      expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
      const rows = (await org.audit()).length;
      const answer = await device.signIn();
      expect(answer).toMatchObject({ kind: 'refused', step: 'prove', status: 429, code: 'rate_limited' });
      if (answer.kind === 'refused') {
        expect(Number(answer.received.headers['retry-after'])).toBeGreaterThan(0);
        expect(answer.received.body).toContain('urn:oasis:names:tc:SAML:2.0:status:Responder');
      }
      expect((await org.audit()).length).toBe(rows);
      strict.wait(60_000);
      expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
    } finally {
      await strict.close();
    }
  });

  test('so do the devices of one user together', async () => {
    const strict = await createTestServer({ signInsPerUser: 2 });
    try {
      const org = await strict.createOrganization('limits.example');
      const { text } = await org.createToken();
      const answers = [];
      for (const hostName of ['a', 'b', 'c']) {
        const device = strict.createDevice({ parameters: { hostName } });
        await device.enroll(text, 'j.doe@limits.example');
        answers.push(await device.signIn());
      }
      expect(answers.map(({ kind }) => kind)).toEqual(['signed_in', 'signed_in', 'refused']);
    } finally {
      await strict.close();
    }
  });

  test('strangers cannot use a device’s allowance up', async () => {
    const strict = await createTestServer({ signInsPerDevice: 2 });
    try {
      const org = await strict.createOrganization('limits.example');
      const device = strict.createDevice();
      await device.enroll((await org.createToken()).text, 'j.doe@limits.example');
      // Four: the fifth bad signature within ten minutes is quarantine.
      for (let index = 0; index < 4; index += 1) await device.signIn(foreignSignature);
      expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
    } finally {
      await strict.close();
    }
  });

  test('an address with too many refused sign-ins waits', async () => {
    const strict = await createTestServer({ failuresPerAddress: 3 });
    try {
      const org = await strict.createOrganization('limits.example');
      const device = strict.createDevice();
      await device.enroll((await org.createToken()).text, 'j.doe@limits.example');
      for (let index = 0; index < 3; index += 1)
        expect(await device.signIn(foreignSignature)).toMatchObject({ code: 'request_refused' });
      expect(await device.signIn()).toMatchObject({ kind: 'refused', step: 'begin', status: 429, code: 'rate_limited' });
    } finally {
      await strict.close();
    }
  });
});
