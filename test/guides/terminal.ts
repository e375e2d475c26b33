import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommandStep } from './read-guide.ts';

const bins = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url));

/** The words in capitals of a guide: what its reader was shown, by what it looks like. The last one shown counts. */
const shown = { TOKEN: /\blkd_\w+/g, TOKENID: /\btok_\w+/g, DEVICE: /\bdev_\w+/g } as const;

/** A terminal beside a server: runs a guide's commands as they stand there, with what its reader was shown in the place of the words in capitals. */
export const openTerminal = (given: {
  readonly home: string;
  readonly origin: string;
  readonly words: Readonly<Record<string, string>>;
}) => {
  const words = new Map(Object.entries(given.words));
  const fill = (text: string): string =>
    text.replaceAll('localhost:8700', new URL(given.origin).host).replace(/\b[A-Z]{4,}\b/g, (word) => words.get(word) ?? word);

  const look = (text: string): void => {
    for (const [word, pattern] of Object.entries(shown)) {
      const last = text.match(pattern)?.at(-1);
      if (last !== undefined) words.set(word, last);
    }
  };

  /** Runs one line on a machine, which is a folder of its own. Throws if it ends otherwise than the guide says. */
  const run = ({ line, refusal }: CommandStep, machine: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const env = {
        PATH: `${bins}:${process.env.PATH}`,
        HOME: given.home,
        LATCHKEY_STATEDIR: join(given.home, machine),
        // Of the machine that the tests run on nothing counts.
        LATCHKEY_POLICY_FILE: join(given.home, 'no-policy.json'),
      };
      const command = fill(line);
      execFile('bash', ['-c', command], { env, cwd: given.home }, (error, stdout, stderr) => {
        const output = stdout + stderr;
        look(output);
        const asSaid = refusal === undefined ? error === null : error !== null && output.includes(refusal);
        if (asSaid) resolve();
        else reject(new Error(`"${line}" of the guide ended otherwise than it says:\n${command}\n${output}`));
      });
    });
  return { fill, look, run };
};
