import { createPrivateKey, type JsonWebKey } from 'node:crypto';
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { moveData } from '../../apps/server/src/app.ts';
import { loadConfig } from '../../apps/server/src/config.ts';
import { openMasterKey } from '../../apps/server/src/keys/master-key.ts';
import { migrations } from '../../apps/server/src/storage/migrate.ts';
import { createTestDatabase, engines } from '../../apps/server/src/storage/test-engines.ts';
import { createDeviceKey, type SimulatedDevice } from '../kit/device.ts';
import { createTestServer, type TestServer } from '../kit/server.ts';

/**
 * test/fixtures/latchkey-0.1.0: the data folder that 0.1.0 left behind, and in facts.json what its people and machines hold. It was made
 * by that version: an organization, a device token, a device that had signed in, a user, an application and a draft.
 */
const fixture = fileURLToPath(new URL('../fixtures/latchkey-0.1.0/', import.meta.url));

interface Facts {
  readonly origin: string;
  readonly operatorKey: string;
  readonly organization: string;
  readonly organizationKey: string;
  readonly deviceToken: string;
  readonly device: { readonly privateKey: JsonWebKey; readonly state: SimulatedDevice['state'] };
  readonly session: string;
  readonly at: string;
}

const facts = JSON.parse(readFileSync(join(fixture, 'facts.json'), 'utf8')) as Facts; // as it was written
const dataFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-upgrade-'));
  cpSync(fixture, folder, { recursive: true });
  chmodSync(join(folder, 'master.key'), 0o600); // git keeps no such mode
  return folder;
};

const move = (folder: string, file: string, url: string) =>
  moveData(loadConfig({ LATCHKEY_DATA: folder, LATCHKEY_DATABASE_URL: url }), file, () => undefined);

describe.each(engines)('a data folder of 0.1.0 (%s)', (engine) => {
  let server: TestServer;

  const get = async (key: string, path: string) => {
    const answer = await server.app.inject({ url: `/api/v1${path}`, headers: { authorization: `Bearer ${key}` } });
    expect(answer.statusCode).toBe(200);
    return answer.json();
  };
  const own = (path: string) => get(facts.organizationKey, `/organizations/${facts.organization}${path}`);

  beforeAll(async () => {
    const folder = dataFolder();
    const data = { folder, at: Date.parse(facts.at) + 3_600_000 };
    const databaseUrl = engine === 'sqlite' ? `sqlite:${join(folder, 'latchkey.db')}` : await createTestDatabase();
    if (engine === 'postgres') await move(folder, join(folder, 'latchkey.db'), databaseUrl);
    server = await createTestServer({ origin: facts.origin, data, databaseUrl });
  });
  afterAll(() => server.close());

  test('is brought up to date at the first start', async () => {
    expect(migrations[0]?.name).toBe('0001-initial');
    await server.storage.check();
  });

  test('the keys of operators and organizations go on', async () => {
    expect(await get(facts.operatorKey, '/whoami')).toMatchObject({ kind: 'operator' });
    expect(await get(facts.organizationKey, '/whoami')).toMatchObject({ organization: { name: 'acme.example' } });
  });

  test('users, devices, tokens, applications, settings, draft and audit are there', async () => {
    expect((await own('/users')).items.map((user: { userName: string }) => user.userName)).toEqual([
      'jane@acme.example',
      'john@acme.example',
    ]);
    expect((await own('/devices')).items).toMatchObject([{ id: facts.device.state.deviceId, state: 'registered', signIns: 1 }]);
    expect((await own('/device-tokens')).items).toMatchObject([{ state: 'live', enrollments: 1 }]);
    expect((await own('/applications')).items).toMatchObject([{ identifier: 'https://wiki.acme.example' }]);
    expect(await own('/settings/draft')).toMatchObject({
      document: { identityProviders: [{ name: 'Renamed in the draft' }] },
    });
    expect((await own('/settings/versions')).items).toMatchObject([{ version: 1 }]);
    expect((await own('/audit')).items.map((event: { action: string }) => event.action)).toContain('sign_in.accepted');
  });

  test('a device that 0.1.0 enrolled goes on: its session is good, and it signs in again', async () => {
    const device = server.createDevice({
      key: createDeviceKey(createPrivateKey({ key: facts.device.privateKey, format: 'jwk' })),
    });
    Object.assign(device.state, facts.device.state);
    expect(await device.accessToken('https://wiki.acme.example')).toMatchObject({ kind: 'answered' });
    expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
  });

  test('the device token that the fleet holds goes on', async () => {
    const device = server.createDevice({ parameters: { hostName: 'h2', machineId: 'm2' } });
    expect(await device.enroll(facts.deviceToken, 'john@acme.example')).toMatchObject({ kind: 'enrolled', status: 'registered' });
  });
});

describe.runIf(engines.includes('postgres'))('what may not be moved is refused, and not touched', () => {
  const contentOf = (folder: string) =>
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]);

  test('a file that is none, a folder, a text, the database of another program', async () => {
    const folder = dataFolder();
    writeFileSync(join(folder, 'text.db'), 'no database'.repeat(1000));
    const foreign = new DatabaseSync(join(folder, 'foreign.db'));
    foreign.exec('create table t (a)');
    foreign.close();
    const before = contentOf(folder);
    const url = await createTestDatabase();
    for (const [name, code] of [
      ['none.db', 'url_invalid'],
      ['', 'url_invalid'],
      ['text.db', 'database_foreign'],
      ['foreign.db', 'database_foreign'],
    ] as const) {
      await expect(move(folder, join(folder, name), url)).rejects.toMatchObject({ code });
    }
    expect(contentOf(folder)).toEqual(before);
    rmSync(folder, { recursive: true });
  });

  test('a file whose master key is another one', async () => {
    const folder = dataFolder();
    const elsewhere = mkdtempSync(join(tmpdir(), 'latchkey-upgrade-'));
    openMasterKey(join(elsewhere, 'master.key'), { mayCreate: true });
    const before = contentOf(folder);
    const file = join(folder, 'latchkey.db');
    await expect(move(elsewhere, file, await createTestDatabase())).rejects.toThrow(/is not the one of/);
    expect(contentOf(folder)).toEqual(before);
    for (const each of [folder, elsewhere]) rmSync(each, { recursive: true });
  });
});
