import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeDigest as digest, ecKey, rsaKey } from '../../../../test/kit/saml-keys.ts';
import { SamlError } from '../errors.ts';
import type { Assertion, Response } from '../message.ts';
import { type ResponseSigning, writeResponse } from '../messages/response.ts';
import { authnContextClasses, confirmationMethods, statusCodes } from '../names.ts';
import { readXml } from '../xml/read.ts';
import { checkResponse, type ResponseInput } from './sp.ts';

const idp = await ecKey();
const stranger = await ecKey();
const rsa = await rsaKey();
const key = idp.signingKey('ecdsa-sha256');

const now = new Date('2026-11-22T10:00:00Z');
const after = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const entityId = 'https://idp.example.com/metadata';
const sp = { entityId: 'https://sp.example.com/metadata', acsUrl: 'https://sp.example.com/acs' };

const bearer = { method: confirmationMethods.bearer, inResponseTo: '_q', recipient: sp.acsUrl, notOnOrAfter: after(300) };
const assertion: Assertion = {
  id: '_a',
  issueInstant: now,
  issuer: entityId,
  subject: { value: 'jane@example.com' },
  subjectConfirmations: [bearer],
  conditions: {
    notBefore: after(-30),
    notOnOrAfter: after(300),
    audienceRestrictions: [[sp.entityId]],
    oneTimeUse: false,
    proxyRestriction: false,
  },
  authnStatement: { authnInstant: now, authnContextClassRef: authnContextClasses.E0 },
  attributes: [{ name: 'displayName', values: ['Jane'] }],
};
const genuine: Response = {
  id: '_r',
  issueInstant: now,
  issuer: entityId,
  inResponseTo: '_q',
  destination: sp.acsUrl,
  status: { code: statusCodes.success },
  assertion,
};

const input = (text: string): ResponseInput => ({
  element: readXml(text),
  idp: { entityId, keys: [idp.verificationKey], wantResponseSigned: false, wantAssertionSigned: true },
  sp,
  isExpectedRequest: (id) => id === '_q',
  now,
  skewSeconds: 60,
  digest,
});
const write = (response: Response, signing: Partial<ResponseSigning> = { assertionKey: key }) =>
  writeResponse(response, { digest, ...signing });
const check = (response: Response) => checkResponse(input(write(response)));
const withAssertion = (change: Partial<Assertion>): Response => ({ ...genuine, assertion: { ...assertion, ...change } });
const refusal = (code: string) => expect.objectContaining({ name: 'SamlError', code });

test('a genuine Response is accepted, and the assertion is what was signed', () => {
  expect(check(genuine)).toEqual({ responseId: '_r', inResponseTo: '_q', assertion });
});

const without = <T extends object, K extends keyof T>(value: T, name: K): Omit<T, K> => {
  const { [name]: _, ...rest } = value;
  return rest;
};
const conditions = (change: object) => withAssertion({ conditions: { ...assertion.conditions, ...change } });
const confirmation = (change: object) => withAssertion({ subjectConfirmations: [{ ...bearer, ...change }] });

// Genuinely signed by the identity provider, and wrong.
test.each<[string, Response, string]>([
  [
    'class 45 wrong_irt: the answer to a request that is not open here',
    { ...confirmation({ inResponseTo: '_x' }), inResponseTo: '_x' },
    'in_response_to',
  ],
  [
    'class 45 irt_mismatch_sc: Response and SubjectConfirmationData differ',
    confirmation({ inResponseTo: '_x' }),
    'in_response_to',
  ],
  [
    'class 45: InResponseTo in the unsigned part only',
    withAssertion({ subjectConfirmations: [without(bearer, 'inResponseTo')] }),
    'in_response_to',
  ],
  ['class 46 unsolicited: no InResponseTo', without(genuine, 'inResponseTo'), 'in_response_to'],
  ['class 47 wrong_audience', conditions({ audienceRestrictions: [['https://other.example.com']] }), 'audience'],
  ['class 47 no_audience', conditions({ audienceRestrictions: [] }), 'audience'],
  [
    'class 47: several AudienceRestrictions must all hold',
    conditions({ audienceRestrictions: [[sp.entityId], ['https://other.example.com']] }),
    'audience',
  ],
  ['class 47: an empty AudienceRestriction', conditions({ audienceRestrictions: [[]] }), 'audience'],
  ['class 48 wrong_recipient', confirmation({ recipient: 'https://sp.example.com/acs2' }), 'subject_confirmation'],
  ['class 48: Recipient in other case', confirmation({ recipient: 'https://SP.example.com/acs' }), 'subject_confirmation'],
  ['class 48 no_recipient', withAssertion({ subjectConfirmations: [without(bearer, 'recipient')] }), 'subject_confirmation'],
  ['class 48 wrong_destination', { ...genuine, destination: 'https://sp.example.com:443/acs' }, 'destination_mismatch'],
  ['class 48 no_destination', without(genuine, 'destination'), 'destination_mismatch'],
  ['class 49 expired_conditions: now = NotOnOrAfter + skew', conditions({ notOnOrAfter: after(-60) }), 'expired'],
  ['class 49 expired_subjectconf: now = NotOnOrAfter + skew', confirmation({ notOnOrAfter: after(-60) }), 'expired'],
  ['class 49 notbefore_future', conditions({ notBefore: after(61) }), 'not_yet_valid'],
  [
    'class 49 no_sc_notonorafter',
    withAssertion({ subjectConfirmations: [without(bearer, 'notOnOrAfter')] }),
    'subject_confirmation',
  ],
  ['class 49: NotBefore on a bearer confirmation', confirmation({ notBefore: after(-30) }), 'subject_confirmation'],
  [
    'class 49: SessionNotOnOrAfter past',
    withAssertion({ authnStatement: { ...assertion.authnStatement, sessionNotOnOrAfter: after(-60) } }),
    'expired',
  ],
  ['class 49: issued in the future', withAssertion({ issueInstant: after(61) }), 'not_yet_valid'],
  [
    'class 50 wrong_issuer_both',
    { ...withAssertion({ issuer: 'https://evil.example' }), issuer: 'https://evil.example' },
    'issuer_unknown',
  ],
  ['class 50 wrong_issuer_assertion', withAssertion({ issuer: 'https://evil.example' }), 'issuer_unknown'],
  ['class 53 nameid_whitespace', withAssertion({ subject: { value: 'jane@example.com\n' } }), 'name_id'],
  ['class 53: a zero-width space', withAssertion({ subject: { value: 'ja\u200bne@example.com' } }), 'name_id'],
  ['class 53: not in NFC', withAssertion({ subject: { value: 'jane\u0301@example.com' } }), 'name_id'],
  ['class 53: empty', withAssertion({ subject: { value: '' } }), 'name_id'],
  ['class 53: too long', withAssertion({ subject: { value: 'j'.repeat(256) } }), 'name_id'],
  ['class 54 holder_of_key', confirmation({ method: confirmationMethods.holderOfKey }), 'subject_confirmation'],
  ['class 54 no_subjectconfirmation', withAssertion({ subjectConfirmations: [] }), 'subject_confirmation'],
  ['class 55 status_not_success', { ...genuine, status: { code: statusCodes.responder } }, 'status_not_success'],
])('refused: %s', (_, response, code) => {
  expect(() => check(response)).toThrow(refusal(code));
});

test.each<[string, Response]>([
  ['class 49: the last moment before NotOnOrAfter + skew', conditions({ notOnOrAfter: after(-59.999) })],
  ['class 49: NotBefore = now + skew', conditions({ notBefore: after(60) })],
  ['class 47: one of several audiences', conditions({ audienceRestrictions: [['https://other.example.com', sp.entityId]] })],
  [
    'class 54: a bearer confirmation beside another one',
    withAssertion({ subjectConfirmations: [{ method: confirmationMethods.holderOfKey }, bearer] }),
  ],
  [
    'class 56 onetimeuse_proxyrestriction: obeyed by using it once and not passing it on',
    conditions({ oneTimeUse: true, proxyRestriction: true }),
  ],
  [
    'class 53 nameid_unicode: another user, handed through as it is',
    withAssertion({ subject: { value: 'j\u0430ne@example.com' } }),
  ],
])('accepted: %s', (_, response) => {
  expect(check(response).assertion).toEqual(response.assertion);
});

test('a refusal by the identity provider is reported as such, unsigned as it is', () => {
  const status = { code: statusCodes.responder, subCode: statusCodes.authnFailed };
  const refused = { ...without(genuine, 'assertion'), status };
  expect(() => checkResponse(input(write(refused, {})))).toThrow(`status_not_success: ${status.code} ${status.subCode}`);
});

test.each<[string, Partial<ResponseSigning>, boolean, boolean, string | undefined]>([
  ['the Assertion signed, as wanted', { assertionKey: key }, false, true, undefined],
  ['the Response signed, as wanted', { responseKey: key }, true, false, undefined],
  ['both signed, both wanted', { assertionKey: key, responseKey: key }, true, true, undefined],
  ['either may do', { responseKey: key }, false, false, undefined],
  ['class 13: only the Assertion signed, the Response wanted', { assertionKey: key }, true, false, 'signature_missing'],
  ['class 13: only the Response signed, the Assertion wanted', { responseKey: key }, false, true, 'signature_missing'],
  ['class 12 strip: nothing signed, nothing wanted', {}, false, false, 'signature_missing'],
  [
    'class 26: the Assertion by a stranger',
    { assertionKey: stranger.signingKey('ecdsa-sha256') },
    false,
    true,
    'signature_invalid',
  ],
  [
    'class 26: the wanted one good, the other by a stranger',
    { assertionKey: key, responseKey: stranger.signingKey('ecdsa-sha256') },
    false,
    true,
    'signature_invalid',
  ],
  [
    'class 26: an algorithm of another key type',
    { assertionKey: rsa.signingKey('rsa-sha256') },
    false,
    true,
    'signature_algorithm',
  ],
])('what must be signed: %s', (_, signing, wantResponseSigned, wantAssertionSigned, code) => {
  const given = input(write(genuine, signing));
  const run = () => checkResponse({ ...given, idp: { ...given.idp, wantResponseSigned, wantAssertionSigned } });
  if (code === undefined) expect(run().assertion).toEqual(assertion);
  else expect(run).toThrow(refusal(code));
});

test('a genuine Response, cut and put together anyhow, is refused with SamlError or is what was signed', () => {
  const whole = write(genuine, { assertionKey: key, responseKey: key });
  const tags = whole.split(/(?=<)/);
  const cuts = fc.array(fc.tuple(fc.nat(tags.length), fc.nat(4), fc.nat(tags.length)), { maxLength: 4 });
  let accepted = 0;
  fc.assert(
    fc.property(cuts, (moves) => {
      const pieces = [...tags];
      for (const [from, count, to] of moves) {
        const moved = pieces.splice(from, count);
        pieces.splice(to, 0, ...moved, ...(count % 2 === 0 ? moved : []));
      }
      try {
        expect(checkResponse(input(pieces.join(''))).assertion).toEqual(assertion);
        accepted += 1;
      } catch (error) {
        if (!(error instanceof SamlError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
  expect(accepted).toBeGreaterThan(0);
});
