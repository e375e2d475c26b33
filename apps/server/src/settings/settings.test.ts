import { type DeviceIdp, type IdentityProvider, route, type SamlIdp, type SettingsInput } from '@latchkey/settings';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';
import { settingsApi } from '../../../../test/kit/settings-api.ts';

const minute = 60_000;

let server: TestServer;
let acme: Awaited<ReturnType<TestServer['createOrganization']>>;
let api: Awaited<ReturnType<typeof settingsApi>>;
let count = 0;

beforeAll(async () => {
  server = await createTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  count += 1;
  acme = await server.createOrganization(`set${count}.example`, { activate: false });
  api = await settingsApi(server, acme);
});

const device = (change: Partial<DeviceIdp> = {}): DeviceIdp => ({
  kind: 'device',
  id: 'device',
  name: 'Devices',
  status: 'enabled',
  domains: 'any',
  autoProvisioning: true,
  ...change,
});
const external = (id: string, change: Partial<SamlIdp> = {}): SamlIdp => ({
  kind: 'saml',
  id,
  name: id,
  status: 'enabled',
  domains: [],
  autoProvisioning: false,
  signInUrl: `https://${id}.example/`,
  ...change,
});
const settings = (
  identityProviders: readonly IdentityProvider[] = [device()],
  defaultIdp: string | null = null,
): SettingsInput => ({ identityProviders, defaultIdp });
const withProfile = (authenticationProfile: SettingsInput['authenticationProfile']): SettingsInput => ({
  ...settings(),
  authenticationProfile,
});
const enrolled = async () => {
  const made = server.createDevice();
  expect(await made.enroll((await acme.createToken()).text, `j.doe@${acme.domain}`)).toMatchObject({ kind: 'enrolled' });
  return made;
};
const routed = async (domain: string): Promise<string> => {
  const found = route(await server.activeSettings(acme.id), domain);
  return found.kind === 'none' ? found.reason : found.idp.id;
};

describe('the draft', () => {
  test('a save over a draft that somebody else has changed is refused with 412 (F26)', async () => {
    const { etag = '' } = await api.call('GET', '/settings/draft');
    expect(await api.save(settings(), etag)).toMatchObject({ status: 200, etag: '"1"' });
    expect(await api.save(settings(), etag)).toMatchObject({ status: 412, body: { code: 'draft_changed', revision: 1 } });
    expect(await api.save(settings())).toMatchObject({ status: 200, etag: '"2"' });
  });

  test('says who else is at it, for ten minutes after they were last seen (F25)', async () => {
    const other = await settingsApi(server, acme);
    await api.save(settings());
    const { editors } = (await other.call('GET', '/settings/draft')).body;
    expect(editors).toEqual([
      { actor: expect.stringMatching(/^api-key:key_/), lastSeenAt: new Date(server.now()).toISOString() },
    ]);
    expect((await api.call('GET', '/settings/draft')).body.editors).toHaveLength(1);
    server.wait(10 * minute);
    expect((await other.call('GET', '/settings/draft')).body.editors).toHaveLength(1);
    server.wait(1);
    await other.call('GET', '/settings/draft');
    server.wait(10 * minute);
    expect((await other.call('GET', '/settings/draft')).body.editors).toEqual([]);
  });

  test.each([0, 181])('a frequency of %i days is refused with 400 and its path (F27)', async (days) => {
    const input = withProfile({ authenticationFrequency: 'custom', authenticationFrequencyDays: days });
    const { status, body } = await api.save(input);
    expect({ status, errors: body.errors }).toEqual({
      status: 400,
      errors: [
        {
          pointer: '/authenticationProfile/authenticationFrequencyDays',
          code: 'frequency_days_invalid',
          message: expect.any(String),
        },
      ],
    });
  });

  test.each([
    ['WEEKLY_COOKIE', 'custom', 7],
    ['SESSION_COOKIE', 'session', null],
    ['ALWAYS', 'session', null],
    ['OnlyOnce', 'only_once', null],
  ] as const)('%s is kept as %s', async (authenticationFrequency, kept, days) => {
    const { body } = await api.save(withProfile({ authenticationFrequency }));
    expect(body.document.authenticationProfile).toMatchObject({
      authenticationFrequency: kept,
      authenticationFrequencyDays: days,
    });
  });

  test('passwords are not offered, and unknown members are refused, each with its place', async () => {
    for (const [change, place] of [
      [{ authenticationProfile: { authenticationType: 'form' } }, 'body/authenticationProfile/authenticationType'],
      [{ authenticationProfile: { authenticationFreqency: 'daily' } }, 'body/authenticationProfile'],
      [{ defaultIDP: null }, 'body'],
    ] as const) {
      const { status, body } = await api.call('PUT', '/settings/draft', { ...settings(), ...change });
      expect({ status, pointers: body.errors.map((each: { pointer: string }) => each.pointer) }).toEqual({
        status: 400,
        pointers: [expect.stringMatching(new RegExp(`^${place}/?$`))],
      });
    }
  });

  test('65 identity providers are refused, 64 are not (F35)', async () => {
    const many = (n: number) =>
      settings(Array.from({ length: n }, (_, at) => external(`idp-${at}`, { domains: [`d${at}.example`] })));
    expect((await api.save(many(64))).status).toBe(200);
    expect((await api.save(many(65))).body.errors).toMatchObject([{ code: 'too_many_identity_providers' }]);
  });
});

describe('activation', () => {
  test('needs to know what was reviewed (428), and takes nothing else (412)', async () => {
    await api.save(settings());
    expect((await api.call('POST', '/settings/activate', {})).status).toBe(428);
    const { etag = '' } = await api.call('GET', '/settings/diff');
    await api.save(settings([device({ status: 'disabled' })]));
    expect((await api.call('POST', '/settings/activate', {}, { 'if-match': etag })).status).toBe(412);
    expect(await routed(acme.domain)).toBe('not_activated');
  });

  test('of settings that do not hold is refused with the list', async () => {
    await api.save(settings([device({ domains: ['a.example', 'b.example'] })]));
    const { status, body } = await api.activate();
    expect({ status, pointers: body.errors.map((each: { pointer: string }) => each.pointer) }).toEqual({
      status: 409,
      pointers: ['/identityProviders/0/domains/0', '/identityProviders/0/domains/1'],
    });
  });

  test('is in the history with author and comment', async () => {
    await api.save(settings());
    await api.activate('The first');
    expect((await api.call('GET', '/settings/versions')).body.items).toEqual([
      { version: 1, activatedAt: expect.any(String), activatedBy: expect.stringMatching(/^api-key:key_/), comment: 'The first' },
    ]);
  });
});

describe('rollback', () => {
  test('makes what was live once the next version, and leaves the draft alone', async () => {
    await api.save(settings());
    await api.activate();
    await api.save(settings([device({ status: 'disabled' })]));
    await api.activate();
    expect(await routed(acme.domain)).toBe('idp_disabled');
    expect((await api.rollback(1)).body).toMatchObject({ version: 3 });
    expect(await routed(acme.domain)).toBe('device');
    expect((await api.call('GET', '/settings/draft')).body.document.identityProviders[0].status).toBe('disabled');
  });

  test("is judged by today's facts, and refused with the list", async () => {
    await acme.grantDomain(`lost${count}.example`);
    await api.save(settings([device({ domains: [acme.domain, `lost${count}.example`] })]));
    await api.activate();
    await api.save(settings([device({ domains: [acme.domain] })]));
    await api.activate();
    await acme.storage.transaction((store) => store.removeDomain(`lost${count}.example`));
    const { status, body } = await api.rollback(1);
    expect({ status, errors: body.errors }).toMatchObject({ status: 409, errors: [{ code: 'domain_not_proved' }] });
    expect((await api.call('GET', '/settings/active')).body.version).toBe(2);
  });
});

describe('a plan', () => {
  test('says what a document would change and what is wrong with it, and saves nothing', async () => {
    await api.save(settings());
    await api.activate();
    await api.save(settings([device({ name: 'Drafted' })]));
    const { status, body, etag } = await api.call('POST', '/settings/plan', settings([device({ domains: ['not.example'] })]));
    expect({ status, etag }).toEqual({ status: 200, etag: '"2"' });
    expect(body).toMatchObject({
      activeVersion: 1,
      revision: 2,
      valid: false,
      changes: [{ path: 'identityProviders/device/domains', before: 'any', after: ['not.example'] }],
      draftChanges: [{ path: 'identityProviders/device/name' }, { path: 'identityProviders/device/domains' }],
      pending: [{ path: 'identityProviders/device/name' }],
      problems: [{ code: 'domain_not_proved' }, { code: 'default_missing' }],
    });
    expect((await api.call('GET', '/settings/draft')).etag).toBe('"2"');
  });
});

describe('what the data plane makes of it', () => {
  const live = async (input: SettingsInput): Promise<void> => {
    expect((await api.save(input)).status).toBe(200);
    expect((await api.activate()).status).toBe(200);
  };

  test.each([
    [undefined, 12 * 3600],
    [300, 300],
    [86_400, 86_400],
  ])('with a device session of %s s, a session and its assertion last %i s', async (deviceSessionSeconds, seconds) => {
    await live(withProfile({ deviceSessionSeconds }));
    const made = await enrolled();
    const answer = await made.signIn();
    const until = new Date(server.now() + seconds * 1000).toISOString();
    expect(answer).toMatchObject({ kind: 'signed_in', session: { expiresAt: until } });
    if (answer.kind === 'signed_in') expect(answer.proven.ecpResponse).toContain(`SessionNotOnOrAfter="${until}"`);
  });

  test.each(['only_once', 'daily', 'session', 'WEEKLY_COOKIE'] as const)(
    'the frequency is for browsers: with %s the session of a device is what it was (F27)',
    async (authenticationFrequency) => {
      await live(withProfile({ authenticationFrequency }));
      const answer = await (await enrolled()).signIn();
      expect(answer).toMatchObject({ session: { expiresAt: new Date(server.now() + 12 * 3_600_000).toISOString() } });
    },
  );

  test('a frequency is saved, shown with a warning that it changes nothing, and can go live', async () => {
    const { status, body } = await api.save(withProfile({ authenticationFrequency: 'daily' }));
    expect({ status, problems: body.problems }).toMatchObject({
      status: 200,
      problems: [
        {
          path: '/authenticationProfile/authenticationFrequency',
          code: 'frequency_without_effect',
          severity: 'warning',
          message: expect.stringContaining('deviceSessionSeconds'),
        },
      ],
    });
    expect((await api.activate()).status).toBe(200);
  });

  describe('and of sessions that run', () => {
    const APP = 'https://wiki.example';
    const running = async (deviceSessionSeconds: number) => {
      await acme.registerApplication({ identifier: APP });
      await live(withProfile({ deviceSessionSeconds }));
      const made = await enrolled();
      expect(await made.signIn()).toMatchObject({ kind: 'signed_in' });
      return made;
    };
    const tokenLater = async (made: Awaited<ReturnType<typeof enrolled>>, milliseconds: number) => {
      server.wait(milliseconds);
      await made.challenge();
      return made.accessToken(APP);
    };

    test('a version that allows less ends longer ones: no access token outlives that, and the device signs in again', async () => {
      const made = await running(43_200);
      await live(withProfile({ deviceSessionSeconds: 600 }));
      expect(await tokenLater(made, 500_000)).toMatchObject({ kind: 'answered', expires_in: 100 });
      expect(await tokenLater(made, 100_000)).toMatchObject({ kind: 'refused', code: 'session_ended' });
      expect(await made.signIn()).toMatchObject({
        kind: 'signed_in',
        session: { expiresAt: new Date(server.now() + 600_000).toISOString() },
      });
      expect(await tokenLater(made, 0)).toMatchObject({ kind: 'answered', expires_in: 300 });
    });

    test('a version that allows more prolongs none, nor does asking for tokens', async () => {
      const made = await running(600);
      await live(withProfile({ deviceSessionSeconds: 86_400 }));
      expect(await tokenLater(made, 599_000)).toMatchObject({ kind: 'answered', expires_in: 1 });
      expect(await tokenLater(made, 1000)).toMatchObject({ kind: 'refused', code: 'session_ended' });
    });

    test('a rollback to a version that allowed more gives back what is left', async () => {
      const made = await running(43_200);
      await live(withProfile({ deviceSessionSeconds: 600 }));
      expect(await tokenLater(made, 600_000)).toMatchObject({ code: 'session_ended' });
      expect((await api.rollback(1)).status).toBe(200);
      expect(await tokenLater(made, 0)).toMatchObject({ kind: 'answered' });
    });
  });

  test('a session is cut by the settings that are active when the Response arrives', async () => {
    await live(settings());
    const made = await enrolled();
    const begun = await made.begin();
    if (begun.kind === 'refused') throw new Error(begun.code);
    const proven = await made.prove(begun);
    if (proven.kind === 'refused') throw new Error(proven.code);
    await live(withProfile({ deviceSessionSeconds: 600 }));
    expect(await made.deliver(begun, proven)).toMatchObject({
      session: { expiresAt: new Date(server.now() + 600_000).toISOString() },
    });
  });

  test('a Response that arrives after the domain went to another IdP is refused (design §3)', async () => {
    await live(settings());
    const made = await enrolled();
    const begun = await made.begin();
    if (begun.kind === 'refused') throw new Error(begun.code);
    const proven = await made.prove(begun);
    if (proven.kind === 'refused') throw new Error(proven.code);
    await live(settings([external('okta', { domains: 'any' })]));
    expect(await made.deliver(begun, proven)).toMatchObject({ kind: 'refused', step: 'deliver', code: 'external_idp' });
    await api.rollback(1);
    expect(await made.signIn()).toMatchObject({ kind: 'signed_in' });
  });
});

describe('the routing table, activated and rolled back (seed 000)', () => {
  test('every way to give four domains and Any to three providers: as before until activated, then so, and back', async () => {
    const domains = [acme.domain, ...['b', 'c', 'd'].map((letter) => `${letter}${count}.example`)];
    for (const domain of domains.slice(1)) await acme.grantDomain(domain);
    const ids = ['device', 'okta', 'entra'];
    const owners = [null, ...ids];
    const given = domains.reduce<readonly (readonly (string | null)[])[]>(
      (all) => all.flatMap((each) => owners.map((owner) => [...each, owner])),
      [[]],
    );
    const table = async (): Promise<readonly string[]> => {
      const all: string[] = [];
      for (const domain of domains) all.push(await routed(domain));
      return all;
    };
    // Where the walk comes back to.
    await api.save(settings([device({ status: 'disabled' })]));
    await api.activate();
    const home = domains.map(() => 'idp_disabled');
    let walked = 0;
    for (const named of given) {
      for (const any of owners) {
        if (any !== null && named.includes(any)) continue;
        // Which default and which statuses: another of the 32 ways each time; core/settings walks all of them.
        const turn = walked;
        const wanted = owners[turn % 4] ?? null;
        const status = (at: number): 'enabled' | 'disabled' => (((turn >> (2 + at)) & 1) === 0 ? 'enabled' : 'disabled');
        const present = ids.filter((id) => id === any || named.includes(id) || id === wanted);
        const providers = present.map((id): IdentityProvider => {
          const change = {
            domains: id === any ? ('any' as const) : domains.filter((_, at) => named[at] === id),
            status: status(ids.indexOf(id)),
          };
          return id === 'device' ? device(change) : external(id, change);
        });
        const expected = named.map((id) => {
          const owner = id ?? any ?? wanted;
          if (owner === null) return 'domain_unknown';
          return status(ids.indexOf(owner)) === 'enabled' ? owner : 'idp_disabled';
        });
        const where = { named, any, wanted };
        expect({ where, saved: (await api.save(settings(providers, wanted))).status }).toEqual({ where, saved: 200 });
        expect({ where, before: await table() }).toEqual({ where, before: home });
        expect({ where, activated: (await api.activate()).status }).toEqual({ where, activated: 200 });
        expect({ where, after: await table() }).toEqual({ where, after: expected });
        expect({ where, rolledBack: (await api.rollback(1)).status }).toEqual({ where, rolledBack: 200 });
        expect({ where, again: await table() }).toEqual({ where, again: home });
        walked += 1;
      }
    }
    expect(walked).toBe(499);
  });
});
