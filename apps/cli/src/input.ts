import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { CliError, usage } from './errors.ts';

const readAll = async (): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
};

/** A secret from a pipe, or asked for at the terminal: it never stands among a process's arguments. */
export const readSecret = async (question: string): Promise<string> => {
  let text: string;
  if (process.stdin.isTTY) {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    text = await terminal.question(question);
    terminal.close();
  } else text = await readAll();
  const secret = text.trim();
  if (secret === '') throw usage('Nothing was given.', 'Type it, or pipe it in: latchkey ... < FILE');
  return secret;
};

/** A file's text; `-` is standard input. */
export const readText = async (file: string): Promise<string> => {
  if (file === '-') return readAll();
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CliError(`${file} cannot be read.`, { hint: cause instanceof Error ? cause.message : String(cause), cause });
  }
};
