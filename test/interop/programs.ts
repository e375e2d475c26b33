import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian puts programs, whatever the PATH of the user is. */
const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin'];

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** True if all of them are installed; else the tests that need them are skipped (run.sh says why). */
export const hasPrograms = (...names: readonly string[]): boolean =>
  names.every((name) => folders.some((folder) => isProgram(join(folder, name))));

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export const run = (program: string, args: readonly string[], input?: string): Ran => {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...(input === undefined ? {} : { input }),
  });
  if (error) throw error;
  return { status, stdout, stderr };
};
