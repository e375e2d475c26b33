import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';

/** What Vite notes of each file it has built (dist/.vite/manifest.json). */
interface Chunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
}

const folder = import.meta.dirname;

/** Octets that a browser which takes gzip loads. */
const weightOf = (file: string): number => statSync(join(folder, 'dist', `${file}.gz`)).size;

beforeAll(() => {
  execFileSync(process.execPath, [join(folder, 'build.ts'), '--when-stale'], { stdio: 'ignore' });
}, 300_000);

test('a first visit, up to the first page, loads less than 300 kB', () => {
  const manifest: Readonly<Record<string, Chunk>> = JSON.parse(readFileSync(join(folder, 'dist/.vite/manifest.json'), 'utf8'));
  const files = new Set<string>();
  const visit = (name: string): void => {
    const chunk = manifest[name];
    if (chunk === undefined) throw new Error(`${name} was not built`);
    if (files.has(chunk.file)) return;
    for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
    for (const each of chunk.imports ?? []) visit(each);
  };
  for (const name of ['index.html', 'src/app/shell/shell.tsx', 'src/features/overview/overview-page.tsx']) visit(name);
  const [font = ''] = Object.values(manifest).flatMap(({ file }) => (/geist-latin-wght-normal/.test(file) ? [file] : []));
  const weight = [...files].reduce((sum, file) => sum + weightOf(file), statSync(join(folder, 'dist', font)).size);
  expect(weight).toBeLessThan(300_000);
  expect(weight).toBeGreaterThan(100_000);
});

test('no file of the build names another host to load from', () => {
  const manifest: Readonly<Record<string, Chunk>> = JSON.parse(readFileSync(join(folder, 'dist/.vite/manifest.json'), 'utf8'));
  for (const { file, css = [] } of Object.values(manifest)) {
    for (const name of [file, ...css].filter((each) => each.endsWith('.css'))) {
      expect(readFileSync(join(folder, 'dist', name), 'utf8')).not.toMatch(/url\(["']?(https?:)?\/\//);
    }
  }
  const index = readFileSync(join(folder, 'dist/index.html'), 'utf8');
  expect(index).not.toMatch(/(src|href)="(https?:)?\/\//);
  expect(index).not.toMatch(/<script(?![^>]*src=)|<style/);
});
