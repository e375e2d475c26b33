import { expect, test } from 'vitest';
import { nodeDigest as digest, ecKey } from '../../../../test/kit/saml-keys.ts';
import { parseRedirect, writeRedirect } from '../bindings/redirect.ts';
import type { AuthnRequest } from '../message.ts';
import { writeAuthnRequest } from '../messages/authn-request.ts';
import { authnContextClasses, bindings, nameIDFormats } from '../names.ts';
import { readXml } from '../xml/read.ts';
import { satisfiesAuthnContext } from './authn-context.ts';
import { type AuthnRequestInput, checkAuthnRequest } from './idp.ts';

const pair = await ecKey();
const stranger = await ecKey();
const key = pair.signingKey('ecdsa-sha256');

const now = new Date('2026-11-22T10:00:00Z');
const after = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const idp = { entityId: 'https://idp.example.com/metadata', ssoUrl: 'https://idp.example.com/sso' };
const paos = { binding: bindings.paos, location: 'https://sp.example.com/paos', index: 2 };
const post = { binding: bindings.httpPost, location: 'https://sp.example.com/acs', index: 0 };
const other = { binding: bindings.httpPost, location: 'https://sp.example.com/acs2', index: 1, isDefault: true };
const sp = {
  entityId: 'https://sp.example.com/metadata',
  assertionConsumerServices: [post, other, paos],
  keys: [pair.verificationKey],
  wantResponseSigned: false,
};
const request: AuthnRequest = { id: '_q', issueInstant: now, issuer: sp.entityId, destination: idp.ssoUrl };

const input = (text: string): AuthnRequestInput => ({
  element: readXml(text),
  receivedBy: { binding: 'post' },
  sp,
  idp,
  now,
  skewSeconds: 60,
  digest,
});
const check = (change: object, receivedBy: AuthnRequestInput['receivedBy'] = { binding: 'post' }) =>
  checkAuthnRequest({ ...input(writeAuthnRequest({ ...request, ...change }, { key, digest })), receivedBy });
const refusal = (code: string) => expect.objectContaining({ name: 'SamlError', code });

test('a genuine request is accepted and answered at the default endpoint (saml-metadata §2.2.3)', () => {
  const asked = { isPassive: true, forceAuthn: true };
  expect(check(asked)).toEqual({ request: { ...request, ...asked }, assertionConsumerService: other });
});

test.each<[string, object, AuthnRequestInput['receivedBy'], object]>([
  ['by index', { assertionConsumerServiceIndex: 0 }, { binding: 'post' }, post],
  ['by URL', { assertionConsumerServiceURL: post.location }, { binding: 'post' }, post],
  [
    'by URL and binding',
    { assertionConsumerServiceURL: post.location, protocolBinding: bindings.httpPost },
    { binding: 'post' },
    post,
  ],
  ['PAOS for a request by SOAP (saml-profiles §4.2)', {}, { binding: 'soap' }, paos],
  ['PAOS by index', { assertionConsumerServiceIndex: 2 }, { binding: 'soap' }, paos],
])('the answer goes %s', (_, change, receivedBy, endpoint) => {
  expect(check(change, receivedBy).assertionConsumerService).toEqual(endpoint);
});

test('by SOAP the Destination may be left out: the SP does not know whom the client will ask', () => {
  const element = readXml(writeAuthnRequest({ id: '_q', issueInstant: now, issuer: sp.entityId }, { key, digest }));
  expect(checkAuthnRequest({ ...input('<x/>'), element, receivedBy: { binding: 'soap' } }).request.id).toBe('_q');
  expect(() => checkAuthnRequest({ ...input('<x/>'), element })).toThrow(refusal('destination_mismatch'));
});

test.each<[string, object, string]>([
  [
    'class 58: an AssertionConsumerServiceURL nobody registered',
    { assertionConsumerServiceURL: 'https://evil.example/acs' },
    'acs_unregistered',
  ],
  ['class 58: a registered URL with something added', { assertionConsumerServiceURL: `${post.location}/` }, 'acs_unregistered'],
  ['class 58: an index out of range', { assertionConsumerServiceIndex: 9 }, 'acs_unregistered'],
  ['class 58: the index of an endpoint for another binding', { assertionConsumerServiceIndex: 2 }, 'acs_unregistered'],
  ['class 58: another binding', { protocolBinding: bindings.httpArtifact }, 'acs_unregistered'],
  [
    'class 58: index and URL',
    { assertionConsumerServiceIndex: 0, assertionConsumerServiceURL: post.location },
    'message_malformed',
  ],
  [
    'class 58: index and ProtocolBinding',
    { assertionConsumerServiceIndex: 0, protocolBinding: bindings.httpPost },
    'message_malformed',
  ],
  ['class 59: wrong Destination', { destination: `${idp.ssoUrl}/` }, 'destination_mismatch'],
  ['class 59: IssueInstant older than 300 s', { issueInstant: after(-301) }, 'issue_instant'],
  ['class 59: IssueInstant more than 60 s ahead', { issueInstant: after(61) }, 'issue_instant'],
  ['class 59: another issuer', { issuer: 'https://evil.example' }, 'issuer_unknown'],
  [
    'class 59: a RequestedAuthnContext we never give',
    { requestedAuthnContext: { comparison: 'exact', classRefs: ['urn:x'] } },
    'authn_context',
  ],
  [
    'class 59: better than the best',
    { requestedAuthnContext: { comparison: 'better', classRefs: [authnContextClasses.E4] } },
    'authn_context',
  ],
  ['a NameID format that is not offered', { nameIDPolicy: { format: 'urn:x' } }, 'name_id'],
  ['an affiliation', { nameIDPolicy: { spNameQualifier: 'https://affiliation.example' } }, 'name_id'],
  ['class 53: a Subject that breaks the NameID rule', { subject: { value: ' jane' } }, 'name_id'],
])('refused: %s', (_, change, code) => {
  expect(() => check(change)).toThrow(refusal(code));
});

test.each([
  ['the oldest', after(-300)],
  ['the furthest ahead', after(60)],
])('accepted: IssueInstant %s', (_, issueInstant) => {
  expect(check({ issueInstant }).request.issueInstant).toEqual(issueInstant);
});

test.each([nameIDFormats.unspecified, nameIDFormats.emailAddress, nameIDFormats.persistent, nameIDFormats.transient])(
  'NameIDPolicy %s is offered',
  (format) => {
    expect(check({ nameIDPolicy: { format } }).request.nameIDPolicy).toEqual({ format });
  },
);

test('class 59: unsigned, and signed by a stranger', () => {
  expect(() => checkAuthnRequest(input(writeAuthnRequest(request)))).toThrow(refusal('signature_missing'));
  const foreign = writeAuthnRequest(request, { key: stranger.signingKey('ecdsa-sha256'), digest });
  expect(() => checkAuthnRequest(input(foreign))).toThrow(refusal('signature_invalid'));
});

test('by redirect the signature is over the query (saml-bindings §3.4.4.1)', () => {
  const query = (signer: typeof key | undefined) => {
    const url = writeRedirect({
      location: idp.ssoUrl,
      parameter: 'SAMLRequest',
      deflated: 'AAAA',
      ...(signer && { key: signer }),
    });
    return { binding: 'redirect', message: parseRedirect(url.slice(url.indexOf('?') + 1)) } as const;
  };
  const given = input(writeAuthnRequest(request));
  expect(checkAuthnRequest({ ...given, receivedBy: query(key) }).assertionConsumerService).toEqual(other);
  expect(() => checkAuthnRequest({ ...given, receivedBy: query(undefined) })).toThrow(refusal('signature_missing'));
  expect(() => checkAuthnRequest({ ...given, receivedBy: query(stranger.signingKey('ecdsa-sha256')) })).toThrow(
    refusal('signature_invalid'),
  );
});

test.each([
  ['exact', [authnContextClasses.E1], [authnContextClasses.E1]],
  [
    'exact',
    [authnContextClasses.unspecified],
    ['unspecified', 'E0', 'E1', 'E2', 'E3', 'E4'].map((name) => authnContextClasses[name as 'E0']),
  ], // as: each is a key
  ['minimum', [authnContextClasses.E3], [authnContextClasses.E3, authnContextClasses.E4]],
  ['maximum', [authnContextClasses.E0], [authnContextClasses.unspecified, authnContextClasses.E0]],
  ['better', [authnContextClasses.E3], [authnContextClasses.E4]],
] as const)('RequestedAuthnContext %s %s is given by %s (saml-core §3.3.2.2.1)', (comparison, classRefs, given) => {
  const all = Object.values(authnContextClasses);
  expect(all.filter((classRef) => satisfiesAuthnContext({ comparison, classRefs }, classRef))).toEqual(given);
});
