import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jwkThumbprint, type PublicJwk, parsePublicJwk } from '@latchkey/device';
import { AgentError } from './errors.ts';
import { removeFile, writeFileDurably } from './files.ts';

/** The key of this device: a P-256 key in a file of mode 0600 (PKCS#8 PEM). */
export interface DeviceKey {
  readonly jwk: PublicJwk;
  readonly jkt: string;
  /** ES256 over the UTF-8 octets of `text`: base64url of r||s. */
  readonly sign: (text: string) => string;
}

export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('base64url');

export const keyPath = (stateDir: string): string => join(stateDir, 'device-key.pem');

const deviceKey = (privateKey: KeyObject): DeviceKey => {
  const jwk = parsePublicJwk(createPublicKey(privateKey).export({ format: 'jwk' }));
  return {
    jwk,
    jkt: jwkThumbprint(jwk, sha256),
    sign: (text) => sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
  };
};

export const loadKey = (stateDir: string): DeviceKey | undefined => {
  const path = keyPath(stateDir);
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new AgentError('key_broken', `The device key ${path} cannot be read.`, { cause: error, hint: String(error) });
  }
  try {
    return deviceKey(createPrivateKey(pem));
  } catch (cause) {
    throw new AgentError('key_broken', `The device key ${path} is broken.`, {
      cause,
      hint: 'Run "latchkey-agent unenroll --local" and enroll again; an administrator may have to approve.',
    });
  }
};

/** The key is on the disk before anyone hears of it: an enrollment whose reply is lost is repeated with the same key. */
export const loadOrCreateKey = (stateDir: string): DeviceKey => {
  const existing = loadKey(stateDir);
  if (existing !== undefined) return existing;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileDurably(keyPath(stateDir), privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return deviceKey(privateKey);
};

export const wipeKey = (stateDir: string): void => removeFile(keyPath(stateDir));
