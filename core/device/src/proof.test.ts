import { expect, test } from 'vitest';
import { formatClaim, parseClaim } from './claim.ts';
import { buildDpop, checkDpop } from './dpop.ts';
import { buildEnrollment, checkEnrollment } from './enrollment.ts';
import { parseParameters } from './parameters.ts';
import { buildProof, checkProof, type ExpectedProof } from './proof.ts';

const freshness = { nonce: 'n', jti: 'j', iat: 1 };
const expected: ExpectedProof = {
  audience: 'https://id.acme.com/saml/org_1/idp/metadata',
  digest: 'd',
  origin: 'https://id.acme.com',
  responseConsumerURL: 'https://id.acme.com/saml/org_1/sp/device/acs',
  deviceId: 'dev_1',
  claim: { userName: 'j.doe@acme.com', deviceId: 'dev_1', parameters: { hostName: 'host' } },
};
const proof = {
  ...freshness,
  ...expected,
  userName: 'j.doe@acme.com',
  parameters: { hostName: 'host', osName: 'Linux' },
  joinState: { counter: 3, id: 'id' },
};
const payload = buildProof(proof);

test('a proof is read as it was built', () => {
  expect(checkProof(payload, expected)).toEqual({
    ...freshness,
    userName: 'j.doe@acme.com',
    deviceId: 'dev_1',
    parameters: { hostName: 'host', osName: 'Linux' },
    joinState: { counter: 3, id: 'id' },
    mismatch: undefined,
  });
});

test.each([
  ['proof_audience', { aud: 'https://evil.example.com' }],
  ['proof_digest', { digest: 'other' }],
  ['proof_origin', { origin: 'https://evil.example.com' }],
  ['proof_origin', { origin: undefined }],
  ['proof_consumer', { responseConsumerURL: 'https://evil.example.com/acs' }],
  ['proof_device', { deviceId: 'dev_2' }],
  ['proof_claim', { userName: 'ceo@acme.com' }],
  ['proof_claim', { parameters: { hostName: 'other' } }],
])('a proof does not fit, %s, when it says %o (device-binding §5.8)', (code, change) => {
  expect(checkProof({ ...payload, ...change }, expected).mismatch?.code).toBe(code);
});

test.each([
  ['use_dpop_nonce', { nonce: undefined }],
  ['proof_malformed', { nonce: 7 }],
  ['proof_malformed', { jti: '' }],
  ['proof_malformed', { iat: '1' }],
  ['proof_malformed', { joinState: { counter: -1, id: 'id' } }],
  ['proof_malformed', { joinState: { counter: 0.5, id: 'id' } }],
  ['proof_malformed', { joinState: { counter: 1 } }],
  ['parameters_invalid', { parameters: { osName: 7 } }],
])('a proof cannot be read, %s, when it says %o', (code, change) => {
  expect(() => checkProof({ ...payload, ...change }, expected)).toThrow(new RegExp(`^${code}:`));
});

test('a field of the claim that the proof leaves out is not believed and not refused', () => {
  expect(checkProof({ ...payload, parameters: {} }, expected).parameters).toEqual({});
});

test('an AuthnRequest of a service provider that knows nothing of us holds no claim', () => {
  const { claim: _claim, ...foreign } = expected;
  expect(checkProof(payload, foreign).userName).toBe('j.doe@acme.com');
});

test('an enrollment is read as it was built, for the audience it was made for only', () => {
  const claims = { ...freshness, token: 't', userName: 'a@b', parameters: { serial: 's' } };
  const built = buildEnrollment({ ...claims, audience: 'https://id.acme.com' });
  expect(checkEnrollment(built, { audience: 'https://id.acme.com' })).toEqual(claims);
  expect(() => checkEnrollment(built, { audience: 'https://evil.example.com' })).toThrow(/^proof_audience/);
  expect(() => checkEnrollment({ ...built, token: '' }, { audience: 'https://id.acme.com' })).toThrow(/^proof_malformed/);
});

test('parameters: unknown names are dropped, long ones and control characters refused', () => {
  expect(parseParameters({ serial: 's', extra: 'x', hostName: '' })).toEqual({ serial: 's' });
  expect(parseParameters(JSON.parse('{"__proto__": {"serial": "s"}, "constructor": "x"}'))).toEqual({});
  for (const serial of ['x'.repeat(257), 'a\nb', 'a\u0000', '\ud800', ['s']]) {
    expect(() => parseParameters({ serial })).toThrow(/^parameters_invalid/);
  }
});

test('a DPoP proof that goes with an access token names it (RFC 9449 §4.3 step 10)', () => {
  const target = { htm: 'GET', htu: 'https://wiki.acme.com/page', ath: 'digest-of-the-token' };
  const dpop = buildDpop({ ...freshness, ...target });
  expect(checkDpop(dpop, target)).toEqual(freshness);
  expect(() => checkDpop(dpop, { ...target, ath: 'digest-of-another' })).toThrow(/^proof_digest/);
  expect(() => checkDpop({ ...dpop, ath: undefined }, target)).toThrow(/^proof_digest/);
});

test('a DPoP proof is for one method and one address (RFC 9449 §4.3)', () => {
  const dpop = buildDpop({ ...freshness, htm: 'POST', htu: 'https://id.acme.com/agent/v1/token?x=1' });
  expect(checkDpop(dpop, { htm: 'POST', htu: 'https://id.acme.com/agent/v1/token' })).toEqual(freshness);
  expect(() => checkDpop(dpop, { htm: 'GET', htu: 'https://id.acme.com/agent/v1/token' })).toThrow(/^proof_method/);
  expect(() => checkDpop(dpop, { htm: 'POST', htu: 'https://id.acme.com/agent/v1/sign-out' })).toThrow(/^proof_target/);
  expect(() => checkDpop({ ...dpop, nonce: undefined }, { htm: 'POST', htu: 'https://id.acme.com/agent/v1/token' })).toThrow(
    /^use_dpop_nonce/,
  );
});

test('the claim header is read as it was written', () => {
  const claim = { userName: 'jürgen@acme.com', deviceId: 'dev_1', parameters: { hostName: '東京' } };
  expect(parseClaim(formatClaim(claim))).toEqual(claim);
  for (const header of ['', 'e30', 'x'.repeat(9000), '{}']) expect(() => parseClaim(header)).toThrow(/^proof_malformed/);
});
