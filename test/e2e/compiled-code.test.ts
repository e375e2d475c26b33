import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { launchServer } from '../kit/spawn-server.ts';

const uid = process.getuid?.() ?? -1;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-compiled-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const filesBelow = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true }).flatMap((each) =>
    each.isFile() ? [join(each.parentPath, each.name)] : [],
  );

describe('an installation', () => {
  const cache = (): string => join(folder, 'node_modules', '.cache');
  const kept = (): string => join(cache(), 'compiled');
  beforeEach(() => {
    mkdirSync(join(folder, 'apps'));
    mkdirSync(cache(), { recursive: true });
    copyFileSync(
      fileURLToPath(new URL('../../apps/keep-compiled.ts', import.meta.url)),
      join(folder, 'apps', 'keep-compiled.ts'),
    );
    writeFileSync(join(folder, 'apps', 'work.mjs'), `export const answer = (question) => 'the answer to ' + question;\n`);
    writeFileSync(
      join(folder, 'apps', 'main.mjs'),
      `import { getCompileCacheDir } from 'node:module';
import { keepCompiled } from './keep-compiled.ts';
keepCompiled();
const { answer } = await import('./work.mjs');
console.log(JSON.stringify({ answer: answer('this'), folder: getCompileCacheDir() ?? null }));
`,
    );
  });
  const start = (environment: Readonly<Record<string, string>> = {}) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'apps', 'main.mjs')], {
      env: { PATH: process.env.PATH, ...environment },
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const said = JSON.parse(stdout);
    expect(said.answer).toBe('the answer to this');
    return said.folder;
  };

  test('keeps compiled code in a folder that is open to its user alone, and finds it again', () => {
    expect(start()).toContain(kept());
    expect(statSync(kept()).mode & 0o777).toBe(0o700);
    const before = filesBelow(kept()).sort();
    expect(before.length).toBeGreaterThan(0);
    expect(start()).toContain(kept());
    expect(filesBelow(kept()).sort()).toEqual(before);
  });

  test.each([
    ['cut off', (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ['emptied', (file: string) => truncateSync(file, 0)],
    [
      'overwritten',
      (file: string) =>
        writeFileSync(
          file,
          readFileSync(file).map((octet, index) => (index > 64 ? ~octet : octet)),
        ),
    ],
  ])('what is kept and was %s is compiled anew', (_, damage) => {
    start();
    for (const file of filesBelow(kept())) damage(file);
    expect(start()).toContain(kept());
  });

  test('a source that has changed is compiled anew', () => {
    start();
    writeFileSync(
      join(folder, 'apps', 'work.mjs'),
      `export const answer = (question) => 'THE ANSWER TO '.toLowerCase() + question;\n`,
    );
    start();
  });

  test('a folder that others may write is not used: what is kept there is run', () => {
    mkdirSync(kept());
    chmodSync(kept(), 0o770);
    expect(start()).toBeNull();
    expect(readdirSync(kept())).toEqual([]);
  });

  test('a link in its place is not followed', () => {
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere, { mode: 0o700 });
    symlinkSync(elsewhere, kept());
    expect(start()).toBeNull();
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test.skipIf(uid !== 0)('a folder of somebody else is not used', () => {
    mkdirSync(kept(), { mode: 0o700 });
    chownSync(kept(), 65534, 65534);
    expect(start()).toBeNull();
    expect(readdirSync(kept())).toEqual([]);
  });

  test.skipIf(uid !== 0)('nothing is written into the installation of somebody else', () => {
    chownSync(join(folder, 'node_modules'), 65534, 65534);
    expect(start()).toBeNull();
    expect(readdirSync(cache())).toEqual([]);
  });

  test('where nothing can be written, it starts without', () => {
    rmSync(cache(), { recursive: true });
    writeFileSync(cache(), 'no folder');
    expect(start()).toBeNull();
  });

  test('the variables of Node come first', () => {
    expect(start({ NODE_DISABLE_COMPILE_CACHE: '1' })).toBeNull();
    expect(start({ NODE_COMPILE_CACHE: join(folder, 'mine') })).toContain(join(folder, 'mine'));
  });
});

test('a server that is killed has kept what it compiled', async () => {
  const mine = join(folder, 'compiled');
  const server = await launchServer(join(folder, 'data'), { LATCHKEY_LOG_LEVEL: 'error', NODE_COMPILE_CACHE: mine });
  // It answers again when it has written.
  expect((await fetch(`${server.origin}/healthz`)).status).toBe(200);
  await server.end('SIGKILL');
  expect(filesBelow(mine).length).toBeGreaterThan(500);
});
