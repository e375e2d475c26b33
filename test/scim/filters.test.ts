import { evaluateFilter, parseFilter, type Resource, resolveFilter, userType } from '@latchkey/scim';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, engines } from '../../apps/server/src/storage/test-engines.ts';
import { openScim, type ScimEndpoint } from '../kit/scim.ts';
import { createTestServer, type TestServer } from '../kit/server.ts';

/** LATCHKEY_SCIM_FILTERS=10000 for more. */
const cases = Number(process.env.LATCHKEY_SCIM_FILTERS ?? 300);

// Few words, in several cases and scripts: filters shall often match, and often nearly.
const words = ['ann', 'Ann', 'ANNA', 'Zoë', 'zoË', 'ΟΔΟΣ', 'οδος', 'b%_', 'x"y', "O'Hara", '日本', 'a\\b', 'z'];
const word = fc.constantFrom(...words);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const anyUser = fc.record({
  login: fc.constantFrom('ann', 'Anna', 'bob', 'zoë', 'ΟΔΟΣ', 'z'),
  displayName: optional(word),
  title: optional(word),
  externalId: optional(word),
  active: fc.boolean(),
  familyName: optional(word),
  department: optional(fc.constantFrom('Sales', 'sales', 'Tour')),
  emails: fc.array(
    fc.record({ value: fc.constantFrom('a@x.com', 'A@X.com', 'b@y.org'), type: optional(fc.constantFrom('work', 'home')) }),
    { maxLength: 2 },
  ),
});

const quote = (text: string): string => JSON.stringify(text);
const leafOf = (ids: readonly string[], moments: readonly string[]): fc.Arbitrary<string> => {
  const operator = fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le');
  const text = (name: string, value: fc.Arbitrary<string>) =>
    fc.tuple(operator, value).map(([op, literal]) => `${name} ${op} ${quote(literal)}`);
  return fc.oneof(
    text('userName', fc.constantFrom('ann1@acme.com', 'ANN', 'ann', 'a', 'ΟΔΟΣ', 'οδοσ', '@acme.com', 'z')),
    text('displayName', word),
    text('title', word),
    text('externalId', word),
    text('name.familyName', word),
    text(`${enterprise}:department`, fc.constantFrom('Sales', 'SALES')),
    text('emails.value', fc.constantFrom('a@x.com', 'A@x.COM', '@x', 'b@y.org')),
    text('id', fc.constantFrom('none', ...ids)),
    fc
      .tuple(fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le'), fc.constantFrom(...moments))
      .map(([op, at]) => `meta.lastModified ${op} ${quote(at)}`),
    fc.constantFrom('active eq true', 'active eq false', 'active ne true', 'title pr', 'emails pr', 'userName pr', 'id pr'),
    fc.constantFrom('title eq null', 'emails[type eq "work"]', 'emails[type eq "work" and value eq "a@x.com"]'),
    fc.constantFrom('emails[value eq "A@x.com"]', 'emails[not (type eq "home")]', 'meta.resourceType eq "User"'),
  );
};
const filterOf = (leaf: fc.Arbitrary<string>) =>
  fc.letrec<{ filter: string }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.tuple(tie('filter'), fc.constantFrom('and', 'or'), tie('filter')).map(([a, op, b]) => `(${a}) ${op} (${b})`),
      tie('filter').map((a) => `not (${a})`),
    ),
  })).filter;

describe.each(engines)('filters (%s)', (engine) => {
  let server: TestServer;
  let scim: ScimEndpoint;
  let resources: readonly Resource[];

  beforeAll(async () => {
    server = await createTestServer(engine === 'sqlite' ? {} : { databaseUrl: await createTestDatabase() });
    scim = await openScim(server, await server.createOrganization('acme.com'), { maxPageSize: 1000 });
    for (const [index, user] of fc.sample(anyUser, { numRuns: 120, seed: 5 }).entries()) {
      server.wait(1000);
      const { login, familyName, department, emails, ...rest } = user;
      await scim.make('Users', {
        ...scim.user(`${login}${index}@acme.com`, rest),
        ...(familyName === undefined ? {} : { name: { familyName } }),
        ...(department === undefined ? {} : { [enterprise]: { department } }),
        emails,
      });
    }
    // By the index of user names, without a filter: all that there is.
    resources = (await scim.call('GET', '/Users?count=1000')).body.Resources;
  });
  afterAll(() => server.close());

  test('the database and the evaluator of the core agree', { timeout: 600_000 }, async () => {
    expect(resources).toHaveLength(120);
    const metas = resources.map(({ meta }) => meta as { readonly lastModified: string });
    const moments = [metas[3], metas[60], metas[119]].map((meta) => meta?.lastModified ?? '');
    const leaf = leafOf(
      resources.slice(0, 3).map(({ id }) => String(id)),
      [...moments, '2026-11-22T11:00:30.5+01:00', '1999-01-01T00:00:00Z'],
    );
    let matched = 0;
    await fc.assert(
      fc.asyncProperty(filterOf(leaf), async (text) => {
        const filter = resolveFilter(parseFilter(text), userType);
        const expected = resources.filter((resource) => evaluateFilter(filter, resource)).map(({ id }) => id);
        const { status, body } = await scim.call('GET', `/Users?count=1000&filter=${encodeURIComponent(text)}`);
        expect([text, status]).toEqual([text, 200]);
        const found = body.Resources.map(({ id }: Resource) => id);
        expect(found.toSorted()).toEqual(expected.toSorted());
        expect(body.totalResults).toBe(expected.length);
        matched += Number(expected.length > 0 && expected.length < resources.length);
      }),
      { numRuns: cases },
    );
    // Most of them tell resources apart.
    expect(matched).toBeGreaterThan(cases / 4);
  });

  test('pages by number and by cursor are the list, in parts', async () => {
    for (const filter of ['', 'active eq true', 'title pr', 'meta.lastModified gt "2026-11-22T10:00:30Z"']) {
      const query = filter === '' ? '' : `&filter=${encodeURIComponent(filter)}`;
      const whole = (await scim.call('GET', `/Users?count=1000${query}`)).body;
      const byNumber: string[] = [];
      for (let start = 1; start <= whole.totalResults; start += 17) {
        const { body } = await scim.call('GET', `/Users?count=17&startIndex=${start}${query}`);
        expect(body.totalResults).toBe(whole.totalResults);
        byNumber.push(...body.Resources.map(({ id }: { id: string }) => id));
      }
      const byCursor: string[] = [];
      for (let cursor: string | undefined = ''; cursor !== undefined; ) {
        const { body }: { body: { Resources: { id: string }[]; nextCursor?: string } } = await scim.call(
          'GET',
          `/Users?count=17&cursor=${cursor}${query}`,
        );
        byCursor.push(...body.Resources.map(({ id }) => id));
        cursor = body.nextCursor;
      }
      const ids = whole.Resources.map(({ id }: { id: string }) => id);
      expect(byNumber).toEqual(ids);
      expect(byCursor).toEqual(ids);
    }
    const other = (await scim.call('GET', '/Users?count=17&cursor=')).body.nextCursor;
    const mixed = await scim.call('GET', `/Users?count=17&cursor=${other}&filter=${encodeURIComponent('title pr')}`);
    expect([mixed.status, mixed.body.scimType]).toEqual([400, 'invalidCursor']);
  });
});
