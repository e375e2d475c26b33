import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
/** Inside the installation: whoever may change what is beside it may change the program itself. */
const folder = join(modules, '.cache', 'compiled');

/**
 * Keeps compiled code for the next start, which then takes about half the time. To be called before anything large is imported. What is
 * kept there is run, so it is kept only by whom the installation belongs to, in a folder of theirs that nobody else may open; otherwise the
 * program starts as it would without. Node's own NODE_COMPILE_CACHE and NODE_DISABLE_COMPILE_CACHE come first.
 */
export const keepCompiled = (): void => {
  const uid = process.getuid?.();
  try {
    if (statSync(modules).uid !== uid) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // lstat: a link leads anywhere.
    const found = lstatSync(folder);
    if (found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0) enableCompileCache(folder);
  } catch {
    // A read-only file system.
  }
};
