import { type DeviceErrorCode, deviceErrorTexts, formatDeviceToken, parseDeviceToken } from '@latchkey/device';
import { describe, expect, test } from 'vitest';
import { createDeviceKey, type SimulatedDevice } from '../kit/device.ts';
import { begin, genuineFor, paos, refusalOf } from './flow.ts';
import { type Expected, judge } from './judge.ts';
import type { Target, TargetOrganization } from './target.ts';

const problem = (code: DeviceErrorCode, audited?: 'audited'): Expected => ({
  voice: { kind: 'problem', code, title: deviceErrorTexts[code] },
  ...(audited === undefined ? {} : { audited: code }),
});
const answeredNo = (code: DeviceErrorCode): Expected => ({ voice: { kind: 'response', code }, audited: code });
/** Which check of a proof has failed is not told. */
const BAD_PROOF = problem('request_refused');
const UNPROVEN: Expected = { voice: { kind: 'response', code: 'request_refused' } };

/** The attacks on device tokens, device keys and what they are good for (saml-attacks, class 60). */
export const attackDevices = (target: Target, acme: TargetOrganization, other: TargetOrganization): void => {
  const refuse = judge(target);
  const user = `j.doe@${acme.domain}`;
  let count = 0;
  const enrolled = () => {
    count += 1;
    return acme.enroll(`user${count}`);
  };
  const app = 'https://files.example';

  describe('device tokens (saml-attacks, class 60)', () => {
    const past = () => target.now() - 1;
    test.each<[string, Expected, () => Promise<string>, string]>([
      ['token_unknown', problem('token_unknown'), async () => TOKEN_OF_NOBODY, user],
      ['token_revoked', problem('token_revoked', 'audited'), () => acme.createToken({ revokedAt: past() }), user],
      ['token_expired', problem('token_expired', 'audited'), () => acme.createToken({ expiresAt: past() }), user],
      ['token_spent', problem('token_spent', 'audited'), () => acme.createToken({ maxEnrollments: 0 }), user],
      ['token_other_domain', problem('token_domain', 'audited'), () => acme.createToken({ domains: ['hr.example'] }), user],
      ['token_other_organization', problem('domain_not_proved', 'audited'), () => acme.createToken(), `ceo@${other.domain}`],
      ['token_domain_of_nobody', problem('domain_not_proved', 'audited'), () => acme.createToken(), 'ceo@nobody.example'],
    ])('class 60 %s', async (name, expected, makeToken, userName) => {
      const token = await makeToken();
      await refuse(`class 60 ${name}`, expected, () => refusalOf(target.createDevice().enroll(token, userName), 'enroll'));
    });

    test.each<[string, Expected, (token: string) => string]>([
      ['token_typing_error', problem('token_malformed'), (token) => token.slice(0, -1) + (token.endsWith('x') ? 'y' : 'x')],
      ['token_guessed_secret: the right lookup part', problem('token_unknown'), withSecret],
      ['token_lookup_only', problem('token_malformed'), (token) => parseDeviceToken(token).lookup],
      ['token_missing', problem('proof_malformed'), () => ''],
    ])('class 60 %s', async (name, expected, change) => {
      const enrollment = (payload: Record<string, unknown>) => ({ ...payload, token: change(String(payload.token)) });
      const token = await acme.createToken();
      await refuse(`class 60 ${name}`, expected, () =>
        refusalOf(target.createDevice().enroll(token, user, { enrollment }), 'enroll'),
      );
    });

    test('class 60 enrollment_stolen: another key in front of somebody’s enrollment', async () => {
      const honest = target.createDevice();
      const message = await honest.enrollmentMessage(await acme.createToken(), user);
      const [header = '', payload, signature] = message.split('.');
      const changed = { ...JSON.parse(Buffer.from(header, 'base64url').toString()), jwk: createDeviceKey().jwk };
      const stolen = [Buffer.from(JSON.stringify(changed)).toString('base64url'), payload, signature].join('.');
      await refuse('class 60 enrollment_stolen', BAD_PROOF, () =>
        refusalOf(target.createDevice().sendEnrollment(stolen), 'enroll'),
      );
    });

    test('class 60 enrollment_rebinds: the same key for another user', async () => {
      const device = await enrolled();
      const again = target.createDevice({ key: device.key });
      const token = await acme.createToken();
      await refuse('class 60 enrollment_rebinds', problem('user_change', 'audited'), () =>
        refusalOf(again.enroll(token, `ceo@${acme.domain}`), 'enroll'),
      );
    });

    test('class 60 token_at_sign_in: a device token is worth nothing outside an enrollment', async () => {
      const token = await acme.createToken();
      const stranger = target.createDevice();
      Object.assign(stranger.state, {
        deviceId: token,
        userName: user,
        idp: {
          ...stranger.state.idp,
          entityId: `${target.origin}/saml/${acme.id}/idp/metadata`,
          ssoUrl: target.origin + acme.sso,
        },
      });
      const begun = await begin(stranger);
      await refuse('class 60 token_at_sign_in', { voice: { kind: 'response', code: 'device_unknown' } }, () =>
        refusalOf(
          stranger.prove(begun, { idpHeaders: (headers) => ({ ...headers, authorization: `Bearer ${token}` }) }),
          'prove',
        ),
      );
    });
  });

  describe('devices at the identity provider (saml-attacks, class 60)', () => {
    test.each<[string, (device: SimulatedDevice) => Promise<unknown>, Expected]>([
      ['removed', (device) => change(device, 'removed'), answeredNo('device_removed')],
      ['quarantined', (device) => change(device, 'quarantined'), answeredNo('device_quarantined')],
    ])('class 60 device_%s: between request and proof', async (name, act, expected) => {
      const device = await enrolled();
      const begun = await begin(device);
      await act(device);
      await refuse(`class 60 device_${name}`, expected, () => refusalOf(device.prove(begun), 'prove'));
    });

    const change = (device: SimulatedDevice, state: 'removed' | 'quarantined') =>
      acme.storage.transaction((store) =>
        store.changeDeviceState(device.state.deviceId, 'registered', { state, reason: 'test', at: target.now() }),
      );

    test('class 60 device_removed_at_acs: between proof and assertion consumer service', async () => {
      const device = await enrolled();
      const { text, begun } = await genuineFor(device);
      await change(device, 'removed');
      await refuse('class 60 device_removed_at_acs', problem('device_removed', 'audited'), () =>
        device.postToConsumer(begun.responseConsumerURL, paos(text)),
      );
    });

    test('class 60 other_key: the device’s id with another key', async () => {
      const device = await enrolled();
      const thief = target.createDevice();
      Object.assign(thief.state, structuredClone(device.state));
      await refuse('class 60 other_key', UNPROVEN, () => refusalOf(thief.signIn(), 'prove'));
    });

    test('class 60 other_device_header: a good proof under another device’s id', async () => {
      const [device, victim] = [await enrolled(), await enrolled()];
      await refuse('class 60 other_device_header', UNPROVEN, () =>
        refusalOf(
          device.signIn({ idpHeaders: (headers) => ({ ...headers, 'latchkey-device': victim.state.deviceId }) }),
          'prove',
        ),
      );
    });

    test('class 60 other_organizations_device: at the identity provider of another organization', async () => {
      const theirs = await other.enroll('elsewhere');
      const ours = await enrolled();
      theirs.state.userName = ours.state.userName;
      theirs.state.idp = ours.state.idp;
      await refuse('class 60 other_organizations_device', { voice: { kind: 'response', code: 'device_unknown' } }, () =>
        refusalOf(theirs.signIn(), 'prove'),
      );
    });

    test.each<[string, DeviceErrorCode, (payload: Record<string, unknown>) => object]>([
      ['hostile_origin: asked by another site', 'proof_origin', (payload) => ({ ...payload, origin: 'https://evil.example' })],
      [
        'hostile_consumer: would be posted elsewhere',
        'proof_consumer',
        (payload) => ({ ...payload, responseConsumerURL: 'https://evil.example/acs' }),
      ],
      ['other_audience', 'proof_audience', (payload) => ({ ...payload, aud: `${target.origin}/saml/${other.id}/idp/metadata` })],
      ['other_message', 'proof_digest', (payload) => ({ ...payload, digest: 'x'.repeat(43) })],
      ['other_user_than_claimed', 'proof_claim', (payload) => ({ ...payload, userName: `ceo@${acme.domain}` })],
    ])('class 60 proof_%s', async (name, audited, proof) => {
      const device = await enrolled();
      await refuse(`class 60 proof_${name}`, { ...UNPROVEN, audited }, () => refusalOf(device.signIn({ proof }), 'prove'));
    });

    test('class 60 other_user: claimed and proven for somebody else', async () => {
      const device = await enrolled();
      device.state.userName = `ceo@${acme.domain}`;
      await refuse('class 60 other_user', answeredNo('user_change'), () => refusalOf(device.signIn(), 'prove'));
    });

    test('class 60 clone: an old join state puts both copies in quarantine', async () => {
      const device = await enrolled();
      await device.signIn();
      const clone = target.createDevice({ key: device.key });
      Object.assign(clone.state, structuredClone(device.state));
      await device.signIn();
      await device.signIn();
      const begun = await begin(clone);
      await refuse('class 60 clone', answeredNo('clone_suspected'), () => refusalOf(clone.prove(begun), 'prove'));
      expect((await acme.storage.read.findDevice(device.state.deviceId))?.state).toBe('quarantined');
    });

    test('class 60 application_above: an application that asks for more than the device has proven', async () => {
      await acme.registerApplication({ identifier: 'https://payroll.example', minEvidence: 'E3' });
      const device = await enrolled();
      await device.signIn();
      await refuse('class 60 application_above', problem('evidence_too_low', 'audited'), () =>
        refusalOf(device.accessToken('https://payroll.example'), 'call'),
      );
    });
  });

  describe('access tokens (saml-attacks, class 60)', () => {
    const token = (headers: Readonly<Record<string, string>>, body: object) =>
      target.exchange({
        method: 'POST',
        path: '/agent/v1/token',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });

    test('class 60 dpop_other_key, dpop_replayed, dpop_other_call', async () => {
      await acme.registerApplication({ identifier: app });
      const [device, thief] = [await enrolled(), await enrolled()];
      await device.signIn();
      const call = { session: device.state.session, application: app };
      const as = { 'latchkey-device': device.state.deviceId };

      thief.state.nonce = await device.challenge();
      await refuse('class 60 dpop_other_key', BAD_PROOF, () => token({ ...as, dpop: thief.dpopFor('/agent/v1/token') }, call));
      await refuse('class 60 dpop_other_address', BAD_PROOF, () =>
        token({ ...as, dpop: device.dpopFor('/agent/v1/keepalive') }, call),
      );
      await refuse('class 60 dpop_other_method', BAD_PROOF, () =>
        token({ ...as, dpop: device.dpopFor('/agent/v1/token', (payload) => ({ ...payload, htm: 'GET' })) }, call),
      );
      await refuse('class 60 dpop_missing', problem('use_dpop_nonce'), () => token(as, call));
      const dpop = device.dpopFor('/agent/v1/token');
      expect((await token({ ...as, dpop }, call)).status).toBe(200);
      await refuse('class 60 dpop_replayed', problem('use_dpop_nonce'), () => token({ ...as, dpop }, call));
      await thief.challenge();
      await refuse('class 60 session_of_another', problem('session_unknown', 'audited'), () =>
        refusalOf(thief.accessToken(app, device.state.session), 'call'),
      );
    });
  });
};

const TOKEN_OF_NOBODY = formatDeviceToken({ lookup: 'n'.repeat(10), secret: 'n'.repeat(32) });

/** The same lookup part with a secret that somebody has guessed, its checksum right. */
const withSecret = (token: string): string =>
  formatDeviceToken({ lookup: parseDeviceToken(token).lookup, secret: 'g'.repeat(32) });
