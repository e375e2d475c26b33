import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type About, type Manifest, manifestFile, manifestSchema, sealedFile } from './manifest.ts';
import { keyCheckOf, type Mac, openSealedFile } from './seal.ts';

const readManifest = (folder: string): Manifest => {
  const file = join(folder, manifestFile);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${folder} holds no whole backup: ${file} cannot be read.`, { cause });
  }
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(
    `${file} is not of a backup that this version can restore. Use the version of Latchkey that made it, or a newer one.`,
  );
};

/** The tables whose rows are not as many as they were. */
const differences = (expected: About['rows'], found: About['rows']): readonly string[] =>
  [...new Set([...Object.keys(expected), ...Object.keys(found)])]
    .filter((table) => expected[table] !== found[table])
    .map((table) => `${table}: ${expected[table] ?? 0} were backed up, ${found[table] ?? 0} are there`);

/**
 * Makes the database of a server that has none from a backup, and compares what is there with what was backed up. Nothing is at the
 * database's place before everything has been verified.
 *
 * @throws Error with a sentence for the operator.
 */
export const restore = async (
  needs: {
    readonly mac: Mac;
    /** Checks the database in a file, and prepares it for devices that are ahead of it. */
    readonly adoptDatabase: (file: string) => Promise<Pick<About, 'rows' | 'migrations'>>;
  },
  input: { readonly folder: string; readonly databaseFile: string },
): Promise<About> => {
  const { folder, databaseFile } = input;
  const manifest = readManifest(folder);
  for (const file of [databaseFile, `${databaseFile}-wal`]) {
    if (existsSync(file)) throw new Error(`${file} is there already: a backup is restored into an empty data folder.`);
  }
  if (manifest.about.keyCheck !== keyCheckOf(needs.mac)) {
    throw new Error(
      'The master key is not the one that this backup was made with. Put the right one in its place first: without it the backup cannot be opened.',
    );
  }
  const temporary = `${databaseFile}.restoring`;
  rmSync(temporary, { force: true });
  try {
    try {
      await openSealedFile(needs.mac, manifest, join(folder, sealedFile), temporary);
    } catch (cause) {
      if (cause instanceof Error && 'errno' in cause) throw cause; // The disk's own words.
      throw new Error(
        `${join(folder, sealedFile)} is damaged or not of this backup: its sha256sum should be ${manifest.seal.sha256}. Fetch it again.`,
        { cause },
      );
    }
    const wrong = differences(manifest.about.rows, (await needs.adoptDatabase(temporary)).rows);
    if (wrong.length > 0) throw new Error(`What was restored is not what was backed up: ${wrong.join('; ')}.`);
    renameSync(temporary, databaseFile);
    const opened = openSync(dirname(databaseFile), 'r');
    fsyncSync(opened);
    closeSync(opened);
    return manifest.about;
  } finally {
    for (const suffix of ['', '-journal']) rmSync(`${temporary}${suffix}`, { force: true });
  }
};
