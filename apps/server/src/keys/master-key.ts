import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { hmac } from './node-crypto.ts';

/** The server's one root secret, from which every other is derived or under which it is encrypted. */
export interface MasterKey {
  /** HMAC-SHA256 under a key of its own for each purpose, base64url. */
  readonly mac: (purpose: string, text: string) => string;
  /** AES-256-GCM: base64url of nonce (12), ciphertext and tag (16). `context` is authenticated too: a value moved elsewhere does not open. */
  readonly encrypt: (context: string, plain: Buffer) => string;
  readonly decrypt: (context: string, sealed: string) => Buffer;
}

const derive = (root: Buffer, purpose: string): Buffer => Buffer.from(hkdfSync('sha256', root, '', `latchkey/${purpose}`, 32));

/** A master key of 32 octets. */
export const masterKey = (root: Buffer): MasterKey => {
  const macKeys = new Map<string, KeyObject>();
  const sealing = derive(root, 'encryption');
  const macKey = (purpose: string): KeyObject => {
    const known = macKeys.get(purpose);
    if (known !== undefined) return known;
    const made = createSecretKey(derive(root, `mac/${purpose}`));
    macKeys.set(purpose, made);
    return made;
  };
  return {
    mac: (purpose, text) => hmac(macKey(purpose), text),
    encrypt: (context, plain) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce);
      cipher.setAAD(Buffer.from(context, 'utf8'));
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64url');
    },
    decrypt: (context, sealed) => {
      const bytes = Buffer.from(sealed, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', sealing, bytes.subarray(0, 12), { authTagLength: 16 });
      decipher.setAAD(Buffer.from(context, 'utf8'));
      decipher.setAuthTag(bytes.subarray(-16));
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
    },
  };
};

const syncFolder = (folder: string): void => {
  const fd = openSync(folder, 'r');
  fsyncSync(fd);
  closeSync(fd);
};

/** Writes a secret to a new file, mode 0600, durable before this returns; false if the file is there already. Never half-written. */
const createSecretFile = (file: string, text: string): boolean => {
  const temporary = `${file}.${process.pid}.tmp`;
  const fd = openSync(temporary, 'w', 0o600);
  writeSync(fd, text);
  fsyncSync(fd);
  closeSync(fd);
  try {
    linkSync(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // node:fs throws nothing else
    return false;
  } finally {
    unlinkSync(temporary);
  }
  syncFolder(dirname(file));
  return true;
};

/**
 * Reads the master key's file, and makes it at the first start of a new server.
 *
 * @throws Error with a sentence for the operator: the file is readable by others, not a key, or lost while a database is there.
 */
export const openMasterKey = (file: string, options: { readonly mayCreate: boolean }): MasterKey => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // node:fs throws nothing else
    if (!options.mayCreate) {
      throw new Error(
        `The master key ${file} is missing, but a database exists that is encrypted with it. Restore the file from your backup.`,
      );
    }
    createSecretFile(file, `${randomBytes(32).toString('base64url')}\n`);
    text = readFileSync(file, 'utf8');
  }
  // A credential that systemd or a container hands in belongs to root and may be open to the group that is us.
  const { mode, uid } = statSync(file);
  if ((mode & (uid === 0 && process.getuid?.() !== 0 ? 0o027 : 0o077)) !== 0) {
    throw new Error(`The master key ${file} can be read by other users. Make it private first: chmod 600 ${file}`);
  }
  const root = Buffer.from(text.trim(), 'base64url');
  if (root.length !== 32)
    throw new Error(`${file} does not hold a master key: 32 octets in base64url were expected, ${root.length} were found.`);
  return masterKey(root);
};
