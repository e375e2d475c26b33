import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScimError } from './errors.ts';
import { defineExtension } from './extension.ts';
import { schemaUrns } from './names.ts';
import { project, readProjection, wants } from './projection.ts';
import { extendType, groupType, userType } from './resource-types.ts';
import type { JsonObject, Resource } from './schema.ts';

const enterprise = schemaUrns.enterpriseUser;
const schema = defineExtension({
  id: 'urn:example:2.0:Badge',
  name: 'Badge',
  attributes: [
    { name: 'photo', returned: 'request' },
    { name: 'number', returned: 'always' },
    { name: 'pin', mutability: 'writeOnly' },
    { name: 'door', type: 'complex', subAttributes: [{ name: 'value' }, { name: 'code', returned: 'request' }] },
  ],
});
const type = extendType(userType, [{ schema, required: false }]);

const user: Resource = {
  password: 'secret',
  meta: { resourceType: 'User', version: 'W/"1"' },
  userName: 'bjensen',
  id: 'u',
  externalId: 'e',
  name: { givenName: 'Barbara', familyName: 'Jensen' },
  emails: [{ value: 'a', type: 'work' }, { value: 'b' }],
  [enterprise]: { department: 'Tour', employeeNumber: '1' },
  [schema.id]: { photo: 'p', number: '7', pin: '0', door: { value: 'd', code: 'c' } },
};

const shown = (names: Parameters<typeof readProjection>[0]): JsonObject => {
  const { schemas: _, ...rest } = project(user, readProjection(names, type, 'standard'));
  return rest;
};

const always = { id: 'u', [schema.id]: { number: '7' } };

describe('what is returned (RFC 7643 §7, RFC 7644 §3.9)', () => {
  it('by default is all but what is never, or only on request', () => {
    const { password: _, ...rest } = user;
    expect(project(user, readProjection({}, type, 'standard'))).toEqual({
      schemas: [schemaUrns.user, enterprise, schema.id],
      ...rest,
      [schema.id]: { number: '7', door: { value: 'd' } },
    });
    expect(Object.keys(project(user, readProjection({}, type, 'standard')))).toEqual([
      'schemas',
      'id',
      'externalId',
      'userName',
      'name',
      'emails',
      enterprise,
      schema.id,
      'meta',
    ]);
  });

  it.each([
    [['userName'], { userName: 'bjensen' }],
    [['USERNAME', 'frobnicate', 'urn:x:y:z'], { userName: 'bjensen' }],
    [['name.givenName'], { name: { givenName: 'Barbara' } }],
    [['name', 'name.givenName'], { name: user.name }],
    [['emails.type'], { emails: [{ type: 'work' }] }],
    [['emails.display'], {}],
    [[`${schemaUrns.user}:userName`], { userName: 'bjensen' }],
    [[`${enterprise}:department`], { [enterprise]: { department: 'Tour' } }],
    [['department'], { [enterprise]: { department: 'Tour' } }],
    [[enterprise], { [enterprise]: user[enterprise] }],
    [['password'], {}],
    [[`${schema.id}:photo`], { [schema.id]: { photo: 'p', number: '7' } }],
    [[`${schema.id}:pin`], {}],
    [[schema.id], { [schema.id]: { number: '7', door: { value: 'd' } } }],
    [[`${schema.id}:door`], { [schema.id]: { number: '7', door: { value: 'd' } } }],
    [[`${schema.id}:door.code`], { [schema.id]: { number: '7', door: { code: 'c' } } }],
    [['meta.version'], { meta: { version: 'W/"1"' } }],
  ])('attributes=%j', (attributes, expected) => {
    expect(shown({ attributes })).toEqual({ ...always, ...expected });
  });

  it.each([
    [['id', 'schemas', `${schema.id}:number`], []],
    [
      ['emails', 'userName'],
      ['emails', 'userName'],
    ],
    [['name'], ['name']],
    [[enterprise], [enterprise]],
    [['frobnicate'], []],
  ])('excludedAttributes=%j', (excludedAttributes, gone) => {
    const rest = Object.fromEntries(Object.entries(shown({})).filter(([name]) => !gone.includes(name)));
    expect(shown({ excludedAttributes })).toEqual(rest);
  });

  it('excludes parts', () => {
    expect(shown({ excludedAttributes: ['name.familyName', `${enterprise}:department`, 'emails.type'] })).toMatchObject({
      name: { givenName: 'Barbara' },
      [enterprise]: { employeeNumber: '1' },
      emails: [{ value: 'a' }, { value: 'b' }],
    });
  });

  it('"schemas" names the extensions that are shown', () => {
    const schemas = (attributes: readonly string[]): unknown =>
      project({ ...user, [schema.id]: {} }, readProjection({ attributes }, userType, 'standard')).schemas;
    expect(schemas(['userName'])).toEqual([schemaUrns.user]);
    expect(schemas(['department'])).toEqual([schemaUrns.user, enterprise]);
  });

  it('is refused where both are given, or a name is none', () => {
    expect(() => readProjection({ attributes: ['id'], excludedAttributes: ['id'] }, type, 'standard')).toThrow('not both');
    expect(() => readProjection({ attributes: ['a b'] }, type, 'standard')).toThrow(ScimError);
    expect(() => readProjection({ attributes: ['__proto__'] }, type, 'standard')).toThrow(ScimError);
  });

  it('tells before reading whether members are wanted', () => {
    const wanted = (names: Parameters<typeof readProjection>[0]): boolean =>
      wants(readProjection(names, groupType, 'standard'), 'members');
    expect(wanted({})).toBe(true);
    expect(wanted({ excludedAttributes: ['MEMBERS'] })).toBe(false);
    expect(wanted({ attributes: ['displayName'] })).toBe(false);
    expect(wanted({ attributes: ['members.value'] })).toBe(true);
  });

  it('what is asked for and what is excluded make up the whole', () => {
    const name = fc.constantFrom('userName', 'name', 'emails', 'externalId', 'meta', enterprise, `${enterprise}:department`);
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1 }), (names) => {
        const asked = shown({ attributes: names });
        const rest = shown({ excludedAttributes: names });
        const merged = { ...rest, ...asked, [schema.id]: rest[schema.id] };
        const extension = { ...Object(rest[enterprise]), ...Object(asked[enterprise]) };
        expect({ ...merged, [enterprise]: extension }).toEqual(shown({}));
        for (const each of Object.keys(asked))
          if (!(each in always) && each !== enterprise) expect(rest).not.toHaveProperty([each]);
      }),
    );
  });
});
