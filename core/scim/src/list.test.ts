import { describe, expect, it } from 'vitest';
import { ScimError } from './errors.ts';
import { defaultFilterLimits } from './filter/filter.ts';
import { printTarget } from './filter/print.ts';
import {
  compareBy,
  type ListQuery,
  listResponse,
  type QueryParameters,
  readListQuery,
  readResourceQuery,
  readSearchRequest,
} from './list.ts';
import { messageUrns, schemaUrns } from './names.ts';
import { wants } from './projection.ts';
import { groupType, userType } from './resource-types.ts';
import type { Resource } from './schema.ts';

const options = { dialect: 'standard', limits: { defaultCount: 50, maxCount: 200, filter: defaultFilterLimits } } as const;
const query = (parameters: QueryParameters): ListQuery => readListQuery(parameters, userType, options);
const search = (body: object): ListQuery =>
  readSearchRequest({ schemas: [messageUrns.searchRequest], ...body }, userType, options);

const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof ScimError) return error.code;
    throw error;
  }
  return 'none';
};

describe('a list query (RFC 7644 §3.4.2)', () => {
  it('has defaults', () => {
    expect(query({})).toMatchObject({
      filter: undefined,
      sortBy: undefined,
      sortOrder: 'ascending',
      startIndex: 1,
      count: 50,
      cursor: undefined,
    });
  });

  it.each([
    [
      { startIndex: '0', count: '-1' },
      { startIndex: 1, count: 0 },
    ],
    [
      { startIndex: '-5', count: '2147483647' },
      { startIndex: 1, count: 200 },
    ],
    [
      { STARTINDEX: '7', Count: '0' },
      { startIndex: 7, count: 0 },
    ],
    [{ startIndex: ['3'], aadOptscim062020: '', unknown: ['a', 'b'] }, { startIndex: 3 }],
    [
      { filter: ' ', sortBy: '', count: '' },
      { filter: undefined, sortBy: undefined, count: 50 },
    ],
    [{ sortBy: 'userName', sortOrder: 'Descending' }, { sortOrder: 'descending' }],
    [
      { cursor: '', startIndex: '7' },
      { cursor: '', startIndex: 1 },
    ],
    [{ cursor: 'VZUTiyhEQJ94IR' }, { cursor: 'VZUTiyhEQJ94IR' }],
  ])('%j', (parameters: QueryParameters, expected) => {
    expect(query(parameters)).toMatchObject(expected);
  });

  it.each([
    [{ count: 'abc' }, 'invalidValue'],
    [{ count: 'abc', cursor: '' }, 'invalidCount'],
    [{ startIndex: '1.5' }, 'invalidValue'],
    [{ startIndex: ['1', '2'] }, 'invalidValue'],
    [{ sortOrder: 'up' }, 'invalidValue'],
    [{ sortBy: 'frobnicate' }, 'invalidPath'],
    [{ sortBy: 'name' }, 'invalidPath'],
    [{ sortBy: 'password' }, 'invalidPath'],
    [{ sortBy: schemaUrns.enterpriseUser }, 'invalidPath'],
    [{ sortBy: 'emails[type eq "work"]' }, 'invalidPath'],
    [{ cursor: 'bogus-!' }, 'invalidCursor'],
    [{ filter: 'userName eq' }, 'invalidFilter'],
    [{ filter: 'frobnicate pr' }, 'invalidFilter'],
    [{ attributes: 'id', excludedAttributes: 'id' }, 'invalidValue'],
  ])('refuses %j with %s', (parameters: QueryParameters, expected) => {
    expect(code(() => query(parameters))).toBe(expected);
  });

  it('reads lists of attributes, with spaces, in parts, or none', () => {
    const wanted = (attributes: string | readonly string[]): boolean[] => {
      const { projection } = query({ attributes });
      return ['userName', 'displayName', 'emails'].map((name) => wants(projection, name));
    };
    expect(wanted('userName, displayName')).toEqual([true, true, false]);
    expect(wanted(['userName', 'emails.value'])).toEqual([true, false, true]);
    expect(wanted('')).toEqual([true, true, true]);
    expect(wants(readResourceQuery({ excludedAttributes: 'members' }, groupType, 'standard'), 'members')).toBe(false);
  });

  it('over several types, a name that one of them has not is no error', () => {
    const query = readListQuery({ filter: 'userName eq "x"', sortBy: 'userName' }, groupType, { ...options, unknown: 'absent' });
    expect(query).toMatchObject({ filter: { kind: 'constant', value: false }, sortBy: undefined });
  });
});

describe('POST .search (RFC 7644 §3.4.3)', () => {
  it("reads the RFC's own example", () => {
    const { filter, startIndex, count, projection } = search({
      attributes: ['displayName', 'userName'],
      filter: 'displayName sw "smith"',
      startIndex: 1,
      count: 10,
    });
    expect([filter?.kind, startIndex, count, wants(projection, 'emails'), wants(projection, 'userName')]).toEqual([
      'compare',
      1,
      10,
      false,
      true,
    ]);
  });

  it.each([
    [{ schemas: [] }, 'invalidSyntax'],
    [{ count: '5' }, 'none'],
    [{ count: null, filter: null, attributes: null }, 'none'],
    [{ attributes: 'userName' }, 'none'],
    [{ count: 1.5 }, 'invalidValue'],
    [{ count: {} }, 'invalidValue'],
    [{ attributes: [5] }, 'invalidValue'],
    [{ filter: 'userName eq' }, 'invalidFilter'],
  ])('%j: %s', (body, expected) => {
    expect(code(() => search(body))).toBe(expected);
  });
});

describe('the order of a list (RFC 7644 §3.4.2.3)', () => {
  const users: readonly Resource[] = [
    { id: '1', displayName: 'b', emails: [{ value: 'z' }, { value: 'a', primary: true }] },
    { id: '2', displayName: 'A', emails: [{ value: 'b' }, { value: 'a' }], meta: { created: '2011-05-13T04:42:34+05:00' } },
    { id: '3', active: true, meta: { created: '2011-05-13T01:42:34Z' } },
    { id: '4', displayName: 'C', active: false },
  ];
  const order = (sortBy: string, sortOrder: 'ascending' | 'descending' = 'ascending'): string => {
    const target = query({ sortBy }).sortBy;
    if (target === undefined) throw new Error('There is no order.');
    return users
      .toSorted(compareBy(target, sortOrder))
      .map(({ id }) => id)
      .join('');
  };

  it.each([
    ['displayName', '2143'],
    ['emails', '1234'],
    ['emails.value', '1234'],
    ['meta.created', '2314'],
    ['active', '4312'],
    ['id', '1234'],
  ])('by %s: %s', (sortBy, expected) => {
    expect(order(sortBy)).toBe(expected);
  });

  it('descending, what has no value comes first', () => {
    expect(order('displayName', 'descending')).toBe('3412');
  });

  it('knows the attribute of several values by its value', () => {
    const { sortBy } = query({ sortBy: 'emails' });
    expect(sortBy && printTarget(sortBy)).toBe('emails.value');
  });
});

describe('ListResponse', () => {
  it('counts what it holds, and holds an empty array', () => {
    expect(listResponse({ resources: [], totalResults: 0, startIndex: 1 })).toEqual({
      schemas: [messageUrns.listResponse],
      totalResults: 0,
      startIndex: 1,
      itemsPerPage: 0,
      Resources: [],
    });
    expect(listResponse({ resources: [{ id: '1' }], nextCursor: 'x' })).toMatchObject({ itemsPerPage: 1, nextCursor: 'x' });
  });
});
