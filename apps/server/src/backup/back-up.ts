import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type About, type Manifest, manifestFile, sealedFile } from './manifest.ts';
import { keyCheckOf, type Mac, sealFile } from './seal.ts';

export interface BackUpNeeds {
  /** Copies the database, as it is now, to a new file. */
  readonly copyDatabase: (target: string) => Promise<Pick<About, 'rows' | 'migrations'>>;
  /** Where the copy lies until it is sealed: as well protected as the database itself. */
  readonly workFolder: string;
  readonly mac: Mac;
  readonly version: string;
  readonly randomText: (length: number) => string;
  readonly now: () => number;
}

const stale = 24 * 3_600_000;

/** What a killed backup has left. */
const tidy = (folder: string, now: number): void => {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    if (/^backup-\w+[.]tmp$/.test(name) && now - statSync(file).mtimeMs > stale) rmSync(file, { recursive: true });
  }
};

/**
 * Writes a backup into a new folder: everything acknowledged before this was called is in it, while the server goes on. It is sealed
 * under the master key, which is not in it.
 *
 * @throws Error with a sentence for the operator.
 */
export const backUp = async (needs: BackUpNeeds, folder: string): Promise<Manifest> => {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new Error(`${folder} is not empty: a backup is written into a new or empty folder.`);
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  tidy(needs.workFolder, needs.now());
  const copy = join(needs.workFolder, `backup-${needs.randomText(12)}.tmp`);
  try {
    const createdAt = new Date(needs.now()).toISOString();
    const { rows, migrations } = await needs.copyDatabase(copy);
    const about: About = {
      format: 'latchkey-backup-1',
      version: needs.version,
      createdAt,
      octets: statSync(copy).size,
      keyCheck: keyCheckOf(needs.mac),
      salt: needs.randomText(32),
      migrations,
      rows,
    };
    const manifest: Manifest = { about, seal: await sealFile(needs.mac, about, copy, join(folder, sealedFile)) };
    // The last file: a folder without it is no backup.
    writeFileSync(join(folder, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
    const opened = openSync(folder, 'r');
    fsyncSync(opened);
    closeSync(opened);
    return manifest;
  } finally {
    rmSync(copy, { force: true });
  }
};

/** A backup that is handed on and then forgotten, on the disk of the data folder. */
export const backUpOnce = async (
  needs: BackUpNeeds,
): Promise<{ readonly manifest: Manifest; readonly file: string; readonly discard: () => void }> => {
  const folder = join(needs.workFolder, `backup-${needs.randomText(12)}.tmp`);
  const discard = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    return { manifest: await backUp(needs, folder), file: join(folder, sealedFile), discard };
  } catch (error) {
    discard();
    throw error;
  }
};
