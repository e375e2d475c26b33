import type { Command } from 'commander';
import { runServer } from '../server-program.ts';

/** These work on the database itself, so they are the server's program, with the server's configuration. */
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
