import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatDeviceToken, type JsonObject } from '@latchkey/device';
import { afterEach, expect, test } from 'vitest';
import type { Agent } from './agent.ts';
import { examine } from './doctor.ts';
import { keepMessages } from './keep-messages.ts';
import { keyPath } from './key.ts';
import type { Enrollment } from './state.ts';
import { describeStatus } from './status.ts';
import { openTestCloud, openTestSite, type TestCloud } from './test-cloud.ts';
import { createMachine, fleetOptions, type Machine, TOKEN } from './test-machine.ts';

const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
const keep = <T extends { close: () => unknown }>(one: T): T => {
  opened.push(one);
  return one;
};

const start = async (): Promise<{ cloud: TestCloud; machine: Machine; agent: Agent }> => {
  const cloud = keep(await openTestCloud());
  const machine = createMachine();
  return { cloud, machine, agent: keep(machine.agent(fleetOptions(cloud.cloudName))) };
};
const enrolled = async () => {
  const all = await start();
  await all.agent.enroll();
  return all;
};
const stateOf = (agent: Agent): Enrollment => {
  const state = agent.state();
  if (state.kind !== 'enrolled') throw new Error('it is not enrolled');
  return state;
};
const filesOf = (machine: Machine): string =>
  readdirSync(machine.stateDir)
    .map((name) => readFileSync(join(machine.stateDir, name), 'utf8'))
    .join('\n');

test('a machine that holds token, domain and cloud name is enrolled, signs in and gets an access token', async () => {
  const { agent, cloud } = await start();
  expect(await agent.enroll()).toMatchObject({
    status: 'registered',
    userName: 'j.doe@acme.com',
    deviceId: 'dev_1',
    evidence: 'E0',
  });
  expect(await agent.signIn()).toMatchObject({ kind: 'session', session: { id: 'ses_1', userName: 'j.doe@acme.com' } });
  expect(stateOf(agent)).toMatchObject({ joinState: { counter: 1 }, session: { id: 'ses_1' } });
  expect(await agent.token('wiki')).toEqual({ accessToken: 'at-wiki', tokenType: 'DPoP', expiresIn: 300 });
  expect(cloud.sessions).toEqual(['ses_1']);
});

test('a sign-in is three round trips, because the nonce rides in every answer', async () => {
  const { agent, cloud } = await enrolled();
  const before = cloud.received.length;
  await agent.signIn();
  expect(cloud.received.slice(before).map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /agent/v1/session',
    'POST /saml/org_1/idp/sso',
    'POST /saml/org_1/sp/device/acs',
  ]);
});

test('the device token travels once, in the body of the enrollment, and is not kept', async () => {
  const { agent, cloud, machine } = await enrolled();
  await agent.signIn();
  await agent.keepalive();
  const secret = TOKEN.slice(14);
  const carriers = cloud.received.filter(({ body, headers, path }) => {
    const enrollment: string = path === '/agent/v1/enroll' ? JSON.parse(body).enrollment : '';
    const payload = Buffer.from(enrollment.split('.')[1] ?? '', 'base64url').toString();
    return [path, JSON.stringify(headers), body, payload].join(' ').includes(secret);
  });
  expect(carriers.map(({ path }) => path)).toEqual(['/agent/v1/enroll']);
  expect(filesOf(machine)).not.toContain(secret);
});

test('what the agent says of its machine is what the guide lists', async () => {
  const { agent, cloud } = await enrolled();
  await agent.signIn();
  const claim = JSON.parse(
    Buffer.from(
      String(cloud.received.find(({ path }) => path === '/agent/v1/session')?.headers['latchkey-claim']),
      'base64url',
    ).toString(),
  );
  expect(Object.keys(claim)).toEqual(['userName', 'deviceId', 'parameters']);
  const guide = readFileSync(new URL('../../../docs/guides/agent.md', import.meta.url), 'utf8');
  for (const name of Object.keys(claim.parameters)) expect(guide).toContain(`\`${name}\``);
});

test('what the organization does not collect never leaves the machine: not at the enrollment, a keepalive or a sign-in', async () => {
  const { agent, cloud, machine } = await start();
  const texts = (): string =>
    cloud.received
      .map(({ headers, body }) => {
        const { enrollment = '' } = body.startsWith('{"enrollment"') ? JSON.parse(body) : {};
        const claim = String(headers['latchkey-claim'] ?? '');
        const proof = String(headers['latchkey-proof'] ?? '').split('.')[1] ?? '';
        const signed = String(enrollment).split('.')[1] ?? '';
        return [body, ...[claim, proof, signed].map((part) => Buffer.from(part, 'base64url').toString())].join(' ');
      })
      .join('\n');
  cloud.tamper.change = ({ path }, answer) => {
    if (!/challenge|enroll|keepalive/.test(path)) return answer;
    return { ...answer, body: JSON.stringify({ ...JSON.parse(String(answer.body)), collect: ['serial'] }) };
  };
  await agent.enroll();
  await agent.signIn();
  await agent.keepalive();
  expect(texts()).toContain('"osName":"Test OS"');
  for (const name of ['loginName', 'hostName']) expect(texts()).not.toContain(name);
  expect(describeStatus(agent.state())).toMatchObject({
    line: expect.stringContaining('not collected: loginName, hostName, externalDeviceId'),
    json: { notCollected: ['loginName', 'hostName', 'externalDeviceId'] },
  });
  const findings = await examine({ options: machine.options(fleetOptions(cloud.cloudName)), env: machine.env, uid: 0 });
  expect(findings.find(({ check }) => check === 'machine')?.text).toMatch(
    /^osName=Test OS .*\(not collected: loginName, hostName\)$/,
  );

  // What is collected again is sent again, from the next keepalive on.
  cloud.tamper.change = ({ path }, answer) =>
    path === '/agent/v1/keepalive'
      ? { ...answer, body: JSON.stringify({ ...JSON.parse(String(answer.body)), collect: ['hostName'] }) }
      : answer;
  await agent.keepalive();
  await agent.keepalive();
  expect(texts()).toContain('hostName');
  expect(texts()).not.toContain('loginName');
});

test('an enrollment whose reply was lost is repeated with the same key: one device', async () => {
  const { agent, cloud } = await start();
  let lost = 0;
  cloud.tamper.change = ({ path }, answer) => {
    if (path !== '/agent/v1/enroll' || lost === 1) return answer;
    lost += 1;
    return 'cut';
  };
  expect((await agent.enroll()).status).toBe('registered');
  expect(cloud.devices).toHaveLength(1);
  const jkts = cloud.received.filter(({ path }) => path === '/agent/v1/challenge').map(({ body }) => JSON.parse(body).jkt);
  expect(new Set(jkts).size).toBe(1);
});

test('an enrollment that was cut short is finished by the next process with the same key', async () => {
  const { agent, cloud, machine } = await start();
  cloud.tamper.change = ({ path }, answer) => (path === '/agent/v1/enroll' ? 'cut' : answer);
  await expect(agent.enroll()).rejects.toMatchObject({ code: 'unreachable' });
  cloud.tamper.change = (_request, answer) => answer;
  await keep(machine.agent(fleetOptions(cloud.cloudName))).enroll();
  expect(cloud.devices).toHaveLength(1);
});

test('to enroll again for the same user does nothing; for another user or cloud it is refused', async () => {
  const { agent, cloud, machine } = await enrolled();
  const before = cloud.received.length;
  expect((await agent.enroll()).deviceId).toBe('dev_1');
  expect(cloud.received).toHaveLength(before);
  for (const other of [{ userName: 'ceo' }, { cloudName: 'id.other.example.com' }]) {
    const again = keep(machine.agent({ ...fleetOptions(cloud.cloudName), ...other }));
    await expect(again.enroll()).rejects.toMatchObject({ code: 'already_enrolled' });
  }
});

test('a lost reply of the IdP does not look like a clone: the state held before is presented again', async () => {
  const { agent, cloud } = await enrolled();
  await agent.signIn();
  cloud.tamper.change = ({ path }, answer) => (path.endsWith('/sso') ? 'cut' : answer);
  await expect(agent.signIn()).rejects.toMatchObject({ code: 'unreachable' });
  cloud.tamper.change = (_request, answer) => answer;
  await agent.signIn();
  await agent.signIn();
  expect(stateOf(agent).joinState?.counter).toBe(3);
});

test('a lost reply of the assertion consumer service costs nothing but the session', async () => {
  const { agent, cloud } = await enrolled();
  cloud.tamper.change = ({ path }, answer) => (path.endsWith('/acs') ? 'cut' : answer);
  await expect(agent.signIn()).rejects.toMatchObject({ code: 'unreachable' });
  cloud.tamper.change = (_request, answer) => answer;
  expect(await agent.signIn()).toMatchObject({ kind: 'session' });
});

test('copied key and state: the second machine to sign in shows itself', async () => {
  const { agent, cloud, machine } = await enrolled();
  const twin = createMachine();
  await keep(twin.agent(fleetOptions(cloud.cloudName)))
    .signIn()
    .catch(() => undefined);
  for (const name of readdirSync(machine.stateDir))
    writeFileSync(join(twin.stateDir, name), readFileSync(join(machine.stateDir, name)));
  const copy = keep(twin.agent(fleetOptions(cloud.cloudName)));
  await agent.signIn();
  await copy.signIn();
  await expect(agent.signIn()).rejects.toMatchObject({ refusal: { code: 'clone_suspected' } });
});

test('processes that sign in at once on one machine are not taken for clones', async () => {
  const { agent, cloud, machine } = await enrolled();
  const agents = [agent, ...Array.from({ length: 4 }, () => keep(machine.agent(fleetOptions(cloud.cloudName))))];
  await Promise.all(agents.map((one) => one.signIn()));
  expect(stateOf(agent).joinState?.counter).toBe(5);
});

test('a spent nonce is tried once more with a fresh one, and not a third time (RFC 9449 §8)', async () => {
  const { agent, cloud } = await enrolled();
  const stale = (times: number) => {
    let left = times;
    cloud.tamper.answer = ({ path }) => {
      if (!path.endsWith('/sso') || left === 0) return undefined;
      left -= 1;
      return {
        status: 401,
        headers: { 'content-type': 'application/problem+json' },
        body: JSON.stringify({ title: 'Again.', code: 'use_dpop_nonce' }),
      };
    };
  };
  stale(1);
  expect(await agent.signIn()).toMatchObject({ kind: 'session' });
  stale(2);
  await expect(agent.signIn()).rejects.toMatchObject({ refusal: { code: 'use_dpop_nonce' } });
});

test('a device that waits for approval says so, and signs in once an administrator has approved', async () => {
  const { agent, cloud } = await start();
  cloud.tamper.enrollment = 'pending';
  expect((await agent.enroll()).status).toBe('pending');
  await expect(agent.signIn()).rejects.toMatchObject({ code: 'pending', exitCode: 5 });
  for (const device of cloud.devices) device.state = 'registered';
  expect(await agent.signIn()).toMatchObject({ kind: 'session' });
});

test.each(['token_revoked', 'token_spent', 'domain_not_proved', 'user_unknown'] as const)(
  'an enrollment refused with %s is told with its code and the correlation id',
  async (code) => {
    const { agent, cloud } = await start();
    cloud.tamper.enrollment = code;
    await expect(agent.enroll()).rejects.toMatchObject({
      code: 'refused',
      exitCode: 4,
      refusal: { code, correlationId: 'cor_test' },
    });
    expect(agent.state().kind).toBe('none');
  },
);

test('a refused sign-in is told with its code and the correlation id, and nothing is delivered', async () => {
  const { agent, cloud } = await enrolled();
  cloud.tamper.refuse = 'user_disabled';
  await expect(agent.signIn()).rejects.toMatchObject({
    code: 'refused',
    message: 'The account of this user is disabled.',
    refusal: { code: 'user_disabled', correlationId: expect.stringMatching(/^cor_/) },
  });
  expect(cloud.received.some(({ path }) => path.endsWith('/acs'))).toBe(false);
});

test('people who sign in elsewhere are shown the address to open', async () => {
  const { agent, cloud } = await enrolled();
  const problem: JsonObject = { title: 'Elsewhere.', code: 'external_idp', openUrl: 'https://login.example.com/' };
  cloud.tamper.answer = ({ path }) =>
    path === '/agent/v1/session'
      ? { status: 409, headers: { 'content-type': 'application/problem+json' }, body: JSON.stringify(problem) }
      : undefined;
  await expect(agent.signIn()).rejects.toMatchObject({ hint: 'Open https://login.example.com/ in a browser.', exitCode: 4 });
});

test('a removed device wipes its key and does not come back by itself', async () => {
  const { agent, cloud, machine } = await enrolled();
  for (const device of cloud.devices) device.state = 'removal_pending';
  expect((await agent.keepalive()).state.kind).toBe('removed');
  expect(existsSync(keyPath(machine.stateDir))).toBe(false);
  await expect(agent.signIn()).rejects.toMatchObject({ code: 'not_enrolled', exitCode: 6 });
  await agent.enroll();
  expect(cloud.devices).toHaveLength(2);
});

test('after a sign-out no token is fetched and nobody signs in behind the back; a sign-in registers the device again', async () => {
  const { agent, cloud } = await enrolled();
  await agent.signIn();
  await agent.signOut();
  expect(stateOf(agent)).toMatchObject({ signedOut: true, session: undefined, status: 'unregistered' });
  await expect(agent.token('wiki')).rejects.toMatchObject({ refusal: { code: 'device_unregistered' } });
  await agent.signIn();
  expect(cloud.devices[0]?.state).toBe('registered');
  expect((await agent.token('wiki')).accessToken).toBe('at-wiki');
});

test('an access token for a session that has ended comes after a new sign-in', async () => {
  const { agent, cloud } = await enrolled();
  await agent.signIn();
  Object.assign(cloud.sessions, { length: 0 });
  expect((await agent.token('wiki')).accessToken).toBe('at-wiki');
  expect(cloud.sessions).toHaveLength(1);
});

test('unenroll tells the server and wipes the key; --local wipes without telling', async () => {
  const first = await enrolled();
  await first.agent.unenroll({ local: false });
  expect(first.cloud.devices[0]?.state).toBe('removed');
  expect(first.agent.state().kind).toBe('removed');
  const second = await enrolled();
  await second.cloud.close();
  await second.agent.unenroll({ local: true });
  expect(second.agent.state().kind).toBe('none');
  expect(readdirSync(second.machine.stateDir)).toEqual([]);
});

test('a page of another service provider is fetched with its cookies, and the claim does not go there', async () => {
  const { agent, cloud } = await enrolled();
  const site = keep(await openTestSite());
  const signedIn = await agent.signIn({ url: new URL('/secret', site.origin) });
  expect(signedIn).toMatchObject({ kind: 'page', url: new URL('/secret', site.origin) });
  if (signedIn.kind === 'page') expect(signedIn.answer.body.toString()).toBe('the secret page');
  for (const { headers } of site.received) {
    expect(Object.keys(headers).filter((name) => /^(latchkey|dpop)/.test(name))).toEqual([]);
  }
  expect(cloud.received.filter(({ path }) => path.endsWith('/sso'))).toHaveLength(1);
  expect(stateOf(agent).joinState?.counter).toBe(1);
});

test('the messages of a sign-in can be kept, and what was posted is the request without its header, byte for byte', async () => {
  const { agent, cloud, machine } = await enrolled();
  const folder = join(machine.folder, 'messages');
  for (let times = 0; times < 2; times += 1) await agent.signIn({ keepMessage: keepMessages(folder) });
  const names = ['paos-request', 'soap-authn-request', 'soap-response', 'paos-response'];
  expect(readdirSync(folder).sort()).toEqual([...names, ...names].map((name, at) => `0${at + 1}-${name}.xml`));
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  expect(read('02-soap-authn-request.xml')).toBe(read('01-paos-request.xml').replace(/<S:Header>.*<\/S:Header>/s, ''));
  expect(cloud.received.find(({ path }) => path.endsWith('/sso'))?.body).toBe(read('02-soap-authn-request.xml'));
});

test('another token than the one of this fleet is caught before anything is sent', async () => {
  const { cloud, machine } = await start();
  const other = formatDeviceToken({ lookup: 'lookup0123', secret: 'x'.repeat(32) });
  const agent = keep(machine.agent({ ...fleetOptions(cloud.cloudName), deviceToken: `${other.slice(0, -1)}~` }));
  await expect(agent.enroll()).rejects.toMatchObject({ code: 'usage' });
  expect(cloud.received).toEqual([]);
});
