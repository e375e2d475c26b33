import type { Attribute, Response } from '../../core/saml/src/message.ts';
import { authnContextClasses, confirmationMethods, nameIDFormats, statusCodes } from '../../core/saml/src/names.ts';

/** The two parties of `sampleResponse`. */
export const IDP = { entityId: 'https://idp.example.com/saml/metadata' } as const;
export const SP = { entityId: 'https://sp.example.com/saml/metadata', acsUrl: 'https://sp.example.com/saml/acs' } as const;
export const REQUEST_ID = '_c0ffee00112233445566778899aabbcc';

const ATTRIBUTES: readonly Attribute[] = [
  ['urn:oid:0.9.2342.19200300.100.1.1', 'uid', 'alice'],
  ['urn:oid:0.9.2342.19200300.100.1.3', 'mail', 'alice@example.com'],
  ['urn:oid:2.5.4.42', 'givenName', 'Alice'],
  ['urn:oid:2.5.4.4', 'sn', 'Liddell & Söhne'],
  ['urn:oid:2.16.840.1.113730.3.1.241', 'displayName', 'Alice <Wonder> Liddell'],
  ['urn:oid:2.5.4.11', 'ou', 'Research'],
  ['urn:oid:2.5.4.12', 'title', 'Principal Investigator'],
  ['urn:oid:2.16.840.1.113730.3.1.39', 'preferredLanguage', 'en-GB'],
  ['urn:oid:1.3.6.1.4.1.5923.1.1.1.6', 'eduPersonPrincipalName', 'alice@example.com'],
].map(([name = '', friendlyName = '', value = '']) => ({
  name,
  nameFormat: 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
  friendlyName,
  values: [value],
}));

/** An honest Response, about 5 kB once its assertion is signed. */
export function sampleResponse(now: Date, change?: Partial<Response>): Response {
  const later = new Date(now.getTime() + 5 * 60_000);
  return {
    id: '_5f0c7a9b1d2e4f60819a2b3c4d5e6f70',
    issueInstant: now,
    issuer: IDP.entityId,
    inResponseTo: REQUEST_ID,
    destination: SP.acsUrl,
    status: { code: statusCodes.success },
    assertion: {
      id: '_a1b2c3d4e5f60718293a4b5c6d7e8f90',
      issueInstant: now,
      issuer: IDP.entityId,
      subject: { value: 'alice@example.com', format: nameIDFormats.emailAddress },
      subjectConfirmations: [
        { method: confirmationMethods.bearer, inResponseTo: REQUEST_ID, recipient: SP.acsUrl, notOnOrAfter: later },
      ],
      conditions: {
        notBefore: new Date(now.getTime() - 60_000),
        notOnOrAfter: later,
        audienceRestrictions: [[SP.entityId]],
        oneTimeUse: false,
        proxyRestriction: false,
      },
      authnStatement: {
        authnInstant: now,
        sessionIndex: '_s0011223344556677',
        authnContextClassRef: authnContextClasses.passwordProtectedTransport,
      },
      attributes: ATTRIBUTES,
    },
    ...change,
  };
}
