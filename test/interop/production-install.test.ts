import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'latchkey-production-'));
afterAll(() => rmSync(folder, { recursive: true }));

const program = join(folder, 'latchkey');
const node = join(program, 'node_modules', '.bin', 'node');

// Nothing of this checkout's tools, and none of the variables with which npm runs this.
const environment = {
  HOME: process.env.HOME,
  PATH: (process.env.PATH ?? '')
    .split(':')
    .filter((each) => !each.includes('node_modules'))
    .join(':'),
};

beforeAll(() => {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: checkout, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(checkout, file)));
  // An installation for production is made after a build: docs/guides/install.md.
  execFileSync(process.execPath, [join(checkout, 'apps/console/build.ts'), '--when-stale'], { stdio: 'ignore' });
  files.push('apps/console/dist');
  for (const each of new Set(files.map((file) => dirname(join(program, file))))) mkdirSync(each, { recursive: true });
  execFileSync('tar', ['-cf', join(folder, 'files.tar'), '--null', '-T', '-'], { cwd: checkout, input: files.join('\0') });
  execFileSync('tar', ['-xf', join(folder, 'files.tar'), '-C', program]);
  execFileSync('npm', ['ci', '--omit=dev', '--prefer-offline'], { cwd: program, env: environment, stdio: 'ignore' });
}, 300_000);

test('npm ci --omit=dev installs no tool of development, and Node 24', () => {
  const installed = readdirSync(join(program, 'node_modules'));
  for (const tool of [
    'typescript',
    'vitest',
    '@biomejs',
    'dependency-cruiser',
    'knip',
    'fast-check',
    'samlify',
    'vite',
    'react',
  ]) {
    expect(installed).not.toContain(tool);
  }
  expect(execFileSync(node, ['--version'], { encoding: 'utf8' })).toMatch(/^v24[.]/);
});

test('the console is there as it was built, and npm start has nothing to do for it', () => {
  const { status, stderr } = spawnSync(node, [join(program, 'apps/console/build.ts'), '--when-stale'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});

test('what is installed starts, answers, and stops when it is told to', async () => {
  const server = spawn(node, [join(program, 'apps/server/src/main.ts')], {
    cwd: folder,
    env: { ...environment, LATCHKEY_DATA: join(folder, 'data'), LATCHKEY_PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => server.once('exit', resolve));
  let screen = '';
  const origin = await new Promise<string>((resolve, reject) => {
    for (const stream of [server.stdout, server.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        screen += chunk.toString();
        const [, at] = /running at (\S+)/.exec(screen) ?? [];
        if (at !== undefined) resolve(at);
      });
    }
    void ended.then(() => reject(new Error(screen)));
  });
  expect((await fetch(`${origin}/readyz`)).status).toBe(200);
  expect(await (await fetch(`${origin}/sign-in`)).text()).toContain('<div id="root">');
  const cli = (...args: readonly string[]): string =>
    execFileSync(node, [join(program, 'apps/cli/bin/latchkey.mjs'), ...args], {
      env: { ...environment, HOME: folder },
      encoding: 'utf8',
    });
  const [, code = ''] = /--code (\S+)/.exec(screen) ?? [];
  expect(cli('setup', '--url', origin, '--code', code)).toContain('You are the operator');
  expect(cli('org', 'create', 'acme')).toContain('Created acme');
  server.kill('SIGTERM');
  expect(await ended).toBe(0);
});
