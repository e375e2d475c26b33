import { describe, expect, it } from 'vitest';
import { ScimError } from '../errors.ts';
import { defineExtension } from '../extension.ts';
import { extendType, groupType, userType } from '../resource-types.ts';
import type { Resource } from '../schema.ts';
import { evaluateFilter } from './evaluate.ts';
import { parseFilter } from './parse.ts';
import { resolveFilter } from './resolve.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const badge = defineExtension({
  id: 'urn:example:2.0:Badge',
  name: 'Badge',
  attributes: [
    { name: 'level', type: 'integer' },
    { name: 'weight', type: 'decimal' },
    { name: 'colors', multiValued: true },
    { name: 'code', caseExact: true },
    { name: 'title', description: 'Named as one of the core schema.' },
  ],
});
const type = extendType(userType, [{ schema: badge, required: false }]);

const user: Resource = {
  id: 'Ab1',
  userName: 'BJensen@example.com',
  name: { familyName: "O'Malley", givenName: 'Zoë' },
  title: 'Tour Guide',
  nickName: '',
  active: true,
  emails: [
    { value: 'bjensen@example.com', type: 'work', primary: true },
    { value: 'babs@jensen.org', type: 'home' },
  ],
  [enterprise]: { department: 'Tour', manager: { value: '26118915' } },
  [badge.id]: { level: 5, weight: 1.5, colors: ['red', 'Blue'], code: 'aB', title: 'of the badge' },
  meta: { resourceType: 'User', created: '2011-05-13T04:42:34Z', lastModified: '2011-05-13T04:42:34.250+02:00' },
};

const matches = (filter: string, resource = user): boolean => evaluateFilter(resolveFilter(parseFilter(filter), type), resource);

const refusal = (filter: string): string => {
  try {
    resolveFilter(parseFilter(filter), type);
  } catch (error) {
    if (error instanceof ScimError && error.code === 'invalidFilter') return error.detail;
    throw error;
  }
  throw new Error('It was resolved.');
};

describe('a filter is true (RFC 7644 §3.4.2.2)', () => {
  it.each([
    // Texts, without regard to case unless caseExact.
    'userName eq "bjensen@EXAMPLE.com"',
    'USERNAME Eq "bjensen@example.com"',
    'id eq "Ab1"',
    'name.givenName eq "ZOE\u0308"',
    'name.familyName co "o\'m"',
    'title sw "tour" and title ew "GUIDE"',
    'name.familyName gt "P" or name.familyName lt "P"',
    'title ge "tour guide" and title le "Tour Guide"',
    'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "b"',
    'urn:ietf:params:scim:schemas:core:2.0:USER:name.givenName sw "z"',
    // Booleans.
    'active eq true',
    'active ne false',
    'active eq "True"',
    // Numbers.
    `${badge.id}:level gt 4 and ${badge.id}:level lt 5.5`,
    `${badge.id}:weight eq 15e-1`,
    // Instants, whatever their zone.
    'meta.created eq "2011-05-13T06:42:34+02:00"',
    'meta.lastModified lt "2011-05-13T02:42:34.251Z" and meta.lastModified ge "2011-05-13T02:42:34.25Z"',
    'meta.created gt "0001-01-03T00:00:00.0000000Z"',
    // Null and presence.
    'displayName eq null',
    'title ne null',
    'title pr and name pr and emails pr and emails.display eq null',
    'not (displayName pr)',
    'not (nickName pr)',
    `${enterprise}:manager pr`,
    // Several values: any will do.
    'emails.type eq "home"',
    'emails co "jensen.org"',
    'emails.type ne "work"',
    'emails[type eq "work" and value co "@example.com"]',
    'emails[not (type eq "home")]',
    'emails[primary eq true]',
    'emails[display eq null]',
    `${badge.id}:colors eq "blue"`,
    `${badge.id}:colors[value eq "blue"]`,
    // What has no value is not identical to any.
    'displayName ne "x"',
    'phoneNumbers.type ne "work"',
    // Extensions.
    'department eq "tour"',
    'manager eq "26118915"',
    `${enterprise}:manager.value eq "26118915"`,
    `schemas eq "${enterprise}"`,
    'schemas eq "urn:ietf:params:scim:schemas:core:2.0:User"',
    `${badge.id}:title eq "of the badge" and title eq "Tour Guide"`,
    `${badge.id}:code eq "aB"`,
    'emails[type eq "work"].value eq "bjensen@example.com"',
  ])('%s', (filter) => {
    expect(matches(filter)).toBe(true);
    expect(matches(`not (${filter})`)).toBe(false);
  });

  it.each([
    'id eq "ab1"',
    `${badge.id}:code eq "ab"`,
    'emails[type eq "home" and value co "@example.com"]',
    'emails[type eq "other"]',
    'meta.created gt "2011-05-13T04:42:34Z"',
    'active eq false',
    'userName eq null',
    'phoneNumbers[type eq "work"]',
    'phoneNumbers.type eq "work"',
    `${badge.id}:level eq 5.5`,
    'userName eq "\' or 1=1 --"',
    'userName co "%"',
  ])('but not: %s', (filter) => {
    expect(matches(filter)).toBe(false);
  });

  it('orders texts by code points, as databases do by bytes', () => {
    // U+FF5E comes before U+1F600, though its UTF-16 unit is greater.
    expect(matches('displayName lt "\u{1f600}"', { ...user, displayName: '\uff5e' })).toBe(true);
    expect(matches('displayName gt "\uff5e"', { ...user, displayName: '\u{1f600}' })).toBe(true);
  });

  it('finds members of a group by their value', () => {
    const filter = resolveFilter(parseFilter('id eq "g" and members eq "7"'), groupType);
    expect(evaluateFilter(filter, { id: 'g', members: [{ value: '7' }] })).toBe(true);
    expect(evaluateFilter(filter, { id: 'g' })).toBe(false);
  });
});

describe('a filter is refused with the place', () => {
  it.each([
    ['title pr and frobnicate eq "x"', 'character 14: User has no attribute frobnicate'],
    ['name.frobnicate pr', 'name has no sub-attribute frobnicate'],
    ['urn:x:y:userName pr', 'User has no schema urn:x:y'],
    [`${enterprise}:userName pr`, 'has no attribute userName'],
    [`${enterprise} pr`, 'name an attribute after the URN'],
    ['password pr', 'never returned'],
    ['password sw "a"', 'never returned'],
    ['name eq "x"', 'name one of its sub-attributes'],
    ['active gt true', 'no operator gt'],
    ['active co "t"', 'no operator co'],
    ['active eq "maybe"', 'of type boolean; "maybe" is not'],
    ['userName eq 5', 'of type string; 5 is not'],
    ['userName gt null', 'null is compared with eq or ne'],
    ['meta.created eq "yesterday"', 'of type dateTime'],
    ['meta.created gt "2011-02-30T00:00:00Z"', 'of type dateTime'],
    ['meta.created sw "2011"', 'no operator sw'],
    ['x509Certificates gt "a"', 'no operator gt'],
    [`${badge.id}:level eq "5"`, 'of type integer'],
    [`${badge.id}:level co 5`, 'no operator co'],
    ['userName[value eq "x"]', 'one simple value'],
    ['emails.value[type eq "x"]', 'brackets follow an attribute'],
    ['emails[emails.type eq "work"]', 'name a sub-attribute of emails alone'],
    ['emails[frobnicate eq "work"]', 'emails has no sub-attribute frobnicate'],
  ])('%s', (filter, detail) => {
    expect(refusal(filter)).toContain(detail);
  });

  it('but over several types, what one of them has not is without a value (RFC 7644 §3.4.2.1)', () => {
    const over = (filter: string): boolean =>
      evaluateFilter(resolveFilter(parseFilter(filter), groupType, { unknown: 'absent' }), { displayName: 'x' });
    expect(over('displayName eq "x" and userName eq null')).toBe(true);
    expect(over('userName eq "y" or userName pr or emails[type eq "work"] or userName ne null')).toBe(false);
    expect(over('userName ne "y"')).toBe(true);
  });
});
