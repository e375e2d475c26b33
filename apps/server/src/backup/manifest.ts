import { z } from 'zod';

/** Names inside the folder of a backup. */
export const manifestFile = 'backup.json';
export const sealedFile = 'database.sealed';

/** What a backup is of. All of it is authenticated by the seal. */
const aboutSchema = z.strictObject({
  format: z.literal('latchkey-backup-1'),
  /** The version of Latchkey that made it. */
  version: z.string(),
  createdAt: z.iso.datetime(),
  /** Octets of the database. */
  octets: z.number().int(),
  /** Tells whether a master key is the right one, and nothing of the key. */
  keyCheck: z.string(),
  /** Makes the key of this backup a new one. */
  salt: z.string(),
  migrations: z.array(z.string()).readonly(),
  rows: z.record(z.string(), z.number().int()).readonly(),
});

/** `backup.json`. */
export const manifestSchema = z.strictObject({
  about: aboutSchema,
  seal: z.strictObject({
    /** Of AES-256-GCM, base64url. */
    tag: z.string(),
    /** Of the file `database.sealed`, hexadecimal: what `sha256sum` prints. */
    sha256: z.string(),
  }),
});

export type About = z.output<typeof aboutSchema>;
export type Manifest = z.output<typeof manifestSchema>;
