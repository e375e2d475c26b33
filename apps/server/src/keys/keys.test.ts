import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../ids.ts';
import { masterKey, openMasterKey } from './master-key.ts';
import { createOrganizationKeys, organizationKeyring } from './organization-keys.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-keys-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the master key', () => {
  test('is made at the first start, readable by its owner only, and stays the same', () => {
    const file = join(folder, 'master.key');
    const first = openMasterKey(file, { mayCreate: true });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = openMasterKey(file, { mayCreate: false });
    expect(again.mac('x', 'text')).toBe(first.mac('x', 'text'));
  });

  test('is not made anew when a database exists that needs the old one', () => {
    expect(() => openMasterKey(join(folder, 'lost.key'), { mayCreate: false })).toThrow('Restore the file from your backup');
  });

  test('is refused when other users can read it', () => {
    const file = join(folder, 'open.key');
    openMasterKey(file, { mayCreate: true });
    chmodSync(file, 0o644);
    expect(() => openMasterKey(file, { mayCreate: true })).toThrow(`chmod 600 ${file}`);
  });

  test.runIf(process.getuid?.() === 0)(
    'is taken from a credential that belongs to root and is open to our group (systemd)',
    () => {
      const file = join(folder, 'credential.key');
      openMasterKey(file, { mayCreate: true });
      chmodSync(file, 0o440);
      chmodSync(folder, 0o755);
      // What is loaded is loaded as root: the checkout may be in a folder of ours.
      const script = `const { openMasterKey } = await import(${JSON.stringify(new URL('./master-key.ts', import.meta.url).href)});
      process.setuid(65534);
      openMasterKey(${JSON.stringify(file)}, { mayCreate: false });`;
      expect(() => openMasterKey(file, { mayCreate: false })).toThrow('chmod 600');
      expect(spawnSync(process.execPath, ['--input-type=module', '-e', script]).status).toBe(0);
      chmodSync(folder, 0o700);
    },
  );

  test('is refused when the file holds something else, and the file is left as it is', () => {
    const file = join(folder, 'other.key');
    writeFileSync(file, 'hello\n', { mode: 0o600 });
    expect(() => openMasterKey(file, { mayCreate: true })).toThrow('32 octets in base64url were expected');
    expect(readFileSync(file, 'utf8')).toBe('hello\n');
  });

  test('gives each purpose a key of its own', () => {
    const key = masterKey(Buffer.alloc(32, 1));
    expect(key.mac('nonce', 'text')).not.toBe(key.mac('device-token', 'text'));
  });

  test('opens what it sealed, but not under another context, nor changed by a bit, nor with a shorter tag', () => {
    const key = masterKey(Buffer.alloc(32, 1));
    const sealed = key.encrypt('signing-key:1', Buffer.from('secret'));
    expect(key.decrypt('signing-key:1', sealed).toString()).toBe('secret');
    expect(() => key.decrypt('signing-key:2', sealed)).toThrow();
    const bytes = Buffer.from(sealed, 'base64url');
    bytes[14] = (bytes[14] ?? 0) ^ 1;
    expect(() => key.decrypt('signing-key:1', bytes.toString('base64url'))).toThrow();
    expect(() => key.decrypt('signing-key:1', Buffer.from(sealed, 'base64url').subarray(0, -4).toString('base64url'))).toThrow();
    expect(sealed).not.toBe(key.encrypt('signing-key:1', Buffer.from('secret')));
  });
});

describe("an organization's keys", () => {
  test('are stored encrypted, opened once, and sign what their certificates verify', async () => {
    const key = masterKey(Buffer.alloc(32, 2));
    const stored = await createOrganizationKeys({ masterKey: key, newId, now: Date.now });
    expect(stored.map(({ purpose }) => purpose)).toEqual(['idp-ec', 'idp-rsa', 'sp-ec', 'token']);
    let asked = 0;
    let at = 0;
    const { keysOf, forget } = organizationKeyring({
      masterKey: key,
      monotonicNow: () => at,
      port: () => ({
        listSigningKeys: async () => {
          asked++;
          return stored;
        },
      }),
    });
    const keys = await keysOf('org_1');
    expect(await keysOf('org_1')).toBe(keys);
    expect(asked).toBe(1);
    at = 1000;
    expect(await keysOf('org_1')).toBe(keys);
    forget('org_1');
    expect(await keysOf('org_1')).not.toBe(keys);
    expect(asked).toBe(3);
    const [rsa, ec] = keys.idpVerify;
    expect(ec?.verify('ecdsa-sha256', 'text', keys.idpEc.sign('text'))).toBe(true);
    expect(rsa?.verify('rsa-sha256', 'text', keys.idpRsa.sign('text'))).toBe(true);
    expect(rsa?.size).toBe(3072);
    expect(ec?.verify('ecdsa-sha256', 'text', keys.spEc.sign('text'))).toBe(false);
    // The algorithm must fit the key: an RSA name on an EC key is no signature at all.
    expect(ec?.verify('rsa-sha256', 'text', keys.idpEc.sign('text'))).toBe(false);
  });

  test('do not open under another master key', async () => {
    const stored = await createOrganizationKeys({ masterKey: masterKey(Buffer.alloc(32, 2)), newId, now: Date.now });
    const { keysOf } = organizationKeyring({
      masterKey: masterKey(Buffer.alloc(32, 3)),
      monotonicNow: () => 0,
      port: () => ({ listSigningKeys: async () => stored }),
    });
    await expect(keysOf('org_1')).rejects.toThrow();
  });
});
