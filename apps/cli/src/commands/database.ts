import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { CliError, exit } from '../errors.ts';

const server = fileURLToPath(new URL('../../../server/src/main.ts', import.meta.url));

/** These work on the database itself, so they are the server's program, with the server's configuration. */
const runServer = (args: readonly string[]): void => {
  if (!existsSync(server)) {
    throw new CliError('The server is not installed here.', { hint: 'Run this where the server runs, with its environment.' });
  }
  const { status, error } = spawnSync(process.execPath, [server, ...args], { stdio: 'inherit' });
  if (error !== undefined) throw error;
  process.exitCode = status ?? exit.failure;
};

export const addDatabase = (program: Command): void => {
  program
    .command('migrate')
    .summary('bring the database up to date (where the server runs)')
    .description(
      "Brings the database up to date, as the server's next start would, with the server's environment (LATCHKEY_DATABASE_URL).",
    )
    .action(() => runServer(['--migrate']));
  program
    .command('move <file>')
    .summary('move a SQLite database to PostgreSQL (where the server runs)')
    .description(
      'Moves the SQLite database FILE to the empty PostgreSQL of LATCHKEY_DATABASE_URL, with the server stopped, and compares both row by row. If it is interrupted, run it again: it goes on where it was.',
    )
    .action((file: string) => runServer(['--move', file]));
};
