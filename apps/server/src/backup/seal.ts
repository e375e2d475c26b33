import { type CipherGCM, createCipheriv, createDecipheriv, createHash, type DecipherGCM } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { About, Manifest } from './manifest.ts';

/** HMAC-SHA256 under a key of its own for each purpose, base64url. */
export type Mac = (purpose: string, text: string) => string;

/** Tells whether a master key is the one that a backup was made with. */
export const keyCheckOf = (mac: Mac): string => mac('backup-check', 'latchkey-backup-1');

// A key that seals one file needs no nonce of its own (SP 800-38D §8.3 counts invocations with one key).
const nonce = Buffer.alloc(12);
const keyOf = (mac: Mac, about: About): Buffer => Buffer.from(mac('backup', about.salt), 'base64url');

/** What else the seal vouches for: a manifest and a database of two backups do not open together. */
const bind = <Cipher extends CipherGCM | DecipherGCM>(cipher: Cipher, about: About): Cipher => {
  cipher.setAAD(Buffer.from(JSON.stringify(about), 'utf8'));
  return cipher;
};

/** Encrypts a file with AES-256-GCM to a new one, on the disk before this answers. */
export const sealFile = async (mac: Mac, about: About, source: string, target: string): Promise<Manifest['seal']> => {
  const cipher = bind(createCipheriv('aes-256-gcm', keyOf(mac, about), nonce), about);
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(createReadStream(source), cipher, hashing, createWriteStream(target, { flags: 'wx', mode: 0o600, flush: true }));
  return { tag: cipher.getAuthTag().toString('base64url'), sha256: hash.digest('hex') };
};

/** Decrypts to a new file. Rejects unless every octet, and the manifest, are those that were sealed: use the file only then. */
export const openSealedFile = async (mac: Mac, { about, seal }: Manifest, source: string, target: string): Promise<void> => {
  const decipher = bind(createDecipheriv('aes-256-gcm', keyOf(mac, about), nonce, { authTagLength: 16 }), about);
  decipher.setAuthTag(Buffer.from(seal.tag, 'base64url'));
  await pipeline(createReadStream(source), decipher, createWriteStream(target, { flags: 'wx', mode: 0o600, flush: true }));
};
