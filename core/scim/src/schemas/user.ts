import { type Attribute, attribute, complex } from '../attribute.ts';
import { schemaUrns } from '../names.ts';
import type { Schema } from '../schema.ts';

/** The sub-attributes RFC 7643 §2.4 gives to multi-valued attributes. */
const plural = (value: Attribute, types: readonly string[] = []): readonly Attribute[] => [
  value,
  attribute('display', 'string', 'A name for people to read.'),
  attribute('type', 'string', 'What the value is used for.', types.length === 0 ? {} : { canonicalValues: types }),
  attribute('primary', 'boolean', 'True for the preferred value; at most one has it.'),
];

const multiValued = { multiValued: true } as const;

/** RFC 7643 §4.1, §8.7.1. */
export const userSchema: Schema = {
  id: schemaUrns.user,
  name: 'User',
  description: 'User Account',
  attributes: [
    attribute('userName', 'string', 'The name the user signs in with. Unique, whatever its case.', {
      required: true,
      uniqueness: 'server',
    }),
    complex('name', "The components of the user's name.", [
      attribute('formatted', 'string', 'The whole name, as shown.'),
      attribute('familyName', 'string', 'The family name.'),
      attribute('givenName', 'string', 'The given name.'),
      attribute('middleName', 'string', 'The middle name or names.'),
      attribute('honorificPrefix', 'string', 'A title such as "Dr.".'),
      attribute('honorificSuffix', 'string', 'A suffix such as "III".'),
    ]),
    attribute('displayName', 'string', 'The name to show for the user.'),
    attribute('nickName', 'string', 'What the user is called.'),
    attribute('profileUrl', 'reference', "The address of the user's profile.", { referenceTypes: ['external'] }),
    attribute('title', 'string', "The user's title, such as Vice President."),
    attribute('userType', 'string', 'How the user belongs to the organization, such as Contractor.'),
    attribute('preferredLanguage', 'string', 'The languages the user prefers, as in Accept-Language.'),
    attribute('locale', 'string', 'How numbers and dates are written for the user.'),
    attribute('timezone', 'string', "The user's time zone, such as America/Los_Angeles."),
    attribute('active', 'boolean', 'False: the user may not sign in.'),
    attribute('password', 'string', 'A password the client sets; never returned.', {
      mutability: 'writeOnly',
      returned: 'never',
      caseExact: true,
    }),
    complex(
      'emails',
      'E-mail addresses.',
      plural(attribute('value', 'string', 'The address.'), ['work', 'home', 'other']),
      multiValued,
    ),
    complex(
      'phoneNumbers',
      'Telephone numbers.',
      plural(attribute('value', 'string', 'The number.'), ['work', 'home', 'mobile', 'fax', 'pager', 'other']),
      multiValued,
    ),
    complex(
      'ims',
      'Instant messaging addresses.',
      plural(attribute('value', 'string', 'The address.'), ['aim', 'gtalk', 'icq', 'xmpp', 'msn', 'skype', 'qq', 'yahoo']),
      multiValued,
    ),
    complex(
      'photos',
      'Addresses of photos of the user.',
      plural(attribute('value', 'reference', 'The address.', { referenceTypes: ['external'] }), ['photo', 'thumbnail']),
      multiValued,
    ),
    complex(
      'addresses',
      'Postal addresses.',
      [
        attribute('formatted', 'string', 'The whole address, as on a label.'),
        attribute('streetAddress', 'string', 'Street, house number, post office box.'),
        attribute('locality', 'string', 'City or town.'),
        attribute('region', 'string', 'State or region.'),
        attribute('postalCode', 'string', 'Postal code.'),
        attribute('country', 'string', 'Country, ISO 3166-1 alpha-2.'),
        attribute('type', 'string', 'What the address is used for.', { canonicalValues: ['work', 'home', 'other'] }),
        attribute('primary', 'boolean', 'True for the preferred address; at most one has it.'),
      ],
      multiValued,
    ),
    complex(
      'groups',
      'The groups the user is a member of, directly or through other groups. Changed by the group.',
      [
        attribute('value', 'string', 'The id of the group.', { mutability: 'readOnly', caseExact: true }),
        attribute('$ref', 'reference', 'The URI of the group.', { mutability: 'readOnly', referenceTypes: ['Group'] }),
        attribute('display', 'string', 'The name of the group.', { mutability: 'readOnly' }),
        attribute('type', 'string', 'How the user is a member.', {
          mutability: 'readOnly',
          canonicalValues: ['direct', 'indirect'],
        }),
      ],
      { multiValued: true, mutability: 'readOnly' },
    ),
    complex(
      'entitlements',
      'What the user is entitled to.',
      plural(attribute('value', 'string', 'The entitlement.')),
      multiValued,
    ),
    complex('roles', 'What the user is, such as Student.', plural(attribute('value', 'string', 'The role.')), multiValued),
    complex(
      'x509Certificates',
      "The user's certificates.",
      plural(attribute('value', 'binary', 'The certificate: DER in base64.')),
      multiValued,
    ),
  ],
};
