import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBrowser, joinAsAdministrator } from '../../../../test/kit/console.ts';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';
import { timeOfId } from '../ids.ts';
import type { AuditCut, AuditEvent } from './store.ts';
import { sharedReads, streamEvents } from './stream-events.ts';

/** Events as they are in the store, and streams over them that are told when to look again. */
const open = (options: { lastEventId?: string; mayRead?: (area: string) => boolean } = {}) => {
  const events: AuditEvent[] = [];
  let reads = 0;
  let looksAgain = async (): Promise<boolean> => true;
  const append = (id: string, action: string): void => {
    events.push({
      id,
      at: 0,
      actor: 'system',
      action,
      outcome: 'success',
      reason: '',
      subject: 'device:dev_1',
      remoteAddress: '',
      correlationId: '',
      details: {},
    });
    events.sort((a, b) => (a.id < b.id ? -1 : 1));
  };
  const list = async ({ order, after = '', limit }: AuditCut) => {
    reads += 1;
    const found = events.filter(({ id }) => id > after);
    return (order === 'newest' ? found.reverse() : found).slice(0, limit);
  };
  const shared = sharedReads({ list: () => list, wait: () => looksAgain(), now: () => timeOfId(events.at(-1)?.id ?? '') });
  const listen = () =>
    streamEvents({
      lately: () => shared('org_1'),
      list,
      mayRead: options.mayRead ?? (() => true),
      wait: async () => true,
      lastEventId: options.lastEventId,
    });
  const stream = listen();
  const next = async (of = stream): Promise<string> => String((await of.next()).value);
  return {
    append,
    next,
    stream,
    listen,
    reads: () => reads,
    /** What was read is shared until the function that this returns is called. */
    share: (): (() => void) => {
      let end = (): void => undefined;
      const over = new Promise<boolean>((resolve) => {
        end = () => resolve(true);
      });
      looksAgain = () => over;
      return () => {
        looksAgain = async () => true;
        end();
      };
    },
  };
};

/** An id made at a time, the `sequence`th of that moment. */
const idAt = (time: number, sequence = 0): string =>
  `evt_${time.toString(16).padStart(12, '0')}${sequence.toString(16).padStart(20, '0')}`;

describe('the stream of events', () => {
  test('tells of what comes after it was opened', async () => {
    const { append, next } = open();
    append(idAt(10_000), 'device.enrolled');
    expect(await next()).toBe('retry: 1000\n\n');
    const waiting = next();
    append(idAt(10_001), 'device.removed');
    expect(await waiting).toBe(`id: ${idAt(10_001)}\ndata: {"type":"device","id":"dev_1","action":"device.removed"}\n\n`);
  });

  test('does not miss what another node has begun before and committed after', async () => {
    const { append, next } = open();
    append(idAt(10_000), 'device.enrolled');
    await next();
    const waiting = next();
    append(idAt(12_000), 'device.removed');
    expect(await waiting).toContain(idAt(12_000));
    const late = next();
    append(idAt(11_000), 'settings.saved');
    expect(await late).toContain(idAt(11_000));
  });

  test('leaves out what the caller may not see', async () => {
    const { append, next } = open({ mayRead: (area) => area === 'settings' });
    await next();
    const waiting = next();
    append(idAt(10_000), 'device.removed');
    append(idAt(10_000, 1), 'settings.saved');
    append(idAt(10_000, 2), 'sign_in.accepted');
    const text = await waiting;
    expect(text).toContain('settings.saved');
    expect(text.match(/data:/g)).toHaveLength(1);
  });

  test('goes on after the last that was heard', async () => {
    const { append, next } = open({ lastEventId: idAt(20_000) });
    append(idAt(1_000), 'device.enrolled');
    append(idAt(20_000), 'device.approved');
    append(idAt(21_000), 'device.removed');
    await next();
    const text = await next();
    expect(text).toContain('device.removed');
    expect(text).not.toContain('device.enrolled');
  });

  test('asks a browser that was away long to ask everything anew', async () => {
    const { append, next } = open({ lastEventId: idAt(1_000) });
    append(idAt(9_000_000), 'device.removed');
    await next();
    expect(await next()).toContain('"type":"reset"');
  });

  test('asks once for all who listen to an organization', async () => {
    const { append, next, stream, listen, reads, share } = open();
    const others = [listen(), listen()];
    const all = [stream, ...others];
    append(idAt(10_000), 'device.enrolled');
    const goOn = share();
    for (const each of all) expect(await next(each)).toContain('retry');
    expect(reads()).toBe(2); // the newest, and what was before it
    const waiting = Promise.all(all.map((each) => next(each)));
    append(idAt(10_001), 'device.removed');
    goOn();
    for (const text of await waiting) expect(text).toContain(idAt(10_001));
  });

  test('tells one that has slept what it has slept through, though the others have heard it long ago', async () => {
    const { append, next, listen } = open();
    const sleeper = listen();
    append(idAt(10_000), 'device.enrolled');
    await next();
    await next(sleeper);
    for (const time of [11_000, 20_000, 40_000, 60_000]) {
      const waiting = next();
      append(idAt(time), 'device.removed');
      expect(await waiting).toContain(idAt(time));
    }
    const text = await next(sleeper);
    for (const time of [11_000, 20_000, 40_000, 60_000]) expect(text).toContain(idAt(time));
  });

  test('says now and then that it is there, and ends after a minute', async () => {
    const { stream } = open();
    const all = [];
    for await (const text of stream) all.push(text);
    expect(all).toEqual(['retry: 1000\n\n', ...Array.from({ length: 4 }, () => ': nothing new\n\n')]);
  });
});

describe('GET /organizations/{organization}/events', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await createTestServer();
  });
  afterEach(() => server.close());

  test('tells a signed-in administrator, and ends when the server does', async () => {
    const acme = await server.createOrganization('acme.com');
    const ada = await joinAsAdministrator(server, { organizationId: acme.id, roleId: 'full', userName: 'ada@acme.com' });
    const url = new URL(await server.app.listen({ host: '127.0.0.1', port: 0 }));
    const answer = await fetch(new URL(`/api/v1/organizations/${acme.id}/events`, url), {
      headers: { cookie: ada.cookie() ?? '' },
    });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    const reader = (answer.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toContain('retry');
    await ada.post(`/organizations/${acme.id}/users`, { userName: 'x@acme.com' });
    expect((await reader.read()).value).toContain('"action":"user.created"');
    const closed = server.app.close();
    while (!(await reader.read()).done);
    await closed;
  });

  test('lets nobody else listen', async () => {
    const acme = await server.createOrganization('acme.com');
    const other = await server.createOrganization('other.com');
    const path = `/organizations/${acme.id}/events`;
    expect((await createBrowser(server).get(path)).status).toBe(401);
    const authorization = `Bearer ${await other.createApiKey()}`;
    expect((await createBrowser(server).get(path, { authorization })).body.code).toBe('organization_unknown');
  });

  test('a page that only listens does not keep its session from falling idle', async () => {
    const acme = await server.createOrganization('acme.com');
    const ada = await joinAsAdministrator(server, { organizationId: acme.id, roleId: 'full', userName: 'ada@acme.com' });
    const url = `/api/v1/organizations/${acme.id}/events`;
    const listen = async (): Promise<number> => {
      const answer = await server.app.inject({ url, headers: { cookie: ada.cookie() ?? '' }, payloadAsStream: true });
      answer.stream().destroy();
      return answer.statusCode;
    };
    server.wait(29 * 60_000);
    expect(await listen()).toBe(200);
    server.wait(60_000);
    expect(await listen()).toBe(401);
  });
});
