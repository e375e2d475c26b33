import type { ActivityView, OverviewView } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBrowser, joinAsAdministrator } from '../../../../test/kit/console.ts';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

let server: TestServer;
let acme: Awaited<ReturnType<TestServer['createOrganization']>>;
// Ids of one process only grow: each test begins later than those before have ended.
let later = 0;
beforeEach(async () => {
  server = await createTestServer();
  later += 40 * 86_400_000;
  server.wait(later);
  acme = await server.createOrganization('acme.com', { activate: false });
});
afterEach(() => server.close());

const joined = async (permissions?: object) => {
  const key = { authorization: `Bearer ${await acme.createApiKey()}` };
  const roleId =
    permissions === undefined
      ? 'full'
      : (await createBrowser(server).post(`/organizations/${acme.id}/roles`, { name: 'r', permissions }, key)).body.id;
  return joinAsAdministrator(server, { organizationId: acme.id, roleId, userName: 'ada@acme.com' });
};
type Joined = Awaited<ReturnType<typeof joined>>;
const overviewOf = async (ada: Joined): Promise<OverviewView> => (await ada.get(`/organizations/${acme.id}/overview`)).body;
const activityOf = async (ada: Joined, hours = 24): Promise<ActivityView> =>
  (await ada.get(`/organizations/${acme.id}/activity?hours=${hours}`)).body;
const doneOf = ({ setUp }: OverviewView) => setUp.flatMap(({ step, done }) => (done ? [step] : []));
const attentionOf = ({ attention }: OverviewView) => attention.map(({ kind }) => kind);

const deviceIdp = {
  identityProviders: [
    { kind: 'device', id: 'device', name: 'Latchkey', status: 'enabled', domains: 'any', autoProvisioning: true },
  ],
  defaultIdp: null,
};

describe('the overview', () => {
  test('knows what of the way to the first device is done', async () => {
    const ada = await joined();
    const path = `/organizations/${acme.id}`;
    expect(doneOf(await overviewOf(ada))).toEqual(['domain']);
    const draft = await ada.request('PUT', `${path}/settings/draft`, deviceIdp);
    expect(doneOf(await overviewOf(ada))).toEqual(['domain', 'idp']);
    const activated = await ada.post(`${path}/settings/activate`, {}, { 'if-match': `"${draft.body.revision}"` });
    expect(activated.status).toBe(200);
    expect(doneOf(await overviewOf(ada))).toEqual(['domain', 'idp', 'activate']);
    const { text } = await acme.createToken();
    expect(doneOf(await overviewOf(ada))).toEqual(['domain', 'idp', 'activate', 'token']);
    expect(await server.createDevice().enroll(text, 'j.doe@acme.com')).toMatchObject({ kind: 'enrolled' });
    const all = await overviewOf(ada);
    expect(all.setUp.every(({ done }) => done)).toBe(true);
    expect(all.counts).toMatchObject({
      devices: { total: 1, totalIsEstimate: false },
      deviceTokens: { total: 1 },
      domains: { total: 1 },
      identityProviders: { total: 1 },
      administrators: { total: 1 },
      applications: { total: 0 },
    });
  });

  test('says who has drafted what is not active, and how much of it is wrong', async () => {
    const ada = await joined();
    const [idp] = deviceIdp.identityProviders;
    const wrong = { ...deviceIdp, identityProviders: [{ ...idp, domains: ['nobodys.com'] }] };
    await ada.request('PUT', `/organizations/${acme.id}/settings/draft`, wrong);
    expect((await overviewOf(ada)).attention).toContainEqual({
      kind: 'draft',
      changes: 1,
      errors: 1,
      updatedAt: new Date(server.now()).toISOString(),
      updatedBy: `administrator:${ada.id}`,
    });
  });

  test('says which devices wait, which domains are not proved, and what ends within 90 days: the soonest first', async () => {
    const ada = await joined();
    await acme.activateDeviceIdp();
    await ada.request('PUT', `/organizations/${acme.id}/domains/acme.org`);
    const { text } = await acme.createToken({ enrollment: 'approval', expiresAt: server.now() + 30 * 86_400_000 });
    await acme.createToken({ expiresAt: server.now() + 6 * 86_400_000 });
    await acme.createToken({ expiresAt: server.now() + 120 * 86_400_000 });
    await server.createDevice().enroll(text, 'j.doe@acme.com');
    const overview = await overviewOf(ada);
    expect(attentionOf(overview)).toEqual(['domain', 'devices', 'ending', 'ending']);
    expect(overview.attention[0]).toEqual({ kind: 'domain', name: 'acme.org', state: 'claimed' });
    expect(overview.attention[1]).toEqual({ kind: 'devices', state: 'pending', total: 1, totalIsEstimate: false });
    expect(overview.attention[2]).toMatchObject({ endsAt: new Date(server.now() + 6 * 86_400_000).toISOString() });
  });

  test('leaves out what the caller may not see', async () => {
    const ada = await joined({ devices: 'view' });
    const overview = await overviewOf(ada);
    expect(Object.keys(overview.counts)).toEqual(['devices']);
    expect(overview.setUp).toEqual([{ step: 'device', done: false }]);
    expect(Object.keys(await activityOf(ada)).toSorted()).toEqual(['enrollments', 'from', 'upToDate']);
  });

  test('is whole for an operator who breaks the glass, and for nobody else of the operators', async () => {
    const operator = { authorization: `Bearer ${await server.createOperatorKey()}` };
    const path = `/organizations/${acme.id}/overview`;
    expect((await createBrowser(server).get(path, operator)).body.code).toBe('organization_key_needed');
    const { body } = await createBrowser(server).get(path, { ...operator, 'latchkey-break-glass': 'They cannot sign in' });
    expect(body.setUp).toHaveLength(5);
  });
});

describe('what happens over time', () => {
  test('is counted by the hour, once by however many count, and each event once', async () => {
    await acme.activateDeviceIdp();
    const { text } = await acme.createToken();
    const device = server.createDevice();
    expect(await device.enroll(text, 'j.doe@acme.com')).toMatchObject({ kind: 'enrolled' });
    server.wait(3_600_000);
    expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
    const ada = await joined();
    expect((await activityOf(ada)).signIns?.at(-1)).toBe(0);
    server.wait(61_000);
    expect((await activityOf(ada)).upToDate).toBe(false);
    await Promise.all([server.countEvents(), server.countEvents()]);
    await server.countEvents();
    const activity = await activityOf(ada);
    expect(activity.upToDate).toBe(true);
    expect(activity.from).toBe(new Date(server.now() - 61_000 - 23 * 3_600_000).toISOString());
    expect(activity.signIns?.slice(-2)).toEqual([0, 1]);
    expect(activity.enrollments?.slice(-2)).toEqual([1, 0]);
    expect(activity.refusals).toEqual(Array.from({ length: 24 }, () => 0));
    expect((await activityOf(ada, 720)).enrollments).toHaveLength(720);
  });

  test('an event that has only just happened is left for the next time: another may have begun before it', async () => {
    await acme.activateDeviceIdp();
    const { text } = await acme.createToken();
    await server.createDevice().enroll(text, 'j.doe@acme.com');
    const ada = await joined();
    await server.countEvents();
    expect((await activityOf(ada)).enrollments?.at(-1)).toBe(0);
    server.wait(6_000);
    await server.countEvents();
    expect((await activityOf(ada)).enrollments?.at(-1)).toBe(1);
  });

  test('is forgotten when nobody is shown it any more', async () => {
    await acme.activateDeviceIdp();
    const { text } = await acme.createToken();
    await server.createDevice().enroll(text, 'j.doe@acme.com');
    server.wait(6_000);
    await server.countEvents();
    expect(await acme.storage.read.listEventCounts(0)).toHaveLength(1);
    server.wait(32 * 86_400_000);
    await server.doWhatIsDue();
    expect(await acme.storage.read.listEventCounts(0)).toEqual([]);
  });
});

describe('the health of the server', () => {
  test('is told to whoever is known', async () => {
    expect((await createBrowser(server).get('/health')).status).toBe(401);
    const ada = await joined();
    expect((await ada.get('/health')).body).toEqual({
      at: new Date(server.now()).toISOString(),
      version: expect.stringMatching(/^\d/),
      database: { engine: 'sqlite', takesWrites: true },
      nodes: 1,
      backedUpAt: null,
      certificateEndsAt: null,
    });
  });
});

describe('after many years', () => {
  test('tells of signing certificates, too, before they end', async () => {
    const ada = await joined();
    expect(attentionOf(await overviewOf(ada))).not.toContain('ending');
    server.wait(10 * 365 * 86_400_000 - later - 10 * 86_400_000);
    const authorization = `Bearer ${await acme.createApiKey()}`;
    const { body } = await createBrowser(server).get(`/organizations/${acme.id}/overview`, { authorization });
    expect(body.attention).toContainEqual(expect.objectContaining({ kind: 'ending', what: 'certificate' }));
  });
});
