import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BulkPlan, type BulkStep, bulkResponse, planBulk, resolveBulkIds } from './bulk.ts';
import { ScimError } from './errors.ts';
import { messageUrns } from './names.ts';
import { groupType, userType } from './resource-types.ts';

const options = { types: [userType, groupType], maxOperations: 1000 };
const plan = (operations: readonly unknown[], more: object = {}): BulkPlan =>
  planBulk({ schemas: [messageUrns.bulkRequest], ...more, Operations: operations }, options);

const user = (bulkId: string, data: object = { userName: bulkId }): object => ({ method: 'POST', path: '/Users', bulkId, data });
const group = (bulkId: string, ...members: readonly string[]): object => ({
  method: 'POST',
  path: '/Groups',
  bulkId,
  data: { displayName: bulkId, members: members.map((id) => ({ type: 'User', value: `bulkId:${id}` })) },
});

const name = (step: BulkStep): string =>
  step.kind === 'refuse' ? `refuse ${step.index}` : `${step.kind} ${step.operation.bulkId ?? step.operation.index}`;
const order = (operations: readonly unknown[]): readonly string[] => plan(operations).steps.map(name);

/** Runs a plan as a server that always succeeds: what each step sends. */
const run = ({ steps }: BulkPlan): readonly unknown[] => {
  const ids = new Map<string, string>();
  return steps.map((step) => {
    if (step.kind === 'refuse') return step.error.code;
    const { id, data } = resolveBulkIds(step, ids);
    const { bulkId } = step.operation;
    if (step.kind === 'run' && bulkId !== undefined) ids.set(bulkId, `id-${bulkId}`);
    return id === undefined ? data : { id, data };
  });
};

const refusal = (run: () => unknown): ScimError => {
  try {
    run();
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
  throw new Error('It was planned.');
};

describe('the order of bulk operations (RFC 7644 §3.7)', () => {
  it('is that of the request', () => {
    expect(
      order([user('a'), { method: 'DELETE', path: '/Users/7' }, user('b'), { method: 'put', path: '/Groups/8', data: {} }]),
    ).toEqual(['run a', 'run 1', 'run b', 'run 3']);
  });

  it('puts first what is referred to', () => {
    expect(order([group('g', 'u1', 'u2'), user('u1'), user('x'), user('u2')])).toEqual(['run u1', 'run u2', 'run g', 'run x']);
    expect(run(plan([group('g', 'u'), user('u')]))[1]).toEqual({
      displayName: 'g',
      members: [{ type: 'User', value: 'id-u' }],
    });
  });

  it('closes a circle by completing one of it (RFC 7644 §3.7.1)', () => {
    const operations = [group('a', 'b'), group('b', 'c'), group('c', 'a')];
    expect(order(operations)).toEqual(['run c', 'run b', 'run a', 'complete c']);
    expect(run(plan(operations))).toEqual([
      { displayName: 'c', members: [] },
      { displayName: 'b', members: [{ type: 'User', value: 'id-c' }] },
      { displayName: 'a', members: [{ type: 'User', value: 'id-b' }] },
      { displayName: 'c', members: [{ type: 'User', value: 'id-a' }] },
    ]);
    expect(order([group('self', 'self')])).toEqual(['run self', 'complete self']);
  });

  it('is such that every reference is known, whatever the references, and each operation is run once', () => {
    const id = fc.nat({ max: 7 });
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(id, { maxLength: 3 }), { minLength: 8, maxLength: 8 }), (references) => {
        const { steps } = plan(references.map((targets, i) => group(`${i}`, ...targets.map(String))));
        const known = new Set<string>();
        const complete = new Set<number>();
        for (const step of steps) {
          if (step.kind === 'refuse') throw step.error;
          const { index } = step.operation;
          const needed = (references[index] ?? []).map(String).filter((target) => !step.leaveOut.has(target));
          if (step.kind === 'run') {
            expect(needed.filter((target) => !known.has(target))).toEqual([]);
            expect(known.has(`${index}`)).toBe(false);
            known.add(`${index}`);
          } else {
            expect(needed.every((target) => known.has(target))).toBe(true);
            expect(known.has(`${index}`)).toBe(true);
          }
          if (step.leaveOut.size === 0) complete.add(index);
        }
        expect(complete.size).toBe(references.length);
      }),
    );
  });
});

describe('references (RFC 7644 §3.7.2)', () => {
  it('stand in paths, managers, members and PATCH operations; texts elsewhere are texts', () => {
    const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
    const operations = [
      user('m', { userName: 'bulkId:m', [enterprise]: {} }),
      user('u', { userName: 'u', [enterprise]: { manager: { value: 'bulkId:m', $ref: '../Users/bulkId:m' } } }),
      {
        method: 'PATCH',
        path: '/Users/bulkId:u',
        data: {
          Operations: [
            { op: 'replace', path: 'manager', value: 'bulkId:m' },
            { op: 'remove', path: 'members[value eq "bulkId:m"]' },
          ],
        },
      },
      { method: 'DELETE', path: '/Users/bulkId:m', version: 'W/"1"' },
    ];
    expect(run(plan(operations))).toEqual([
      { userName: 'bulkId:m', [enterprise]: {} },
      { userName: 'u', [enterprise]: { manager: { value: 'id-m' } } },
      {
        id: 'id-u',
        data: {
          Operations: [
            { op: 'replace', path: 'manager', value: 'id-m' },
            { op: 'remove', path: 'members[value eq "id-m"]' },
          ],
        },
      },
      { id: 'id-m', data: undefined },
    ]);
    expect(plan(operations).steps[3]).toMatchObject({ operation: { version: 'W/"1"', method: 'DELETE' } });
  });

  it('aside, the data is as it came', () => {
    const data = { userName: 'u', title: [['x'], null, []], nested: { value: null } };
    expect(run(plan([user('u', data)]))).toEqual([data]);
  });

  it('to an operation that failed, or to none, are a conflict', () => {
    const [, step] = plan([user('u'), group('g', 'u')]).steps;
    if (step === undefined || step.kind === 'refuse') throw new Error('It was refused.');
    expect(refusal(() => resolveBulkIds(step, new Map())).code).toBe('conflict');
    expect(plan([group('g', 'nobody')]).steps).toMatchObject([{ kind: 'refuse', error: { status: 409 } }]);
  });
});

describe('an operation is refused alone', () => {
  it.each([
    [{ method: 'POST', path: '/Users', data: {} }, 'invalidSyntax', 'needs a "bulkId"'],
    [{ method: 'FROB', path: '/Users/x' }, 'invalidSyntax', '"method" is'],
    [{ path: '/Users/x' }, 'invalidSyntax', '"method" is'],
    [{ method: 'DELETE', path: '/Nope/1' }, 'notFound', 'There is no resource at /Nope/1'],
    [{ method: 'DELETE', path: '/Users/1/2' }, 'notFound', 'There is no resource'],
    [{ method: 'DELETE', path: '/Users' }, 'invalidPath', 'needs the id'],
    [{ method: 'DELETE', path: '/Users/%ff' }, 'invalidPath', 'not well encoded'],
    [{ method: 'DELETE' }, 'invalidPath', '"path" is a text'],
    [{ method: 'POST', path: '/Users/1', bulkId: 'a', data: {} }, 'invalidPath', 'without an id'],
    [{ method: 'PUT', path: '/Users/1' }, 'invalidSyntax', 'needs "data"'],
    [{ method: 'PATCH', path: '/Users/1', data: [] }, 'invalidSyntax', 'needs "data"'],
    [{ method: 'POST', path: '/Users', bulkId: 'x', data: {} }, 'invalidValue', 'given twice'],
    ['x', 'invalidSyntax', 'is an object'],
    [JSON.parse('{"method":"DELETE","path":"/Users/1","__proto__":{}}'), 'invalidSyntax', 'a name nothing may have'],
  ])('%j: %s', (operation, code, detail) => {
    const { steps } = plan([user('x'), operation, user('y')]);
    expect(steps.map(name)).toEqual(['run x', 'refuse 1', 'run y']);
    const [, step] = steps;
    expect(step).toMatchObject({ error: { code } });
    expect(step?.kind === 'refuse' ? step.error.detail : '').toContain(detail);
  });
});

describe('a bulk request is refused whole', () => {
  it.each([
    [undefined, 'invalidSyntax'],
    [{ Operations: [] }, 'invalidSyntax'],
    [{ schemas: [messageUrns.bulkRequest] }, 'invalidSyntax'],
    [{ schemas: [messageUrns.bulkRequest], Operations: [], failOnErrors: 0 }, 'invalidValue'],
    [{ schemas: [messageUrns.bulkRequest], Operations: [], failOnErrors: '1' }, 'invalidValue'],
    [{ schemas: [messageUrns.bulkRequest], Operations: Array.from({ length: 1001 }, () => 0) }, 'payloadTooLarge'],
  ])('%#: %s', (json, code) => {
    expect(refusal(() => planBulk(json, options)).code).toBe(code);
  });

  it('not for failing later than it may: that is told', () => {
    expect(plan([], { failOnErrors: 3 }).failOnErrors).toBe(3);
    expect(plan([]).failOnErrors).toBeUndefined();
  });
});

describe('attacks', () => {
  it('a chain as long as the request is no deep recursion', () => {
    const operations = Array.from({ length: 20_000 }, (_, i) => group(`${i}`, `${i + 1}`));
    const { steps } = planBulk(
      { schemas: [messageUrns.bulkRequest], Operations: [...operations, user('20000')] },
      { ...options, maxOperations: 50_000 },
    );
    expect(steps).toHaveLength(20_001);
    expect(name(steps[0] as BulkStep)).toBe('run 20000');
  });

  it('depth bomb: what is too deep to be a value is no reference', () => {
    const deep = JSON.parse(`${'{"value":'.repeat(3000)}"bulkId:nobody"${'}'.repeat(3000)}`);
    expect(order([user('u', deep)])).toEqual(['run u']);
  });
});

it('BulkResponse: the status is a text (RFC 7644 §3.7.3)', () => {
  expect(
    bulkResponse([
      { method: 'POST', bulkId: 'a', location: 'https://example.com/v2/Users/1', version: 'W/"1"', status: 201 },
      { method: 'DELETE', bulkId: undefined, location: 'https://example.com/v2/Users/2', status: 204 },
    ]),
  ).toEqual({
    schemas: [messageUrns.bulkResponse],
    Operations: [
      { method: 'POST', bulkId: 'a', location: 'https://example.com/v2/Users/1', version: 'W/"1"', status: '201' },
      { method: 'DELETE', location: 'https://example.com/v2/Users/2', status: '204' },
    ],
  });
});
