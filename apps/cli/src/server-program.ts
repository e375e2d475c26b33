import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CliError, exit } from './errors.ts';

const program = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));

const spawn = (args: readonly string[], stdout: 'inherit' | 'pipe'): SpawnSyncReturns<string> => {
  if (!existsSync(program)) {
    throw new CliError('The server is not installed here.', { hint: 'Run this where the server runs, with its environment.' });
  }
  const run = spawnSync(process.execPath, [program, ...args], { stdio: ['inherit', stdout, 'inherit'], encoding: 'utf8' });
  if (run.error !== undefined) throw run.error;
  return run;
};

/** Runs the server's program, with the server's environment; ends as it does. */
export const runServer = (args: readonly string[]): void => {
  process.exitCode = spawn(args, 'inherit').status ?? exit.failure;
};

/** What the server's program prints. */
export const readServer = (args: readonly string[]): string => {
  const { status, stdout } = spawn(args, 'pipe');
  if (status === 0) return stdout;
  throw new CliError('The program of the server has failed.', {
    hint: "It has said why above. Run this where the server runs, with the server's environment (LATCHKEY_DATA).",
  });
};
