/**
 * `npm run build`: the console as the server serves it, into dist/. `--when-stale` (before each `npm start`) builds only if a source
 * has changed since, told by their digest: times mean nothing after a checkout or a copy.
 */
import { createHash } from 'node:crypto';
import { globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const folder = import.meta.dirname;
const dist = join(folder, 'dist');
const digestFile = join(dist, '.sources');

const digestOfSources = (): string => {
  const root = join(folder, '../..');
  const files = [
    ...globSync('apps/console/{src,public}/**/*.*', { cwd: root, exclude: (name) => /[.]test[.]tsx?$/.test(String(name)) }),
    ...globSync('apps/console/{index.html,vite.config.ts,build.ts,package.json}', { cwd: root }),
    ...globSync('core/contract/src/*.ts', { cwd: root }),
    // What pages quote.
    ...globSync('{docs/guides/gateway.md,deploy/nginx/*.conf}', { cwd: root }),
    'package-lock.json',
  ].sort();
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
};

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

const compressible = new Set(['.js', '.css', '.svg', '.json']);

/** Compressed once and well, so that no request pays for it. */
const compress = (target: string): void => {
  for (const name of globSync('assets/*', { cwd: target })) {
    if (!compressible.has(extname(name))) continue;
    const file = join(target, name);
    const octets = readFileSync(file);
    writeFileSync(`${file}.gz`, gzipSync(octets, { level: 9 }));
    writeFileSync(`${file}.br`, brotliCompressSync(octets, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: octets.length } }));
  }
};

/** Builds beside the old one and puts it in its place at the end: a server that starts meanwhile finds a whole one. */
const build = async (digest: string): Promise<void> => {
  // Whoever builds from a test or a shell of development ships the same.
  process.env.NODE_ENV = 'production';
  const vite = await import('vite');
  const target = join(folder, `.dist-${process.pid}`);
  try {
    await vite.build({ root: folder, logLevel: 'warn', build: { outDir: target, emptyOutDir: true } });
    compress(target);
    writeFileSync(join(target, '.sources'), digest);
    rmSync(dist, { recursive: true, force: true });
    renameSync(target, dist);
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
};

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes("'vite'");

const digest = digestOfSources();
const built = read(digestFile);
if (built !== digest || !process.argv.includes('--when-stale')) {
  process.stderr.write('Building the console ...\n');
  try {
    await build(digest);
  } catch (error) {
    // An installation for production has no tools: it is made after the build, and a changed lock alone does not matter to it.
    if (!isMissing(error) || !process.argv.includes('--when-stale')) throw error;
    process.stderr.write(
      built === undefined
        ? 'The console is not built, and this installation has no tools for that: docs/guides/install.md.\n'
        : 'The console is older than its source, and this installation has no tools to build it.\n',
    );
  }
}
