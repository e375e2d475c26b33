import { PROOF_TYPE, readJws, signJws, verifyJws } from '@latchkey/device';
import { CompactSign, compactVerify } from 'jose';
import { expect, test } from 'vitest';
import { deviceVerifyKey } from '../../apps/server/src/keys/node-crypto.ts';
import { createDeviceKey } from '../kit/device.ts';

const payload = { userName: 'j.doe@acme.com', text: 'Ünïcode 🔑', n: 1 };

test('jose verifies the JWS that we sign (RFC 7515 §3.1)', async () => {
  const key = createDeviceKey();
  const jws = signJws({ typ: PROOF_TYPE }, payload, key);
  const verified = await compactVerify(jws, { ...key.jwk, alg: 'ES256' }, { algorithms: ['ES256'] });
  expect(verified.protectedHeader).toEqual({ alg: 'ES256', typ: PROOF_TYPE });
  expect(JSON.parse(Buffer.from(verified.payload).toString('utf8'))).toEqual(payload);
});

test('we verify the JWS that jose signs', async () => {
  const key = createDeviceKey();
  const jws = await new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'ES256', typ: PROOF_TYPE })
    .sign(key.privateKey);
  expect(verifyJws(readJws(jws), PROOF_TYPE, deviceVerifyKey(key.jwk))).toEqual(payload);
});

test('we refuse what jose signs with another key', async () => {
  const jws = await new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'ES256', typ: PROOF_TYPE })
    .sign(createDeviceKey().privateKey);
  expect(() => verifyJws(readJws(jws), PROOF_TYPE, deviceVerifyKey(createDeviceKey().jwk))).toThrow('proof_signature');
});
