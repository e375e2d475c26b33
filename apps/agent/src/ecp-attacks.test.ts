import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Agent } from './agent.ts';
import {
  openServer,
  openTestCloud,
  openTestSite,
  strangeKey,
  type TestCloud,
  type TestServer,
  type TestSite,
} from './test-cloud.ts';
import { createMachine, fleetOptions } from './test-machine.ts';

let cloud: TestCloud;
let site: TestSite;
/** Somebody who must never hear anything. */
let evil: TestServer;
let agent: Agent;

beforeEach(async () => {
  cloud = await openTestCloud();
  site = await openTestSite();
  evil = await openServer(() => ({ status: 200, body: '{}' }));
  agent = createMachine().agent(fleetOptions(cloud.cloudName));
  await agent.enroll();
});
afterEach(async () => {
  agent.close();
  for (const server of [cloud, site, evil]) await server.close();
});

const secret = () => ({ url: new URL('/secret', site.origin) });
const delivered = (server: TestServer, path: string): string[] =>
  server.received.filter((request) => request.path === path).map(({ body }) => body);

test('swapped assertion consumer service: the SP gets a fault, never the assertion (saml-profiles §4.2.4.1)', async () => {
  cloud.tamper.consumerInResponse = `${evil.origin}/acs`;
  await expect(agent.signIn(secret())).rejects.toMatchObject({ code: 'ecp_consumer' });
  const [fault, ...more] = delivered(site, '/mellon/paosResponse');
  expect(fault).toContain('Fault>');
  expect(fault).not.toContain('Assertion>');
  expect(more).toEqual([]);
  expect(evil.received).toEqual([]);
});

test('an assertion consumer service that differs by one letter is another one', async () => {
  cloud.tamper.consumerInResponse = `${site.origin}/mellon/paosResponse/`;
  await expect(agent.signIn(secret())).rejects.toMatchObject({ code: 'ecp_consumer' });
});

test('evil SP relays the request of a good one: refused before a proof is made', async () => {
  site.tamper.request = { responseConsumerURL: `${evil.origin}/acs` };
  await expect(agent.signIn(secret())).rejects.toMatchObject({ code: 'ecp_consumer_origin' });
  expect(cloud.received.some(({ path }) => path.endsWith('/sso'))).toBe(false);
  expect(evil.received).toEqual([]);
});

test('assertion asked for over plain HTTP to another machine is refused', async () => {
  site.tamper.request = { responseConsumerURL: 'http://wiki.acme.com/acs' };
  await expect(agent.signIn(secret())).rejects.toMatchObject({ code: 'plain_http' });
});

test.each(['', '/acs', 'urn:acs', 'javascript:alert(1)'])(
  'the responseConsumerURL %j is refused',
  async (responseConsumerURL) => {
    site.tamper.request = { responseConsumerURL };
    await expect(agent.signIn(secret())).rejects.toMatchObject({ code: expect.stringMatching(/^(ecp_request|plain_http)$/) });
  },
);

test('foreign IDPList: ignored, the request goes to the own cloud only', async () => {
  site.tamper.insert =
    `<samlp:IDPList xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">` +
    `<samlp:IDPEntry ProviderID="${evil.origin}/idp" Loc="${evil.origin}/sso"></samlp:IDPEntry></samlp:IDPList>`;
  expect(await agent.signIn(secret())).toMatchObject({ kind: 'page' });
  expect(evil.received).toEqual([]);
});

test('an assertion signed by a key that was not pinned is not delivered', async () => {
  cloud.tamper.signingKey = strangeKey;
  await expect(agent.signIn(secret())).rejects.toMatchObject({ code: 'ecp_signature' });
  expect(delivered(site, '/mellon/paosResponse').join()).not.toContain('Assertion>');
});

test('an assertion that was changed on the way is not delivered', async () => {
  cloud.tamper.change = ({ path }, answer) =>
    path.endsWith('/sso') ? { ...answer, body: (answer.body ?? '').replace('>j.doe@acme.com<', '>ceo@acme.com<') } : answer;
  await expect(agent.signIn(secret())).rejects.toMatchObject({ code: 'ecp_signature' });
});

test('an answer to another request is not delivered', async () => {
  cloud.tamper.inResponseTo = '_another';
  await expect(agent.signIn(secret())).rejects.toMatchObject({ code: 'ecp_in_response_to' });
});

test('a Response without an assertion that says Success is not delivered', async () => {
  cloud.tamper.change = ({ path }, answer) =>
    path.endsWith('/sso') ? { ...answer, body: (answer.body ?? '').replace(/<saml:Assertion.*<\/saml:Assertion>/s, '') } : answer;
  await expect(agent.signIn(secret())).rejects.toMatchObject({ code: 'ecp_signature' });
});

test.each(['/agent/v1/session', '/saml/org_1/idp/sso', '/saml/org_1/sp/device/acs', '/agent/v1/keepalive'])(
  'cross-origin redirect of %s is not followed',
  async (path) => {
    cloud.tamper.answer = (request) =>
      request.path === path ? { status: 307, headers: { location: `${evil.origin}${path}` } } : undefined;
    const act = path === '/agent/v1/keepalive' ? agent.keepalive() : agent.signIn();
    await expect(act).rejects.toMatchObject({ code: 'redirect_refused' });
    expect(evil.received).toEqual([]);
  },
);

test('a redirect of the cloud is not followed either when it stays within its origin', async () => {
  cloud.tamper.answer = ({ path }) =>
    path === '/agent/v1/session' ? { status: 302, headers: { location: '/agent/v1/other' } } : undefined;
  await expect(agent.signIn()).rejects.toMatchObject({ code: 'redirect_refused' });
});

test('cross-origin redirect after the assertion was delivered is not followed', async () => {
  site.tamper.location = `${evil.origin}/landing`;
  await expect(agent.signIn(secret())).rejects.toMatchObject({ code: 'redirect_refused' });
  expect(evil.received).toEqual([]);
});

test('a service provider that redirects for ever is left', async () => {
  site.tamper.location = '/loop';
  await expect(agent.signIn(secret())).rejects.toMatchObject({ code: 'redirect_refused' });
  expect(delivered(site, '/loop')).toHaveLength(5);
});

test('a service provider that redirects before it asks is told to be called by its final address', async () => {
  await expect(agent.signIn({ url: new URL('/loop', site.origin) })).rejects.toMatchObject({ code: 'redirect_refused' });
  expect(site.received).toHaveLength(1);
});

test.each([
  ['a DOCTYPE', '<!DOCTYPE x []>'],
  ['a processing instruction', '<?x y?>'],
])('an answer of the IdP with %s is refused', async (_name, insert) => {
  cloud.tamper.change = ({ path }, answer) => (path.endsWith('/sso') ? { ...answer, body: insert + answer.body } : answer);
  await expect(agent.signIn(secret())).rejects.toMatchObject({ code: 'ecp_response' });
});

test('an answer larger than 1 MB is cut off', async () => {
  cloud.tamper.answer = ({ path }) => (path.endsWith('/sso') ? { status: 200, body: ' '.repeat(1024 * 1024 + 1) } : undefined);
  await expect(agent.signIn()).rejects.toMatchObject({ code: 'answer_too_large' });
});

test('a page that asks for no sign-in is not taken for one', async () => {
  const page = await openServer(() => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html></html>' }));
  await expect(agent.signIn({ url: new URL(page.origin) })).rejects.toMatchObject({ code: 'not_ecp' });
  await page.close();
});

test('nothing of ours goes to a site that is not the cloud, whatever it asks', async () => {
  await agent.signIn(secret());
  const sent = JSON.stringify(site.received);
  expect(sent).not.toMatch(/latchkey-(claim|proof|device)|dpop/i);
});

const enrollAt = async (other: TestCloud) => createMachine().agent(fleetOptions(other.cloudName)).enroll();

test('discovery that names another origin: refused before the token is sent', async () => {
  cloud.tamper.discovery = { origin: evil.origin };
  await expect(enrollAt(cloud)).rejects.toMatchObject({ code: 'origin_mismatch' });
  cloud.tamper.discovery = { enroll: `${evil.origin}/agent/v1/enroll` };
  await expect(enrollAt(cloud)).rejects.toMatchObject({ code: 'origin_mismatch' });
  expect(evil.received).toEqual([]);
  expect(delivered(cloud, '/agent/v1/enroll')).toHaveLength(1);
});

test('a challenge for another audience: the proof is not made', async () => {
  cloud.tamper.answer = ({ path }) =>
    path === '/agent/v1/challenge'
      ? { status: 200, body: JSON.stringify({ nonce: 'n', audience: evil.origin, expiresIn: 60 }) }
      : undefined;
  await expect(enrollAt(cloud)).rejects.toMatchObject({ code: 'origin_mismatch' });
  expect(delivered(cloud, '/agent/v1/enroll')).toHaveLength(1);
});

test('an enrollment that names an IdP at another origin is refused', async () => {
  cloud.tamper.idp = { ssoUrl: `${evil.origin}/sso` };
  await expect(enrollAt(cloud)).rejects.toMatchObject({ code: 'origin_mismatch' });
});

test('a keepalive cannot move the IdP to another origin', async () => {
  cloud.tamper.idp = { ssoUrl: `${evil.origin}/sso` };
  await expect(agent.keepalive()).rejects.toMatchObject({ code: 'origin_mismatch' });
  expect(await agent.signIn()).toMatchObject({ kind: 'session' });
});

test('redirect of the enrollment: the token does not go there', async () => {
  cloud.tamper.answer = ({ path }) =>
    path === '/agent/v1/enroll' ? { status: 308, headers: { location: `${evil.origin}/agent/v1/enroll` } } : undefined;
  await expect(enrollAt(cloud)).rejects.toMatchObject({ code: 'redirect_refused' });
  expect(evil.received).toEqual([]);
});
