import { SERVICE_ADMIN, serviceAdminId } from '@latchkey/directory';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { injecting } from '../../../../test/kit/device.ts';
import { openScim, type ScimEndpoint, type ScimInput } from '../../../../test/kit/scim.ts';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

const day = 86_400_000;
let server: TestServer;
let organization: Awaited<ReturnType<TestServer['createOrganization']>>;
beforeEach(async () => {
  server = await createTestServer();
  organization = await server.createOrganization('acme.com');
});
afterEach(() => server.close());

const open = (scim: Partial<ScimInput> = {}): Promise<ScimEndpoint> => openScim(server, organization, scim);
const filter = (text: string): string => `filter=${encodeURIComponent(text)}`;
const deactivate = { op: 'replace', path: 'active', value: false };
const activate = { op: 'replace', path: 'active', value: true };

/** A device of this user that has signed in. */
const signIn = async (userName: string) => {
  const token = await organization.createToken();
  const device = server.createDevice({ send: injecting(server.app) });
  await device.enroll(token.text, userName);
  const signedIn = await device.signIn();
  if (signedIn.kind !== 'signed_in') throw new Error(signedIn.code);
  return {
    device,
    ended: async () => typeof (await organization.storage.read.findSession(signedIn.session.id))?.endedAt === 'number',
  };
};

describe('the endpoint', () => {
  test('is not there before its settings are activated, and says which version would bring it', async () => {
    const scim = await open();
    await organization.activateDeviceIdp();
    const { status, body } = await scim.call('GET', '/Users');
    expect(status).toBe(403);
    expect(body.detail).toContain('not active yet: activate version 4');
    await organization.activateDeviceIdp({ scim: undefined, autoProvisioning: false });
    expect((await scim.call('POST', '/Users', scim.user('ann@acme.com'))).status).toBe(403);
    // Without a token nothing is told at all.
    const discovery = await server.app.inject({ method: 'GET', url: `${scim.base}/ServiceProviderConfig` });
    expect(discovery.statusCode).toBe(401);
  });

  test('tells of itself without a token, and of nothing else', async () => {
    const scim = await open({ maxPageSize: 77 });
    const get = (path: string) => server.app.inject({ method: 'GET', url: `${scim.base}${path}` });
    const config = await get('/ServiceProviderConfig');
    expect([config.statusCode, config.json().filter.maxResults]).toEqual([200, 77]);
    expect((await get('/Schemas')).statusCode).toBe(200);
    const users = await get('/Users');
    expect([users.statusCode, users.headers['www-authenticate']]).toEqual([401, 'Bearer realm="SCIM"']);
    expect(users.json()).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '401' });
  });

  test('has an older address, in any case and with a slash at its end', async () => {
    const scim = await open();
    const made = await scim.make('Users', scim.user('ann@acme.com'));
    const older = `/${organization.id}/device/scim`;
    const get = async (path: string) =>
      (
        await server.app.inject({ method: 'GET', url: `${older}${path}`, headers: { authorization: `Bearer ${scim.token}` } })
      ).json();
    expect((await get(`/users/${made.id}`)).meta.location).toBe(`${server.origin}${older}/Users/${made.id}`);
    expect((await get(`/Users/?${filter('USERNAME eq "ANN@acme.com"')}`)).totalResults).toBe(1);
  });

  test('limits requests by the second (429, Retry-After)', async () => {
    const scim = await open({ requestsPerSecond: 2 });
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await scim.call('GET', '/Users?count=0')).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect((await scim.call('GET', '/Users')).headers['retry-after']).toBe('1');
    server.wait(1000);
    expect((await scim.call('GET', '/Users')).status).toBe(200);
  });

  test('is closed while the organization is suspended', async () => {
    const scim = await open();
    await organization.storage.transaction((store) => store.setOrganizationState('suspended'));
    expect((await scim.call('GET', '/Users')).status).toBe(403);
  });

  test('cannot be switched on where a directory owns the users, and says what to do', async () => {
    const scim = await open();
    const draft = (await scim.admin('GET', '/settings/draft')).body;
    const document = { ...draft.document, authenticationProfile: { userRepositoryType: 'directory' } };
    const saved = await scim.admin('PUT', '/settings/draft', document);
    expect(saved.body.problems).toMatchObject([{ code: 'scim_in_directory', path: '/identityProviders/0/scim' }]);
    const activated = await server.app.inject({
      method: 'POST',
      url: `/api/v1/organizations/${organization.id}/settings/activate`,
      headers: { authorization: `Bearer ${scim.key}`, 'if-match': String(saved.headers.etag) },
    });
    expect(activated.statusCode).toBe(409);
    expect(activated.body).toContain('latchkey settings set --user-repository hosted');
  });

  test('takes auto-provisioning off, in what is saved and in what is live', async () => {
    const scim = await open();
    const { document } = (await scim.admin('GET', '/settings/draft')).body;
    const [idp] = document.identityProviders;
    const saved = await scim.admin('PUT', '/settings/draft', {
      ...document,
      identityProviders: [{ ...idp, autoProvisioning: true }],
    });
    expect(saved.body.document.identityProviders[0].autoProvisioning).toBe(false);
  });
});

describe('tokens', () => {
  test('are two at a time, shown once, and good until they are revoked or end', async () => {
    const scim = await open();
    const path = '/scim/device/tokens';
    const second = await scim.admin('POST', path, { description: 'next', expiresInSeconds: 3600 });
    expect(second.body.token).toMatch(/^lkp_\w{48}$/);
    expect(second.body.baseUrl).toBe(`${server.origin}${scim.base}`);
    expect((await scim.admin('POST', path, { description: 'third' })).body.code).toBe('too_many_scim_tokens');
    const by = async (token: string) =>
      (await server.app.inject({ method: 'GET', url: `${scim.base}/Users`, headers: { authorization: `Bearer ${token}` } }))
        .statusCode;
    expect(await by(second.body.token)).toBe(200);
    expect(await by(`${scim.token.slice(0, -1)}0`)).toBe(401);
    await scim.admin('POST', `${path}/${scim.tokenId}/revoke`, {});
    expect([await by(scim.token), await by(second.body.token)]).toEqual([401, 200]);
    const listed = (await scim.admin('GET', path)).body.items;
    expect(listed).toMatchObject([
      { state: 'revoked', lastUsedAt: null },
      { state: 'live', lastUsedAt: expect.any(String) },
    ]);
    expect(JSON.stringify(listed)).not.toContain(second.body.token);
    server.wait(3_600_000);
    expect(await by(second.body.token)).toBe(401);
    const told = (await organization.audit()).map(({ action }) => action).filter((action) => action.startsWith('scim_token'));
    expect(told).toEqual(['scim_token.created', 'scim_token.created', 'scim_token.revoked']);
  });

  test('are of one identity provider, which must be there', async () => {
    const scim = await open();
    expect((await scim.admin('POST', '/scim/nobody/tokens', { description: 'x' })).body.code).toBe('idp_unknown');
    const elsewhere = `/scim/${organization.id}/other/v2/Users`;
    const answer = await server.app.inject({
      method: 'GET',
      url: elsewhere,
      headers: { authorization: `Bearer ${scim.token}` },
    });
    expect(answer.statusCode).toBe(401);
  });
});

describe('users', () => {
  test('are those of the directory, with their department, owned by the source', async () => {
    const scim = await open();
    const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
    const { id } = await scim.make('Users', {
      ...scim.user('Ann@acme.com', { displayName: 'Ann', emails: [{ value: 'not a mailbox' }, { value: 'ann@mail.example' }] }),
      [enterprise]: { department: 'Sales' },
    });
    const seen = (await scim.admin('GET', `/users/${id}`)).body;
    expect(seen).toMatchObject({
      userName: 'Ann@acme.com',
      displayName: 'Ann',
      email: 'ann@mail.example',
      department: { name: 'Sales' },
      source: 'scim:device',
    });
    expect(seen.readOnly).toContain('displayName');
    await scim.call('PATCH', `/Users/${id}`, scim.patch({ op: 'remove', path: `${enterprise}:department` }));
    expect((await scim.admin('GET', `/users/${id}`)).body.department).toBe(null);
    const change = (await organization.audit()).findLast(({ action }) => action === 'user.changed');
    expect(change?.actor).toBe(`scim-token:${scim.tokenId}`);
    expect(change?.details).toMatchObject({ before: { department: 'Sales' }, after: { department: null } });
  });

  test('active: false ends the sessions and keeps the user out; true lets in again', async () => {
    const scim = await open();
    const { id } = await scim.make('Users', scim.user('ann@acme.com'));
    const { device, ended } = await signIn('ann@acme.com');
    expect(await ended()).toBe(false);
    await scim.call('PATCH', `/Users/${id}`, scim.patch(deactivate));
    expect(await ended()).toBe(true);
    expect(await device.signIn()).toMatchObject({ kind: 'refused', code: 'user_disabled' });
    expect((await scim.call('GET', `/Users/${id}`)).body.active).toBe(false);
    await scim.call('PATCH', `/Users/${id}`, scim.patch(activate));
    expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
  });

  test('active: false deletes where the preset says so, and can be undone for a while', async () => {
    const scim = await open({ preset: 'private-access' });
    const [ann, bob] = [await scim.make('Users', scim.user('ann@acme.com')), await scim.make('Users', scim.user('bob@acme.com'))];
    const { ended } = await signIn('ann@acme.com');
    for (const { id } of [ann, bob]) await scim.call('PATCH', `/Users/${id}`, scim.patch(deactivate));
    expect(await ended()).toBe(true);
    server.wait(29 * day);
    await server.doWhatIsDue();
    expect((await scim.call('PATCH', `/Users/${bob.id}`, scim.patch(activate))).body.active).toBe(true);
    server.wait(day);
    await server.doWhatIsDue();
    expect((await scim.call('GET', `/Users/${ann.id}`)).status).toBe(404);
    expect((await scim.call('GET', `/Users/${bob.id}`)).body.active).toBe(true);
    expect((await scim.call('GET', '/Users?count=0')).body.totalResults).toBe(1);
    await scim.make('Users', scim.user('ann@acme.com'));
  });

  test('are deleted at once with undo days of 0', async () => {
    const scim = await open({ deactivation: 'delete', undoDays: 0 });
    const { id } = await scim.make('Users', scim.user('ann@acme.com'));
    expect((await scim.call('PATCH', `/Users/${id}`, scim.patch(deactivate))).body.active).toBe(false);
    expect((await scim.call('GET', `/Users/${id}`)).status).toBe(404);
  });

  test('who are deleted cannot sign in, and are in no group', async () => {
    const scim = await open();
    const { id } = await scim.make('Users', scim.user('ann@acme.com'));
    const group = await scim.make('Groups', scim.group('Staff', { members: [{ value: id }] }));
    const { device, ended } = await signIn('ann@acme.com');
    expect((await scim.call('DELETE', `/Users/${id}`)).status).toBe(204);
    expect(await ended()).toBe(true);
    expect(await device.signIn()).toMatchObject({ kind: 'refused' });
    const after = await scim.call('GET', `/Groups/${group.id}`);
    expect(after.body.members).toBe(undefined);
    expect(after.headers.etag).not.toBe(group.meta.version);
  });

  test('of others stay theirs: 409 says whose, unless adoption is on', async () => {
    const scim = await open();
    const theirs = await organization.createUser('ann@acme.com');
    const refused = await scim.call('POST', '/Users', scim.user('ANN@acme.com'));
    expect([refused.status, refused.body.scimType]).toEqual([409, 'uniqueness']);
    expect(refused.body.detail).toContain('"api" owns it');
    expect((await scim.call('GET', `/Users/${theirs}`)).status).toBe(404);
    expect((await scim.call('GET', '/Users')).body.totalResults).toBe(0);

    const adopting = await open({ adoption: true });
    const adopted = await adopting.make('Users', adopting.user('ANN@acme.com', { displayName: 'Ann' }));
    expect(adopted).toMatchObject({ id: theirs, displayName: 'Ann', active: true });
    expect((await adopting.call('GET', `/Users?${filter('userName sw "ann"')}`)).body.totalResults).toBe(1);
    const locked = await adopting.admin('POST', `/users/${theirs}/adopt`, {});
    expect(locked.body.code).toBe('owned_elsewhere');
  });

  test('whom an administrator keeps out, a take-over does not let in', async () => {
    const scim = await open({ adoption: true });
    const id = await organization.createUser('ann@acme.com');
    await scim.admin('POST', `/users/${id}/disable`, {});
    expect((await scim.make('Users', scim.user('ann@acme.com'))).active).toBe(false);
  });

  test('whom the same identity provider has made at a sign-in are its own', async () => {
    const { userName } = { userName: 'ann@acme.com' };
    await signIn(userName);
    const scim = await open();
    const adopted = await scim.make('Users', scim.user(userName, { title: 'Dr' }));
    expect(adopted.title).toBe('Dr');
    expect((await organization.audit()).findLast(({ action }) => action === 'user.adopted')?.details).toMatchObject({
      before: 'jit:device',
      after: 'scim:device',
    });
  });

  test('have names of proved domains where the preset says so, and keep them', async () => {
    const scim = await open({ preset: 'private-access' });
    const foreign = await scim.call('POST', '/Users', scim.user('ann@elsewhere.example'));
    expect([foreign.status, foreign.body.scimType]).toEqual([400, 'invalidValue']);
    const { id } = await scim.make('Users', scim.user('ann@acme.com'));
    const renamed = await scim.call('PUT', `/Users/${id}`, scim.user('anna@acme.com'));
    expect([renamed.status, renamed.body.scimType]).toEqual([400, 'mutability']);
    expect((await scim.call('PUT', `/Users/${id}`, scim.user('Ann@acme.com'))).status).toBe(400);
  });
});

describe('groups', () => {
  test('hold groups, in no circle; a user shows those above its own', async () => {
    const scim = await open();
    const { id: user } = await scim.make('Users', scim.user('ann@acme.com'));
    const { id: inner } = await scim.make('Groups', scim.group('Inner', { members: [{ value: user }] }));
    const { id: outer } = await scim.make('Groups', scim.group('Outer', { members: [{ value: inner }] }));
    const { groups } = (await scim.call('GET', `/Users/${user}`)).body;
    expect(groups.map(({ display, type }: Record<string, string>) => `${display} ${type}`)).toEqual([
      'Inner direct',
      'Outer indirect',
    ]);
    const above = await scim.call('GET', `/Users?${filter(`groups.value eq "${outer}"`)}`);
    expect(above.body.Resources.map(({ id }: { id: string }) => id)).toEqual([user]);
    for (const value of [outer, inner]) {
      const circle = await scim.call('PATCH', `/Groups/${inner}`, scim.patch({ op: 'add', path: 'members', value: [{ value }] }));
      expect([circle.status, circle.body.scimType]).toEqual([400, 'invalidValue']);
    }
  });

  test('take nobody who is not there, nor anybody into too many', async () => {
    const scim = await open({ groupsPerUser: 2 });
    const { id } = await scim.make('Users', scim.user('ann@acme.com'));
    const theirs = await organization.createUser('bob@acme.com');
    for (const value of ['usr_nobody', theirs, '__proto__', '']) {
      const answer = await scim.call('POST', '/Groups', scim.group(`of ${value}`, { members: [{ value }] }));
      expect([value, answer.status]).toEqual([value, 400]);
    }
    const members = [{ value: id }];
    for (const name of ['one', 'two']) await scim.make('Groups', scim.group(name, { members }));
    const third = await scim.make('Groups', scim.group('three'));
    const add = scim.patch({ op: 'add', path: 'members', value: members });
    expect((await scim.call('PATCH', `/Groups/${third.id}`, add)).body.detail).toContain('in 2 groups already');
  });

  test('that a PATCH changes in no way keep their version', async () => {
    const scim = await open();
    const { id } = await scim.make('Users', scim.user('ann@acme.com'));
    const group = await scim.make('Groups', scim.group('Staff', { members: [{ value: id }] }));
    const same = scim.patch({ op: 'add', path: 'members', value: [{ value: id }] });
    expect((await scim.call('PATCH', `/Groups/${group.id}`, same)).headers.etag).toBe(group.meta.version);
    const renamed = scim.patch({ op: 'replace', value: { displayName: 'Crew' } });
    expect((await scim.call('PATCH', `/Groups/${group.id}`, renamed)).headers.etag).not.toBe(group.meta.version);
  });

  test('of others and the system group stay theirs', async () => {
    const scim = await open({ adoption: true });
    await scim.admin('POST', '/groups', { name: 'Staff' });
    const at = server.now();
    await organization.storage.transaction((store) =>
      store.groups.insert({
        id: serviceAdminId(organization.id),
        name: SERVICE_ADMIN,
        comments: '',
        source: 'api',
        system: true,
        revision: 1,
        createdAt: at,
        updatedAt: at,
      }),
    );
    expect((await scim.call('POST', '/Groups', scim.group('Service Admin'))).status).toBe(409);
    const adopted = await scim.make('Groups', scim.group('staff'));
    expect(adopted.displayName).toBe('Staff');
    expect((await open()).base).toBe(scim.base);
    expect((await scim.call('POST', '/Groups', scim.group('staff'))).status).toBe(409);
  });

  test('of many members are answered in pieces, whole', { timeout: 60_000 }, async () => {
    const scim = await open();
    const ids: string[] = await Promise.all(
      Array.from({ length: 1200 }, async (_, n) => (await scim.make('Users', scim.user(`user${n}@acme.com`))).id),
    );
    const members = ids.map((value) => ({ value }));
    const group = await scim.make('Groups', scim.group('Many', { members: members.slice(0, 1100) }));
    await scim.call('PATCH', `/Groups/${group.id}`, scim.patch({ op: 'add', path: 'members', value: members.slice(900) }));
    const read = (await scim.call('GET', `/Groups/${group.id}`)).body;
    expect(read.members.map(({ value }: { value: string }) => value).toSorted()).toEqual(ids.toSorted());
    const without = await scim.call('GET', `/Groups/${group.id}?excludedAttributes=members`);
    expect(without.body.members).toBe(undefined);
    const listed = (await scim.call('GET', '/Groups?attributes=members.value')).body.Resources[0];
    expect(listed.members).toHaveLength(1200);
    expect(Object.keys(listed.members[0])).toEqual(['value']);
    await scim.call('PUT', `/Groups/${group.id}`, scim.group('Many', { members: members.slice(0, 3) }));
    expect((await scim.call('GET', `/Groups/${group.id}`)).body.members).toHaveLength(3);
  });
});

describe('the sync log', () => {
  test('has what could change something, with what was said, without secrets', async () => {
    const scim = await open();
    const { id } = await scim.make('Users', scim.user('ann@acme.com', { password: 'hunter2hunter2' }));
    await scim.call('PATCH', `/Users/${id}`, scim.patch({ op: 'replace', path: 'password', value: 'hunter3hunter3' }));
    await scim.call('POST', '/Users', scim.user('ann@acme.com'), { 'user-agent': 'Okta SCIM Client 1.0.0' });
    await scim.call('GET', `/Users/${id}`);
    const log = async (query = '') => (await scim.admin('GET', `/scim/device/log${query}`)).body.items;
    expect((await log()).map(({ method, status }: Record<string, unknown>) => `${method} ${status}`)).toEqual([
      'POST 409',
      'PATCH 200',
      'POST 201',
    ]);
    expect(JSON.stringify(await log())).not.toContain('hunter');
    const [failed] = await log('?failed=true');
    expect(failed).toMatchObject({ client: 'Okta SCIM Client 1.0.0', entity: 'User', path: '/Users', tokenId: scim.tokenId });
    expect(JSON.parse(failed.response).scimType).toBe('uniqueness');
    expect(await log(`?method=PATCH&path=${id}`)).toHaveLength(1);
    expect(await log('?status=201&entity=User')).toHaveLength(1);
    expect(await log('?from=2027-01-01T00:00:00Z')).toHaveLength(0);
    expect((await scim.admin('GET', `/scim/device/log/${failed.id}`)).body).toEqual(failed);
  });
});

describe('attacks', () => {
  test('names of what objects inherit change nothing, wherever they stand', async () => {
    const scim = await open();
    const made = await scim.make('Users', scim.user('ann@acme.com'));
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      const bodies = [
        `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"b@acme.com","${name}":{"polluted":true}}`,
        `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"d@acme.com","name":{"${name}":{"polluted":true}}}`,
      ];
      for (const body of bodies) expect([body, (await scim.call('POST', '/Users', body)).status]).toEqual([body, 400]);
      for (const path of [name, `name.${name}`, `emails[${name} eq "x"].value`, `urn:${name}:x`, `${name}.polluted`]) {
        const patch = scim.patch({ op: 'add', path, value: 'polluted' });
        expect([path, (await scim.call('PATCH', `/Users/${made.id}`, patch)).status]).toEqual([path, 400]);
      }
      const value = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","value":{"${name}":{"polluted":1}}}]}`;
      expect((await scim.call('PATCH', `/Users/${made.id}`, value)).status).toBe(400);
      expect((await scim.call('GET', `/Users?${filter(`${name} eq "x"`)}`)).status).toBe(400);
      expect((await scim.call('GET', `/${name}`)).status).toBe(404);
      expect((await scim.call('GET', `/Users/${name}`)).status).toBe(404);
      await scim.call('GET', `/Users/${made.id}?attributes=${name}&excludedAttributes=`);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect((await scim.call('GET', `/Users/${made.id}`)).body).toEqual(made);
  });

  test('bodies and filters out of all bounds are refused, and the server goes on', async () => {
    const scim = await open();
    const deep = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a@acme.com","name":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    const clauses = Array.from({ length: 5000 }, (_, n) => `userName eq "u${n}"`).join(' or ');
    const parentheses = `${'('.repeat(5000)}userName eq "a"${')'.repeat(5000)}`;
    const search = (text: string) => ({ schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], filter: text });
    const refused = [
      await scim.call('POST', '/Users', scim.user('a@acme.com', { displayName: 'x'.repeat(11_000_000) })),
      await scim.call('POST', '/Users', deep),
      await scim.call('POST', '/Users/.search', search(clauses)),
      await scim.call('POST', '/Users/.search', search(parentheses)),
      await scim.call(
        'POST',
        '/Groups',
        scim.group('x', { members: Array.from({ length: 200_000 }, (_, n) => ({ value: `usr_${n}` })) }),
      ),
      await scim.call('POST', '/Users', 'a'.repeat(100)),
    ];
    expect(refused.map(({ status }) => status)).toEqual([413, 400, 400, 400, 400, 400]);
    for (const { body } of refused) expect(body.schemas).toEqual(['urn:ietf:params:scim:api:messages:2.0:Error']);
    expect((await scim.call('GET', '/Users?count=0')).body.totalResults).toBe(0);
  });

  test('text that a database does not take is no failure of it', async () => {
    const scim = await open();
    for (const userName of ['a\0@acme.com', '\ud800@acme.com', "' or 1=1 --@acme.com"]) {
      expect((await scim.call('POST', '/Users', scim.user(userName))).status).toBe(400);
    }
    for (const title of ['a\u0000b', '\ud800']) {
      expect((await scim.call('POST', '/Users', scim.user('ann@acme.com', { title }))).status).toBeLessThan(500);
      expect((await scim.call('GET', `/Users?${filter(`title eq ${JSON.stringify(title)}`)}`)).status).toBeLessThan(500);
      expect((await scim.call('GET', `/Users?${filter(`externalId eq ${JSON.stringify(title)}`)}`)).status).toBeLessThan(500);
    }
  });
});
