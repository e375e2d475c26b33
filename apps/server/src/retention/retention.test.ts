import type { Device } from '@latchkey/device';
import { describe, expect, test } from 'vitest';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';
import { createTestDatabase, engines } from '../storage/test-engines.ts';

const DAY = 86_400_000;

const open = async (databaseUrl?: string) => {
  const server = await createTestServer(databaseUrl === undefined ? {} : { databaseUrl });
  const acme = await server.createOrganization('acme.com');
  const key = await acme.createApiKey();
  const call = async (method: 'GET' | 'PUT', body?: object, headers: Record<string, string> = {}) => {
    const answer = await server.app.inject({
      method,
      url: `/api/v1/organizations/${acme.id}/retention`,
      headers: { authorization: `Bearer ${key}`, ...headers },
      ...(body === undefined ? {} : { payload: body }),
    });
    return { status: answer.statusCode, body: answer.json(), etag: String(answer.headers.etag) };
  };
  return { server, acme, call };
};

const enrolled = async (server: TestServer, token: string, login: string): Promise<string> => {
  const device = await server.createDevice({ parameters: { hostName: `host-of-${login}`, loginName: login } });
  const answer = await device.enroll(token, `${login}@acme.com`);
  if (answer.kind === 'refused') throw new Error(answer.code);
  await device.signIn();
  return device.state.deviceId;
};

describe('how long things are kept', () => {
  test('is said by the organization within bounds, and changed by who has seen it', async () => {
    const { server, acme, call } = await open();
    const first = await call('GET');
    expect(first).toMatchObject({
      etag: '"0"',
      body: { auditDays: 400, signInDetailsDays: 90, removedDays: 400, revision: 0, updatedAt: null, sweptAt: null },
    });
    const periods = { auditDays: 60, signInDetailsDays: 30, removedDays: 45 };
    expect(await call('PUT', periods, { 'if-match': '"0"' })).toMatchObject({ status: 200, etag: '"1"', body: periods });
    expect(await call('PUT', periods, { 'if-match': '"0"' })).toMatchObject({ status: 412, body: { code: 'retention_changed' } });
    expect((await acme.audit()).at(-1)).toMatchObject({
      action: 'retention.changed',
      details: { before: { auditDays: 400, signInDetailsDays: 90, removedDays: 400 }, after: periods },
    });
    for (const [wrong, pointer] of [
      [{ ...periods, auditDays: 29 }, 'body/auditDays'],
      [{ ...periods, signInDetailsDays: 6 }, 'body/signInDetailsDays'],
      [{ ...periods, signInDetailsDays: 61 }, 'body/signInDetailsDays'],
      [{ ...periods, removedDays: 3651 }, 'body/removedDays'],
    ] as const) {
      const { status, body } = await call('PUT', wrong);
      expect([status, body.errors[0].pointer]).toEqual([400, pointer]);
    }
    expect((await call('GET')).body).toMatchObject({ ...periods, revision: 1 });
    await server.close();
  });
});

describe.each(engines)('what is kept no longer, on %s', (engine) => {
  const start = async () => open(engine === 'postgres' ? await createTestDatabase() : undefined);

  test('goes once a day: first the details of sign-ins, then the events, each told in the audit', async () => {
    const { server, acme, call } = await start();
    const token = await acme.createToken();
    await enrolled(server, token.text, 'j.doe');
    await call('PUT', { auditDays: 60, signInDetailsDays: 30, removedDays: 400 });
    const events = (await acme.audit()).length;
    await server.applyRetention();
    expect(await acme.audit()).toHaveLength(events);

    server.wait(31 * DAY);
    await server.applyRetention();
    const reduced = await acme.audit();
    const told = reduced.at(-1);
    expect(told).toMatchObject({
      action: 'retention.applied',
      actor: 'system',
      details: { removedEvents: 0, reducedEvents: events },
    });
    const of = (action: string) => reduced.find((each) => each.action === action);
    expect(of('sign_in.accepted')).toMatchObject({ remoteAddress: '', details: { session: expect.stringMatching(/^ses_/) } });
    expect(JSON.stringify(reduced)).not.toContain('j.doe');
    expect(JSON.stringify(reduced)).not.toContain('host-of');
    // What somebody did on purpose stays theirs.
    expect(of('retention.changed')).toMatchObject({ actor: expect.stringMatching(/^api-key:/), remoteAddress: '' });

    server.wait(30 * DAY);
    await server.applyRetention();
    const left = await acme.audit();
    expect(left.map(({ action }) => action)).toEqual(['retention.applied', 'retention.applied']);
    expect(left[1]?.details).toMatchObject({
      removedEvents: events,
      eventsBefore: new Date(server.now() - 60 * DAY).toISOString(),
    });
    await server.applyRetention();
    expect(await acme.audit()).toHaveLength(2);
    expect((await call('GET')).body.sweptAt).toBe(new Date(server.now()).toISOString());
    await server.close();
  });

  test('more than one batch goes, and of several that begin together one does it', async () => {
    const { server, acme } = await start();
    await acme.storage.transaction(async (store) => {
      for (let n = 0; n < 450; n++) {
        await store.appendAuditEvent({
          actor: `device:dev_${n}`,
          action: 'sign_in.refused',
          outcome: 'refused',
          reason: '',
          subject: `device:dev_${n}`,
          remoteAddress: '192.0.2.1',
          correlationId: `cor_${n}`,
          details: { userName: `u${n}@acme.com` },
        });
      }
    });
    server.wait(91 * DAY);
    await Promise.all([server.applyRetention(), server.applyRetention()]);
    expect((await acme.audit()).filter(({ remoteAddress }) => remoteAddress !== '')).toEqual([]);
    server.wait(310 * DAY);
    await Promise.all([server.applyRetention(), server.applyRetention(), server.applyRetention()]);
    const left = (await acme.audit()).filter(({ action }) => action === 'retention.applied');
    expect(left.map(({ details }) => [details.removedEvents, details.reducedEvents])).toEqual([
      [0, 450],
      [450, 0],
    ]);
    await server.close();
  });

  test('removed devices and deleted users go, but nobody whose device could bring the account back', async () => {
    const { server, acme } = await start();
    const token = await acme.createToken();
    const [gone, kept, live] = await Promise.all(['gone', 'kept', 'live'].map((login) => enrolled(server, token.text, login)));
    const user = async (login: string) => (await acme.storage.read.findUserByName(`${login}@acme.com`))?.id ?? '';
    const [goneId, keptId, liveId] = [await user('gone'), await user('kept'), await user('live')];
    for (const id of [goneId, keptId]) await acme.changeUser(id, 'active', 'deleted');
    await acme.changeDevice(gone ?? '', 'remove_now');
    server.wait(401 * DAY);
    await server.applyRetention();
    const { read } = acme.storage;
    const states = async (...ids: readonly (string | undefined)[]): Promise<readonly (Device['state'] | undefined)[]> =>
      Promise.all(ids.map(async (id) => (await read.findDevice(id ?? ''))?.state));
    expect(await states(gone, kept, live)).toEqual([undefined, 'registered', 'registered']);
    expect(await read.findUser(goneId)).toBeUndefined();
    expect(await read.findUser(keptId)).toMatchObject({ state: 'deleted' });
    expect(await read.findUser(liveId)).toMatchObject({ state: 'active' });
    expect((await acme.audit()).at(-1)).toMatchObject({
      action: 'retention.applied',
      details: { removedDevices: 1, removedUsers: 1 },
    });
    await server.close();
  });
});
