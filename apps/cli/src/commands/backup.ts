import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { CliError, usage } from '../errors.ts';
import { act } from './shared.ts';

/** What this program reads of `backup.json`; the server, when it restores, checks all of it. */
interface Manifest {
  readonly about: { readonly createdAt: string; readonly rows: Readonly<Record<string, number>> };
  readonly seal: { readonly sha256: string };
}

export const addBackup = (program: Command): void => {
  act(
    program
      .command('backup')
      .argument('<folder>', 'a new or empty one')
      .summary('take a backup of the whole server (operators)')
      .description(
        `Fetches a backup of all data, as of now, while the server goes on. It is encrypted under the server's master key, which is not in it:
keep a copy of that file elsewhere. Restore it on the server with: npm start -- --restore <folder>`,
      ),
    async (session, _, [folder = '']) => {
      if (existsSync(folder) && readdirSync(folder).length > 0)
        throw usage(`${folder} is not empty.`, 'A backup is written into a new or empty folder.');
      const response = await session.operatorStream('/backup');
      const header = response.headers.get('latchkey-backup');
      if (header === null || response.body === null) throw new CliError('The server did not answer with a backup.');
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const file = join(folder, 'database.sealed');
      // The server and this program are of one version; a wrong one is found by the checksum below.
      const manifest = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as Manifest;
      const hash = createHash('sha256');
      const hashing = new Transform({
        transform: (chunk: Buffer, _encoding, done) => {
          hash.update(chunk);
          done(null, chunk);
        },
      });
      try {
        await pipeline(
          Readable.fromWeb(response.body),
          hashing,
          createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true }),
        );
        if (hash.digest('hex') !== manifest.seal.sha256) throw new Error('its checksum is wrong');
      } catch (cause) {
        rmSync(file, { force: true });
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new CliError(`The backup did not arrive whole: ${why}.`, { hint: 'Try again.', cause });
      }
      writeFileSync(join(folder, 'backup.json'), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
      const rows = Object.values(manifest.about.rows).reduce((sum, count) => sum + count, 0);
      session.output.done(
        { folder, ...manifest.about },
        `Backed up ${rows} rows as of ${manifest.about.createdAt} to ${folder}.`,
      );
      if (!session.output.json) {
        session.output.note(
          "The server's master key is not in it. Without that file nobody can open the backup: keep a copy elsewhere.",
        );
      }
    },
  );
};
