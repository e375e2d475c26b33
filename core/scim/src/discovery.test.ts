import { describe, expect, it } from 'vitest';
import { type Discovery, resourceTypeDocuments, schemaDocuments, serviceProviderConfig } from './discovery.ts';
import { defineExtension } from './extension.ts';
import { schemaUrns } from './names.ts';
import { extendType, groupType, userType } from './resource-types.ts';
import type { JsonObject } from './schema.ts';

const badge = defineExtension({
  id: 'urn:example:2.0:Badge',
  name: 'Badge',
  attributes: [{ name: 'color', canonicalValues: ['red'], closed: true }],
});

const discovery: Discovery = {
  baseUrl: 'https://id.example.com/scim/v2',
  types: [extendType(userType, [{ schema: badge, required: true }]), groupType],
  bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 1_048_576 },
  maxResults: 200,
  changePassword: false,
  sort: true,
  etag: true,
  pagination: { cursor: true, defaultPageSize: 100, maxPageSize: 200, cursorTimeout: 3600 },
};

const documents = [serviceProviderConfig(discovery), ...resourceTypeDocuments(discovery), ...schemaDocuments(discovery)];
const schemas = new Map(schemaDocuments(discovery).map((schema) => [schema.id, schema]));

interface Described {
  readonly name: string;
  readonly type: string;
  readonly multiValued: boolean;
  readonly required: boolean;
  readonly subAttributes?: readonly Described[];
}

/** What a document has that its schema does not say, or lacks. */
const problems = (value: JsonObject, attributes: readonly Described[], path: string): readonly string[] => [
  ...Object.keys(value).flatMap((name) => (attributes.some((each) => each.name === name) ? [] : [`${path}.${name} is unknown`])),
  ...attributes.flatMap(({ name, type, multiValued, required, subAttributes }) => {
    const found = value[name];
    if (found === undefined) return required ? [`${path}.${name} is missing`] : [];
    if (Array.isArray(found) !== multiValued) return [`${path}.${name} is multi-valued: ${multiValued}`];
    return [found].flat().flatMap((one: unknown) => {
      if (type === 'complex') return problems(one as JsonObject, subAttributes ?? [], `${path}.${name}`);
      const actual = type === 'boolean' ? 'boolean' : type === 'integer' ? 'number' : 'string';
      return typeof one === actual ? [] : [`${path}.${name} is a ${typeof one}`];
    });
  }),
];

describe('discovery (RFC 7643 §5 to §7)', () => {
  it('every document is what its own schema says', () => {
    const found = documents.flatMap((document) => {
      const [urn] = document.schemas as readonly string[];
      const { schemas: _, id, meta, ...rest } = document;
      const schema = schemas.get(urn ?? '');
      expect(schema).toBeDefined();
      expect(Object(meta).location).toMatch(/^https:\/\/id\.example\.com\/scim\/v2\//);
      return problems(rest, (schema?.attributes ?? []) as unknown as readonly Described[], String(id ?? urn));
    });
    // RFC 7643 §8.7.2 describes the attributes of attributes by themselves, but only once.
    expect(found).toEqual([`${schemaUrns.schema}.attributes.subAttributes.subAttributes is unknown`]);
  });

  it('lists the schemas of the types, their extensions, and its own', () => {
    expect([...schemas.keys()]).toEqual([
      schemaUrns.user,
      schemaUrns.enterpriseUser,
      badge.id,
      schemaUrns.group,
      schemaUrns.serviceProviderConfig,
      schemaUrns.resourceType,
      schemaUrns.schema,
    ]);
  });

  it('tells of the resource types', () => {
    expect(resourceTypeDocuments(discovery)[0]).toMatchObject({
      id: 'User',
      endpoint: '/Users',
      schema: schemaUrns.user,
      schemaExtensions: [
        { schema: schemaUrns.enterpriseUser, required: false },
        { schema: badge.id, required: true },
      ],
    });
  });

  it('tells what is ours alone to nobody, and nothing as null', () => {
    const text = JSON.stringify(documents);
    expect(text).not.toContain('"closed"');
    expect(text).not.toContain('null');
  });

  it('tells the truth of the options, and that pages are counted by index when nothing is asked (RFC 9865 §4)', () => {
    expect(serviceProviderConfig(discovery)).toMatchObject({
      patch: { supported: true },
      bulk: discovery.bulk,
      changePassword: { supported: false },
      pagination: { cursor: true, index: true, defaultPaginationMethod: 'index', cursorTimeout: 3600 },
    });
  });

  it("characteristics are the RFC's (RFC 7643 §8.7.1)", () => {
    const attributes = (schemas.get(schemaUrns.user)?.attributes ?? []) as unknown as readonly JsonObject[];
    const of = (name: string): JsonObject | undefined => attributes.find((each) => each.name === name);
    expect(of('userName')).toMatchObject({ required: true, uniqueness: 'server', caseExact: false });
    expect(of('password')).toMatchObject({ mutability: 'writeOnly', returned: 'never' });
    expect(of('groups')).toMatchObject({ mutability: 'readOnly', multiValued: true });
    expect(attributes.map(({ name }) => name)).toEqual([
      'userName',
      'name',
      'displayName',
      'nickName',
      'profileUrl',
      'title',
      'userType',
      'preferredLanguage',
      'locale',
      'timezone',
      'active',
      'password',
      'emails',
      'phoneNumbers',
      'ims',
      'photos',
      'addresses',
      'groups',
      'entitlements',
      'roles',
      'x509Certificates',
    ]);
  });
});
