/** `npm run check`: everything that can be said of the source without running it, in one command and under a minute. */
import { spawn } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { checkDocs } from './check-docs.ts';
import { checkTypeImports } from './check-type-imports.ts';

interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

type Check = () => Outcome | Promise<Outcome>;

/** Runs a tool of node_modules/.bin under the same Node that runs this. */
const tool =
  (command: string, ...args: readonly string[]): Check =>
  () =>
    new Promise((done, fail) => {
      const path = [resolve('node_modules/.bin'), process.env.PATH ?? ''].join(delimiter);
      const child = spawn(command, args, { env: { ...process.env, PATH: path, NO_COLOR: '1' } });
      const chunks: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
      child.on('error', fail);
      child.on('close', (code) => done({ ok: code === 0, output: Buffer.concat(chunks).toString() }));
    });

/** Checks of our own return what is wrong, a line each. */
const own =
  (find: () => readonly string[]): Check =>
  () => {
    const problems = find();
    return { ok: problems.length === 0, output: problems.join('\n') };
  };

const projects = [...globSync('{core,apps}/*/tsconfig.json').sort(), 'tsconfig.json'];
const folders = ['core', 'apps', 'test', 'bench', 'tools'].filter((folder) => existsSync(folder));

const checks: Readonly<Record<string, Check>> = {
  biome: tool('biome', 'check', '--error-on-warnings', '--max-diagnostics=none', '--reporter=concise'),
  types: tool('tsc', '-b', '--pretty', 'false', ...projects),
  imports: tool('depcruise', ...folders, '--config', '.dependency-cruiser.mjs', '--output-type', 'err-long'),
  'type imports': own(checkTypeImports),
  unused: tool('knip', '--no-config-hints', '--no-progress'),
  docs: own(checkDocs),
  'made docs': tool(process.execPath, 'tools/reference-docs.ts', '--check'),
};

const run = async ([name, check]: readonly [string, Check]): Promise<boolean> => {
  const start = performance.now();
  const { ok, output } = await check();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${name.padEnd(13)} ${ok ? 'ok    ' : 'FAILED'} ${seconds.padStart(5)} s`);
  if (!ok) console.log(`${output.trim().replace(/^/gm, '    ')}\n`);
  return ok;
};

const results = await Promise.all(Object.entries(checks).map(run));
process.exitCode = results.every(Boolean) ? 0 : 1;
