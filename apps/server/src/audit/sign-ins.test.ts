import type { SignInStoryView, SignInView } from '@latchkey/contract';
import { deviceErrorRemedies, deviceErrorTexts } from '@latchkey/device';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

let server: TestServer;
let acme: Awaited<ReturnType<TestServer['createOrganization']>>;
let key: string;
let count = 0;

beforeAll(async () => {
  server = await createTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  count += 1;
  acme = await server.createOrganization(`ins${count}.example`);
  key = await acme.createApiKey();
});

const ask = async <Body>(path: string): Promise<Body> => {
  const url = `/api/v1/organizations/${acme.id}${path}`;
  const answer = await server.app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${key}` } });
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return answer.json() as Body; // as the contract has it
};
const list = async (query = '') => (await ask<{ items: readonly SignInView[]; next: string | null }>(`/sign-ins${query}`)).items;
const name = (login: string): string => `${login}@${acme.domain}`;
const enrolled = async (login: string) => {
  const device = server.createDevice({ parameters: { hostName: `${login}-laptop` } });
  const answer = await device.enroll((await acme.createToken()).text, name(login));
  if (answer.kind === 'refused') throw new Error(answer.code);
  server.wait(1);
  return device;
};

describe('sign-ins', () => {
  test('are listed newest first with user, device and result; what our own service provider was asserted is not told twice', async () => {
    const device = await enrolled('jane');
    await device.signIn();
    const items = await list();
    expect(items.map(({ kind, result }) => `${kind} ${result}`)).toEqual(['sign_in accepted', 'enrollment accepted']);
    expect(items[0]).toMatchObject({
      userName: name('jane'),
      userId: expect.stringMatching(/^usr_/),
      deviceId: device.state.deviceId,
      hostName: 'jane-laptop',
      idp: 'device',
      target: null,
      explanation: null,
    });
  });

  test('one that was refused is found by the id on the screen of the device, with what it means and what to do', async () => {
    const device = await enrolled('jane');
    await acme.changeDevice(device.state.deviceId, 'quarantine');
    const answer = await device.signIn();
    if (answer.kind !== 'refused') throw new Error('it is in quarantine');
    const items = await list(`?correlationId=${answer.correlationId}`);
    expect(items).toMatchObject([
      {
        kind: 'sign_in',
        result: 'refused',
        reason: 'device_quarantined',
        explanation: { sentence: deviceErrorTexts.device_quarantined, remedy: deviceErrorRemedies.device_quarantined },
        userName: name('jane'),
        target: null,
        correlationId: answer.correlationId,
      },
    ]);
    expect(await list('?result=refused')).toEqual(items);
    expect(await list('?correlationId=cor_none')).toEqual([]);
  });

  test('an enrollment that was refused is found, and so is whatever else a device shows the id of', async () => {
    const token = await acme.createToken();
    await acme.revokeToken(token.id);
    const refused = await server.createDevice().enroll(token.text, name('jane'));
    if (refused.kind !== 'refused') throw new Error('the token is revoked');
    expect(await list(`?correlationId=${refused.correlationId}`)).toMatchObject([
      { kind: 'enrollment', result: 'refused', reason: 'token_revoked', deviceId: null },
    ]);
    const device = await enrolled('john');
    await device.signIn();
    const noToken = await device.accessToken('https://nowhere.example');
    if (noToken.kind !== 'refused') throw new Error('there is no such application');
    expect(await list(`?correlationId=${noToken.correlationId}`)).toMatchObject([
      { kind: 'access', result: 'refused', reason: 'application_unknown', userName: name('john') },
    ]);
  });

  test('an opened one tells the whole story, though it was asked for and delivered at two addresses', async () => {
    const device = await enrolled('jane');
    await device.signIn();
    await device.signIn();
    const [last] = await list('?kind=sign_in');
    const story = await ask<SignInStoryView>(`/sign-ins/${last?.id}`);
    expect(story.events.map(({ action }) => action)).toEqual(['sign_in.asserted', 'sign_in.accepted']);
    expect(new Set(story.events.map(({ details }) => details.request)).size).toBe(1);
    const first = (await list('?kind=sign_in')).at(-1);
    const { events } = await ask<SignInStoryView>(`/sign-ins/${first?.id}`);
    expect(events.map(({ action }) => action)).toEqual(['sign_in.asserted', 'user.created', 'sign_in.accepted']);
  });

  test('are filtered by kind, device and time, and paged to the end without a gap', async () => {
    const [jane, john] = [await enrolled('jane'), await enrolled('john')];
    const noon = new Date(server.now()).toISOString();
    for (const device of [jane, john, jane, john, jane]) {
      await device.signIn();
      server.wait(1000);
    }
    expect(await list('?kind=enrollment')).toHaveLength(2);
    expect(await list(`?device=${john.state.deviceId}`)).toHaveLength(3);
    expect(await list(`?until=${noon}`)).toHaveLength(2);
    expect(await list(`?from=${noon}`)).toHaveLength(5);
    const whole = await list();
    const paged: SignInView[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { items: SignInView[]; next: string | null } = await ask(`/sign-ins?limit=2${cursor && `&cursor=${cursor}`}`);
      paged.push(...page.items);
      cursor = page.next;
    }
    expect(paged).toEqual(whole);
    expect(whole).toHaveLength(7);
  });

  test('an id that is none of an event, or of another organization, is not found', async () => {
    const device = await enrolled('jane');
    await device.signIn();
    const [last] = await list();
    acme = await server.createOrganization(`other${count}.example`);
    key = await acme.createApiKey();
    await expect(ask(`/sign-ins/${last?.id}`)).rejects.toThrow('event_unknown');
    await expect(ask('/sign-ins/guessed')).rejects.toThrow('event_unknown');
  });
});

describe('the audit as CSV', () => {
  test('formula injection: what a device says of itself is carried out by no spreadsheet', async () => {
    const device = server.createDevice({ parameters: { hostName: '=HYPERLINK("https://evil.example")' } });
    await device.enroll((await acme.createToken()).text, name('jane'));
    const url = `/api/v1/organizations/${acme.id}/audit/export?format=csv&action=device.enrolled`;
    const answer = await server.app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${key}` } });
    expect(answer.headers['content-type']).toMatch(/^text\/csv/);
    expect(answer.headers['content-disposition']).toContain('audit.csv');
    const [head, line, ...more] = answer.body.split('\r\n');
    expect(head).toBe('at,actor,action,outcome,reason,subject,remoteAddress,correlationId,id,details');
    expect(line).toContain(`,device:${device.state.deviceId},device.enrolled,success,,`);
    expect(line).not.toMatch(/(^|,)"?[=+\-@]/);
    expect(more).toEqual(['']);
  });
});
