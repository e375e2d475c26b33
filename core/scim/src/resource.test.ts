import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ScimError } from './errors.ts';
import { defineExtension } from './extension.ts';
import { schemaUrns } from './names.ts';
import { readResource, replaceResource } from './resource.ts';
import { extendType, groupType, userType } from './resource-types.ts';
import type { Resource } from './schema.ts';

const enterprise = schemaUrns.enterpriseUser;
const schemas = [schemaUrns.user];

const read = (body: object): Resource => readResource({ schemas, userName: 'bjensen', ...body }, userType, 'standard');

const refusal = (run: () => unknown): ScimError => {
  try {
    run();
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
  throw new Error('It was read.');
};

describe('reading a resource (RFC 7644 §3.3)', () => {
  it("reads the RFC's full user as it is, without what is readOnly", () => {
    const { resource } = JSON.parse(readFileSync(new URL('fixtures/rfc/user-full.json', import.meta.url), 'utf8'));
    const { schemas: _, id: __, meta: ___, groups: ____, ...expected } = resource;
    delete expected[enterprise].manager.displayName;
    expect(readResource(resource, userType, 'standard')).toEqual(expected);
  });

  it.each([
    ['names in any case', { DisplayName: 'B', NAME: { GIVENNAME: 'B' } }, { displayName: 'B', name: { givenName: 'B' } }],
    ['null and empty arrays as unassigned (RFC 7643 §2.5)', { title: null, emails: [], name: { givenName: null } }, {}],
    ['nothing readOnly', { id: 'evil', meta: { created: 'x' }, groups: [{ value: 'g' }] }, {}],
    [
      'nothing no schema knows',
      { frobnicate: 1, name: { givenName: 'B', x: 1 }, 'urn:x:y': { z: 1 } },
      { name: { givenName: 'B' } },
    ],
    [
      'each value once',
      { emails: [{ value: 'a' }, { value: 'a' }, { value: 'b' }] },
      { emails: [{ value: 'a' }, { value: 'b' }] },
    ],
    [
      'values as sent',
      { locale: 'x', timezone: '?', profileUrl: ':', title: ' T ' },
      { locale: 'x', timezone: '?', profileUrl: ':', title: ' T ' },
    ],
    ['an extension in any case', { [enterprise.toUpperCase()]: { Department: 'x' } }, { [enterprise]: { department: 'x' } }],
    ['no empty extension', { [enterprise]: {} }, {}],
    ['any suggestion for a type', { emails: [{ value: 'a', type: 'spare' }] }, { emails: [{ value: 'a', type: 'spare' }] }],
  ])('reads %s', (_, body, expected) => {
    expect(JSON.parse(JSON.stringify(read(body)))).toEqual({ userName: 'bjensen', ...expected });
  });

  it.each([
    ['invalidValue', { userName: undefined }, 'userName is required'],
    ['invalidValue', { userName: '' }, 'userName is required'],
    ['invalidValue', { userName: 12345 }, 'userName is a text'],
    ['invalidValue', { emails: 'a@b.c' }, 'emails is an array of objects'],
    ['invalidValue', { emails: ['a@b.c'] }, 'emails[0] is an object'],
    ['invalidValue', { emails: [{ value: 5 }] }, 'emails[0].value is a text'],
    ['invalidValue', { name: 'Ann' }, 'name is an object'],
    ['invalidValue', { name: [[[[]]]] }, 'name is an object'],
    ['invalidValue', { active: 'banana' }, 'active is true or false'],
    ['invalidValue', { active: 1 }, 'active is true or false'],
    ['invalidValue', { title: ['a', 'b'] }, 'title has one value'],
    ['invalidValue', { title: 'a\u0000b' }, 'title holds U+0000'],
    ['invalidValue', { title: '\ud800' }, 'half of a surrogate pair'],
    ['invalidValue', { x509Certificates: [{ value: '§' }] }, 'x509Certificates[0].value is base64'],
    [
      'invalidValue',
      {
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: 'True' },
        ],
      },
      'more than one primary',
    ],
    ['invalidValue', { [enterprise]: 'x' }, 'is an object'],
    ['invalidSyntax', { schemas: undefined }, '"schemas" is an array'],
    ['invalidSyntax', { schemas: ['urn:example:nope'] }, '"schemas" is an array'],
    ['invalidSyntax', { USERNAME: 'b' }, '"USERNAME" twice'],
    ['invalidSyntax', { name: { givenName: 'a', givenname: 'b' } }, 'name has "givenname" twice'],
  ])('refuses with %s: %j', (code, body, detail) => {
    const error = refusal(() => read(body));
    expect(error.code).toBe(code);
    expect(error.detail).toContain(detail);
  });

  it.each([undefined, null, [], 'x', 5])('refuses %j as a body', (body) => {
    expect(refusal(() => readResource(body, userType, 'standard')).code).toBe('invalidSyntax');
  });

  it('reads members once each, whatever is said of them', () => {
    const group = { schemas: [schemaUrns.group], displayName: 'g' };
    const members = [
      { value: 'a', display: 'A' },
      { value: 'a', type: 'User' },
      { value: 'b', type: 'group' },
    ];
    expect(readResource({ ...group, members }, groupType, 'standard')).toEqual({
      displayName: 'g',
      members: [{ value: 'a' }, { value: 'b', type: 'Group' }],
    });
    expect(refusal(() => readResource({ ...group, members: [{ display: 'A' }] }, groupType, 'standard')).detail).toBe(
      'members[0] lacks its value.',
    );
    expect(refusal(() => readResource({ schemas: [schemaUrns.group] }, groupType, 'standard')).code).toBe('invalidValue');
  });
});

describe('an extension of one’s own', () => {
  const schema = defineExtension({
    id: 'urn:example:2.0:Badge',
    name: 'Badge',
    attributes: [
      { name: 'number', required: true, mutability: 'immutable' },
      { name: 'level', type: 'integer' },
      { name: 'weight', type: 'decimal' },
      { name: 'since', type: 'dateTime' },
      { name: 'color', canonicalValues: ['Red', 'Blue'], closed: true },
      { name: 'pin', mutability: 'writeOnly' },
      { name: 'tags', multiValued: true },
    ],
  });
  const optional = extendType(userType, [{ schema, required: false }]);
  const required = extendType(userType, [{ schema, required: true }]);
  const badge = (value: object, type = optional): unknown =>
    readResource({ schemas, userName: 'b', [schema.id]: value }, type, 'standard')[schema.id];

  it('reads every type', () => {
    const value = {
      number: '1',
      level: 5,
      weight: 1.5,
      since: '2011-05-13T04:42:34Z',
      color: 'red',
      pin: '1',
      tags: ['a', 'A', 'b'],
    };
    expect(badge(value)).toEqual({ ...value, color: 'Red', tags: ['a', 'b'] });
  });

  it.each([
    [{ number: '1', level: 1.5 }, 'level is a whole number'],
    [{ number: '1', level: '5' }, 'level is a number'],
    [{ number: '1', weight: 'x' }, 'weight is a number'],
    [{ number: '1', since: '2011-05-13' }, 'since is a date and time'],
    [{ number: '1', since: '2011-02-30T00:00:00Z' }, 'since is a date and time'],
    [{ number: '1', color: 'green' }, 'color is one of Red, Blue'],
    [{ level: 5 }, 'number is required'],
  ])('refuses %j', (value, detail) => {
    const error = refusal(() => badge(value));
    expect(error.code).toBe('invalidValue');
    expect(error.detail).toContain(detail);
  });

  it('is there always if it is required (RFC 7643 §6)', () => {
    expect(refusal(() => readResource({ schemas, userName: 'b' }, required, 'standard')).detail).toContain('is required');
    expect(readResource({ schemas, userName: 'b' }, optional, 'standard')).toEqual({ userName: 'b' });
  });

  it('PUT keeps what is immutable or writeOnly and not said; it refuses another value (RFC 7644 §3.5.1)', () => {
    const current: Resource = { id: 'u', userName: 'b', [schema.id]: { number: '1', pin: '0000', level: 3 } };
    const put = (value?: object): unknown =>
      replaceResource(current, { userName: 'b', ...(value === undefined ? {} : { [schema.id]: value }) } as Resource, optional)
        .resource[schema.id];
    expect(put()).toEqual({ number: '1', pin: '0000' });
    expect(put({ number: '1', pin: '1111', level: 4 })).toEqual({ number: '1', pin: '1111', level: 4 });
    expect(refusal(() => put({ number: '2' })).code).toBe('mutability');
  });
});

describe('PUT (RFC 7644 §3.5.1)', () => {
  const current: Resource = {
    id: 'u',
    meta: { resourceType: 'User', version: 'W/"1"' },
    userName: 'bjensen',
    title: 'Chief',
    password: 'secret',
    [enterprise]: { department: 'Tour' },
  };

  it('clears what is left out, keeps what is readOnly, and tells what changed', () => {
    expect(replaceResource(current, read({ displayName: 'B' }), userType)).toEqual({
      resource: { id: 'u', meta: current.meta, userName: 'bjensen', displayName: 'B', password: 'secret' },
      changed: ['displayName', 'title', `${enterprise}:department`],
      rows: undefined,
    });
  });

  it('of the same changes nothing', () => {
    expect(replaceResource(current, read({ title: 'Chief', [enterprise]: { department: 'Tour' } }), userType).changed).toEqual(
      [],
    );
  });

  it('tells the members of a group apart', () => {
    const group = { id: 'g', displayName: 'Guides' };
    const next = readResource(
      { schemas: [schemaUrns.group], displayName: 'G', members: [{ value: 'a' }] },
      groupType,
      'standard',
    );
    expect(replaceResource(group, next, groupType)).toEqual({
      resource: { id: 'g', displayName: 'G' },
      changed: ['displayName'],
      rows: { clear: true, remove: [], add: [{ value: 'a' }] },
    });
    expect(replaceResource(group, group, groupType).rows).toEqual({ clear: true, remove: [], add: [] });
  });
});

describe('attacks', () => {
  it.each(['__proto__', 'constructor', 'prototype', 'Constructor'])(
    'a member called %s is refused and pollutes nothing',
    (name) => {
      for (const body of [
        `{"schemas":["${schemaUrns.user}"],"userName":"b","${name}":{"admin":true}}`,
        `{"schemas":["${schemaUrns.user}"],"userName":"b","name":{"${name}":{"admin":true}}}`,
        `{"schemas":["${schemaUrns.user}"],"userName":"b","${enterprise}":{"${name}":{"admin":true}}}`,
      ]) {
        expect(refusal(() => readResource(JSON.parse(body), userType, 'standard')).code).toBe('invalidSyntax');
      }
      expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
    },
  );

  it('depth bomb: nothing is read deeper than the schemas go', () => {
    const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`);
    expect(refusal(() => read({ name: deep })).code).toBe('invalidValue');
    expect(read({ unknown: deep })).toEqual({ userName: 'bjensen' });
    expect(refusal(() => read({ emails: [{ value: deep }] })).code).toBe('invalidValue');
  });

  it('swarm of values: more than a thousand e-mail addresses are refused', () => {
    expect(refusal(() => read({ emails: Array.from({ length: 1001 }, (_, i) => ({ value: `${i}` })) })).detail).toContain(
      '1000 values',
    );
  });

  it('200,000 members are read in one pass', () => {
    const members = Array.from({ length: 200_000 }, (_, i) => ({ value: `m${i}`, display: 'x' }));
    const group = readResource(
      { schemas: [schemaUrns.group], displayName: 'g', members: [...members, ...members] },
      groupType,
      'standard',
    );
    expect(group.members).toHaveLength(200_000);
  });
});
