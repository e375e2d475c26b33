import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DialectName } from './dialect.ts';
import { ScimError } from './errors.ts';
import { defineExtension } from './extension.ts';
import { messageUrns, schemaUrns } from './names.ts';
import { applyPatch } from './patch.ts';
import { readPatch } from './patch-request.ts';
import type { Change } from './resource.ts';
import { extendType, groupType, userType } from './resource-types.ts';
import type { JsonObject, Resource, ResourceType } from './schema.ts';

const enterprise = schemaUrns.enterpriseUser;

const message = (operations: readonly unknown[]): unknown => ({ schemas: [messageUrns.patchOp], Operations: operations });

const patch = (
  resource: Resource,
  operations: readonly unknown[],
  { type = userType, dialect = 'standard' }: { readonly type?: ResourceType; readonly dialect?: DialectName } = {},
): Change => applyPatch(resource, readPatch(message(operations), type, dialect));

const refusal = (apply: () => unknown): ScimError => {
  try {
    apply();
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
  throw new Error('It was applied.');
};

const work = { value: 'bjensen@example.com', type: 'work', primary: true };
const home = { value: 'babs@jensen.org', type: 'home' };
const user: Resource = {
  id: 'u1',
  userName: 'bjensen',
  title: 'Chief',
  name: { givenName: 'Barbara', familyName: 'Jensen' },
  emails: [work, home],
  [enterprise]: { department: 'Tour', costCenter: '4130', manager: { value: '7', $ref: '../Users/7' } },
};

/** What the operations change, attribute by attribute. */
const after = (operations: readonly unknown[], dialect: DialectName = 'standard'): JsonObject => {
  const { resource, changed } = patch(user, operations, { dialect });
  return Object.fromEntries(
    changed.map((name) => {
      const extension = resource[enterprise];
      const local = name.slice(enterprise.length + 1);
      return name.startsWith('urn:')
        ? [local, typeof extension === 'object' && extension !== null ? (Object(extension)[local] ?? null) : null]
        : [name, resource[name] ?? null];
    }),
  );
};

describe("the RFC's own examples", () => {
  interface Example {
    readonly from: string;
    readonly type: string;
    readonly operations: readonly unknown[];
    readonly before: Resource;
    readonly after: Resource;
    readonly rows?: unknown;
  }
  const examples: readonly Example[] = JSON.parse(readFileSync(new URL('fixtures/rfc/patches.json', import.meta.url), 'utf8'));
  it.each(examples)('$from', (example) => {
    const change = patch(example.before, example.operations, { type: example.type === 'User' ? userType : groupType });
    expect(change.resource).toEqual(example.after);
    expect(change.rows).toEqual(example.rows);
  });
});

describe('add (RFC 7644 §3.5.2.1)', () => {
  it.each([
    ['sets what is not there', { path: 'nickName', value: 'Babs' }, { nickName: 'Babs' }],
    ['replaces a single value', { path: 'title', value: 'Boss' }, { title: 'Boss' }],
    ['changes nothing that is so already', { path: 'title', value: 'Chief' }, {}],
    [
      'completes a complex value',
      { path: 'name', value: { honorificPrefix: 'Ms.' } },
      { name: { givenName: 'Barbara', familyName: 'Jensen', honorificPrefix: 'Ms.' } },
    ],
    ['appends to several values', { path: 'emails', value: [{ value: 'x' }] }, { emails: [work, home, { value: 'x' }] }],
    ['adds no value twice', { path: 'emails', value: [home, { ...work, primary: true }] }, {}],
    [
      'completes a value that is there, by value and type',
      { path: 'emails', value: [{ value: 'BABS@jensen.org', type: 'Home', display: 'Babs' }] },
      { emails: [work, { value: 'BABS@jensen.org', type: 'Home', display: 'Babs' }] },
    ],
    [
      'keeps apart what has another type',
      { path: 'emails', value: [{ value: 'babs@jensen.org', type: 'other' }] },
      { emails: [work, home, { value: 'babs@jensen.org', type: 'other' }] },
    ],
    [
      'to a chosen value, completes it',
      { path: 'emails[type eq "home"]', value: { display: 'Babs' } },
      { emails: [work, { ...home, display: 'Babs' }] },
    ],
    [
      'moves primary to the new one (RFC 7643 §2.4)',
      { path: 'emails[type eq "home"].primary', value: true },
      {
        emails: [
          { ...work, primary: false },
          { ...home, primary: true },
        ],
      },
    ],
    ['knows names by their URN', { path: `${enterprise}:department`, value: 'Sales' }, { department: 'Sales' }],
    ['knows a whole extension', { path: enterprise, value: { division: 'Park' } }, { division: 'Park' }],
    [
      'knows the core schema by its URN',
      { path: `${schemaUrns.user}:name.givenName`, value: 'B' },
      { name: { givenName: 'B', familyName: 'Jensen' } },
    ],
    ['does not mind "schemas", which follows from the attributes', { path: 'schemas', value: [enterprise] }, {}],
  ])('%s', (_, operation, expected) => {
    expect(after([{ op: 'add', ...operation }])).toEqual(expected);
  });
});

describe('replace (RFC 7644 §3.5.2.3)', () => {
  it.each([
    ['sets a single value', { path: 'TITLE', value: 'Boss' }, { title: 'Boss' }],
    ['adds what is not there', { path: 'nickName', value: 'Babs' }, { nickName: 'Babs' }],
    [
      'leaves parts alone that are not named',
      { path: 'name', value: { givenName: 'B' } },
      { name: { givenName: 'B', familyName: 'Jensen' } },
    ],
    ['of several values, replaces all', { path: 'emails', value: [{ value: 'x' }] }, { emails: [{ value: 'x' }] }],
    [
      'by a filter, replaces what matches',
      { path: 'emails[type eq "home"]', value: { value: 'x' } },
      { emails: [work, { value: 'x' }] },
    ],
    [
      'of a part without a filter, sets it everywhere',
      { path: 'emails.type', value: 'other' },
      {
        emails: [
          { ...work, type: 'other' },
          { ...home, type: 'other' },
        ],
      },
    ],
    ['null unassigns', { path: 'title', value: null }, { title: null }],
    ['an empty array unassigns', { path: 'emails', value: [] }, { emails: null }],
    [
      'of a reference forgets the old address',
      { path: `${enterprise}:manager`, value: { value: '8' } },
      { manager: { value: '8' } },
    ],
    [
      'without a path, takes an extension by its URN',
      { value: { [enterprise]: { department: 'Sales' } } },
      { department: 'Sales' },
    ],
    [
      'within an extension, knows its attributes alone',
      { value: { [enterprise]: { title: 'x', 'name.givenName': 'x', [`${enterprise}:division`]: 'x', 'manager.value': '8' } } },
      { manager: { value: '8' } },
    ],
    ['without a path, a readOnly attribute without a value is as it is', { value: { groups: [], meta: null } }, {}],
    ['without a path, drops what no schema knows', { value: { title: 'Boss', frobnicate: 1, 'a b': 2 } }, { title: 'Boss' }],
  ])('%s', (_, operation, expected) => {
    expect(after([{ op: 'replace', ...operation }])).toEqual(expected);
  });
});

describe('remove (RFC 7644 §3.5.2.2)', () => {
  it.each([
    ['a single value', 'title', { title: null }],
    ['a part', 'name.givenName', { name: { familyName: 'Jensen' } }],
    ['several values', 'emails', { emails: null }],
    ['a chosen value', 'emails[type eq "work"]', { emails: [home] }],
    ['a part of a chosen value', 'emails[type eq "home"].type', { emails: [work, { value: home.value }] }],
    ['a part everywhere', 'emails.type', { emails: [{ value: work.value, primary: true }, { value: home.value }] }],
    ['an extension', enterprise, { department: null, costCenter: null, manager: null }],
    ['what is not there', 'nickName', {}],
    ['a value nothing matches', 'emails[type eq "other"]', {}],
    ['a part of what is not there', 'addresses[type eq "work"].region', {}],
  ])('%s', (_, path, expected) => {
    expect(after([{ op: 'remove', path }])).toEqual(expected);
  });

  it('leaves no empty extension behind', () => {
    expect(
      patch({ ...user, [enterprise]: { division: 'x' } }, [{ op: 'remove', path: `${enterprise}:division` }]).resource,
    ).toEqual({ ...user, [enterprise]: undefined });
  });
});

describe('a PATCH is refused', () => {
  it.each([
    ['mutability', { op: 'replace', path: 'id', value: 'u1' }, 'id is readOnly'],
    ['mutability', { op: 'add', path: 'groups', value: [{ value: 'g' }] }, 'groups is readOnly'],
    ['mutability', { op: 'replace', path: 'meta.created', value: '2011-05-13T04:42:34Z' }, 'readOnly'],
    ['mutability', { op: 'replace', path: `${enterprise}:manager.displayName`, value: 'x' }, 'readOnly'],
    ['mutability', { op: 'remove', path: 'schemas' }, 'readOnly'],
    ['mutability', { op: 'replace', value: { id: 'u2' } }, 'readOnly'],
    ['mutability', { op: 'remove', path: 'userName' }, 'userName is required'],
    ['mutability', { op: 'replace', path: 'userName', value: null }, 'userName is required'],
    ['mutability', { op: 'replace', path: 'userName', value: ' ' }, 'userName is required'],
    ['noTarget', { op: 'remove' }, 'remove needs a "path"'],
    ['noTarget', { op: 'remove', path: schemaUrns.user }, 'name an attribute'],
    ['noTarget', { op: 'replace', path: 'emails[type eq "other"].value', value: 'x' }, 'no value that the filter matches'],
    [
      'noTarget',
      { op: 'replace', path: 'phoneNumbers[type eq "work"]', value: { value: '1' } },
      'no value that the filter matches',
    ],
    ['noTarget', { op: 'add', path: 'emails[type sw "o"].value', value: 'x' }, 'no value that the filter matches'],
    ['noTarget', { op: 'add', path: 'name[givenName eq "x"].familyName', value: 'x' }, 'no value that the filter matches'],
    ['invalidPath', { op: 'replace', path: 'frobnicate', value: 'x' }, 'User has no attribute frobnicate'],
    ['invalidPath', { op: 'replace', path: 'name.frobnicate', value: 'x' }, 'name has no sub-attribute frobnicate'],
    ['invalidPath', { op: 'replace', path: 'emails[type eq "work"].frobnicate', value: 'x' }, 'emails has no sub-attribute'],
    ['invalidPath', { op: 'replace', path: 'emails[type eq "work"', value: 'x' }, '"]" is expected'],
    ['invalidPath', { op: 'replace', path: 'emails[frobnicate pr].value', value: 'x' }, 'emails has no sub-attribute'],
    ['invalidPath', { op: 'replace', path: 'urn:x:y:z', value: 'x' }, 'User has no schema urn:x:y'],
    ['invalidPath', { op: 'replace', path: 5, value: 'x' }, '"path" is a text'],
    ['invalidValue', { op: 'add', path: 'title' }, 'needs a "value"'],
    ['invalidValue', { op: 'replace', path: 'active', value: 'banana' }, 'active is true or false'],
    ['invalidValue', { op: 'replace', path: 'userName', value: { a: 1 } }, 'userName is a text'],
    ['invalidValue', { op: 'replace', path: 'name', value: 'Ann' }, 'name is an object'],
    ['invalidValue', { op: 'add', path: 'emails', value: 'x' }, 'emails is an array'],
    ['invalidValue', { op: 'replace', path: 'title', value: ['a', 'b'] }, 'title has one value'],
    ['invalidValue', { op: 'add', value: 'x' }, '"value" is an object of attributes'],
    [
      'invalidValue',
      {
        op: 'add',
        path: 'emails',
        value: [
          { value: 'a', primary: true },
          { value: 'b', primary: true },
        ],
      },
      'more than one primary',
    ],
    ['invalidSyntax', { op: 'frobnicate', path: 'title', value: 'x' }, '"op" is add, remove or replace'],
    ['invalidSyntax', { path: 'title', value: 'x' }, '"op" is add, remove or replace'],
    ['invalidSyntax', { op: 'add', OP: 'remove', path: 'title' }, 'twice'],
    ['invalidSyntax', 'add', 'Operations[1] is an object'],
  ])('%s: %j', (code, operation, detail) => {
    // Atomic: what was right before it is not done either.
    const error = refusal(() => patch(user, [{ op: 'replace', path: 'title', value: 'x' }, operation]));
    expect(error.code).toBe(code);
    expect(error.detail).toContain(detail);
  });

  it.each([
    [undefined, 'one JSON object'],
    [[], 'one JSON object'],
    [{ Operations: [{ op: 'remove', path: 'title' }] }, '"schemas"'],
    [{ schemas: [messageUrns.patchOp] }, '"Operations" is an array'],
    [message([]), 'at least one operation'],
  ])('invalidSyntax: %j', (json, detail) => {
    const error = refusal(() => readPatch(json, userType, 'standard'));
    expect(error.code).toBe('invalidSyntax');
    expect(error.detail).toContain(detail);
  });
});

describe('what is immutable (RFC 7644 §3.5.2)', () => {
  const schema = defineExtension({
    id: 'urn:example:2.0:Badge',
    name: 'Badge',
    attributes: [
      { name: 'number', mutability: 'immutable' },
      { name: 'tags', multiValued: true },
      { name: 'holder', type: 'complex', subAttributes: [{ name: 'value', mutability: 'immutable' }, { name: 'note' }] },
    ],
  });
  const type = extendType(userType, [{ schema, required: false }]);
  const own = (operations: readonly unknown[], badge?: JsonObject): JsonObject | undefined => {
    const { resource } = patch({ id: 'u', userName: 'u', ...(badge === undefined ? {} : { [schema.id]: badge }) }, operations, {
      type,
    });
    // An extension's value is an object.
    return resource[schema.id] as JsonObject | undefined;
  };

  it('may be set once', () => {
    expect(own([{ op: 'add', path: `${schema.id}:number`, value: '5' }])).toEqual({ number: '5' });
    expect(own([{ op: 'add', path: `${schema.id}:number`, value: '5' }], { number: '5' })).toEqual({ number: '5' });
    for (const op of ['add', 'replace']) {
      expect(refusal(() => own([{ op, path: `${schema.id}:number`, value: '6' }], { number: '5' })).code).toBe('mutability');
    }
    expect(refusal(() => own([{ op: 'remove', path: `${schema.id}:number` }], { number: '5' })).code).toBe('mutability');
    expect(refusal(() => own([{ op: 'remove', path: schema.id }], { number: '5' })).code).toBe('mutability');
    expect(
      refusal(() => own([{ op: 'replace', path: `${schema.id}:holder`, value: { value: 'b' } }], { holder: { value: 'a' } }))
        .code,
    ).toBe('mutability');
    expect(own([{ op: 'replace', path: `${schema.id}:holder`, value: { note: 'n' } }], { holder: { value: 'a' } })).toEqual({
      holder: { value: 'a', note: 'n' },
    });
  });

  it('simple values of several are chosen by "value"', () => {
    expect(own([{ op: 'remove', path: `${schema.id}:tags[value eq "a"]` }], { tags: ['a', 'b'] })).toEqual({ tags: ['b'] });
    expect(own([{ op: 'replace', path: `${schema.id}:tags[value eq "A"]`, value: 'c' }], { tags: ['a', 'b'] })).toEqual({
      tags: ['c', 'b'],
    });
    expect(own([{ op: 'add', path: `${schema.id}:tags`, value: ['b', 'c'] }], { tags: ['a', 'b'] })).toEqual({
      tags: ['a', 'b', 'c'],
    });
  });
});

describe('what is required (RFC 7644 §3.5.2.2)', () => {
  const schema = defineExtension({
    id: 'urn:example:2.0:Badge',
    name: 'Badge',
    attributes: [{ name: 'number', required: true }, { name: 'color' }],
  });
  const type = extendType(userType, [{ schema, required: true }]);
  const deactivate = { op: 'replace', path: 'active', value: false };
  const badge = { [schema.id]: { number: '5', color: 'red' } };

  it('cannot be taken away, nor begun without', () => {
    for (const path of [`${schema.id}:number`, schema.id]) {
      expect(refusal(() => patch({ id: 'u', userName: 'u', ...badge }, [{ op: 'remove', path }], { type })).code).toBe(
        'mutability',
      );
    }
    const paint = { op: 'add', path: `${schema.id}:color`, value: 'blue' };
    expect(refusal(() => patch({ id: 'u', userName: 'u' }, [paint], { type })).code).toBe('mutability');
  });

  it('and became so later does not keep a user from being disabled', () => {
    expect(patch({ id: 'u', userName: 'u' }, [deactivate], { type }).changed).toEqual(['active']);
    expect(patch({ id: 'u', userName: 'u', [schema.id]: { color: 'red' } }, [deactivate], { type }).changed).toEqual(['active']);
  });
});

describe('members', () => {
  const group: Resource = { id: 'g', displayName: 'Guides' };
  const rows = (operations: readonly unknown[], members?: readonly JsonObject[]): unknown =>
    patch(members === undefined ? group : { ...group, members }, operations, { type: groupType }).rows;

  it('are told as a delta, and nobody need read those there are', () => {
    const operations = [
      { op: 'remove', path: 'members[value eq "a" or value eq "b"]' },
      { op: 'add', path: 'members', value: [{ value: 'c', type: 'User' }, { value: 'c' }] },
      { op: 'add', value: { members: [{ value: 'b' }] } },
      { op: 'remove', path: 'members[value eq "d"]' },
    ];
    expect(readPatch(message(operations), groupType, 'standard').needsRows).toBe(false);
    expect(rows(operations)).toEqual({ clear: false, remove: ['a', 'd'], add: [{ value: 'c', type: 'User' }, { value: 'b' }] });
    expect(rows([{ op: 'replace', path: 'displayName', value: 'x' }])).toBeUndefined();
  });

  it('replace and remove of all clear first', () => {
    expect(
      rows([
        { op: 'add', path: 'members', value: [{ value: 'a' }] },
        { op: 'remove', path: 'members' },
      ]),
    ).toEqual({
      clear: true,
      remove: [],
      add: [],
    });
    expect(
      rows([
        { op: 'replace', value: { members: [{ value: 'a' }] } },
        { op: 'remove', path: 'members[value eq "a"]' },
      ]),
    ).toEqual({
      clear: true,
      remove: [],
      add: [],
    });
    expect(rows([{ op: 'replace', path: 'members', value: null }])).toEqual({ clear: true, remove: [], add: [] });
  });

  it('a list of nothing removes nothing', () => {
    expect(rows([{ op: 'remove', path: 'members', value: [] }])).toBeUndefined();
    expect(rows([{ op: 'remove', path: 'members', value: [{}] }])).toBeUndefined();
  });

  it('are needed for other filters, and the change is told against them', () => {
    const members = [
      { value: 'a', type: 'User' },
      { value: 'b', type: 'Group' },
    ];
    const operations = [
      { op: 'add', path: 'members', value: [{ value: 'c' }] },
      { op: 'remove', path: 'members[type eq "Group"]' },
    ];
    expect(readPatch(message(operations), groupType, 'standard').needsRows).toBe(true);
    expect(rows(operations, members)).toEqual({ clear: false, remove: ['b'], add: [{ value: 'c' }] });
    expect(rows([{ op: 'replace', path: 'members[value eq "a"]', value: { value: 'd' } }], members)).toEqual({
      clear: false,
      remove: ['a'],
      add: [{ value: 'd' }],
    });
  });

  it.each([
    ['mutability', { op: 'replace', path: 'members[value eq "a"].value', value: 'b' }],
    ['mutability', { op: 'remove', path: 'members[value eq "a"].value' }],
    ['mutability', { op: 'replace', path: 'members[value eq "a"].display', value: 'b' }],
    ['invalidValue', { op: 'add', path: 'members', value: [{ display: 'x' }] }],
    ['invalidValue', { op: 'add', path: 'members', value: [{ value: 'x', type: 'Robot' }] }],
    ['noTarget', { op: 'replace', path: 'members[value eq "z"]', value: { value: 'y' } }],
  ])('refused, %s: %j', (code, operation) => {
    expect(refusal(() => rows([operation], [{ value: 'a' }])).code).toBe(code);
  });
});

describe('attacks', () => {
  it.each(['__proto__', 'constructor', 'name.__proto__', `${enterprise}:prototype`, 'emails[__proto__ eq "x"].value'])(
    'path into the prototype chain is refused: %s',
    (path) => {
      expect(refusal(() => patch(user, [{ op: 'add', path, value: 'x' }])).code).toBe('invalidPath');
      expect(
        refusal(() => patch(user, [{ op: 'add', value: JSON.parse(`{${JSON.stringify(path)}:{"admin":true}}`) }])),
      ).toBeDefined();
      expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
    },
  );

  it('depth bomb in a value: nothing is read deeper than the schemas go', () => {
    const deep = JSON.parse(`${'{"name":'.repeat(3000)}1${'}'.repeat(3000)}`);
    expect(patch(user, [{ op: 'add', value: deep }]).changed).toEqual([]);
    const schema = JSON.parse(`${`{"${enterprise}":`.repeat(3000)}1${'}'.repeat(3000)}`);
    expect(patch(user, [{ op: 'add', value: schema }]).changed).toEqual([]);
  });

  it('operation swarm: operations, attributes, values and scans are bounded', () => {
    const many = (length: number, operation: unknown): unknown[] => Array.from({ length }, () => operation);
    expect(refusal(() => patch(user, many(10_001, { op: 'remove', path: 'title' }))).code).toBe('tooMany');
    const keys = Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`emails[value eq "${i}"].type`, 'x']));
    expect(refusal(() => patch(user, [{ op: 'add', value: keys }])).code).toBe('tooMany');
    const adds = ['a', 'b'].map((prefix) => {
      const value = Array.from({ length: 600 }, (_, i) => ({ value: `${prefix}${i}` }));
      return { op: 'add', path: 'emails', value };
    });
    expect(refusal(() => patch(user, adds)).detail).toContain('more than 1000 values');
    const emails = Array.from({ length: 1000 }, (_, i) => ({ value: `${i}` }));
    const edits = many(201, { op: 'replace', path: 'emails[value eq "1"].type', value: 'x' });
    expect(refusal(() => patch({ ...user, emails }, edits)).code).toBe('tooMany');
    const members = Array.from({ length: 100_000 }, (_, i) => ({ value: `m${i}` }));
    const scans = many(11, { op: 'remove', path: 'members[type eq "User"]' });
    expect(refusal(() => patch({ id: 'g', displayName: 'g', members }, scans, { type: groupType })).code).toBe('tooMany');
  });

  it('200,000 members are added, and as many removed, in one pass', () => {
    const value = Array.from({ length: 200_000 }, (_, i) => ({ value: `m${i}` }));
    const group = { id: 'g', displayName: 'g' };
    const { rows } = patch(group, [{ op: 'add', path: 'members', value }], { type: groupType });
    expect(rows?.add).toHaveLength(200_000);
    expect(patch(group, [{ op: 'remove', path: 'members', value }], { type: groupType }).rows?.remove).toHaveLength(200_000);
  });
});
