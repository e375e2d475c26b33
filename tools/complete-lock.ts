/**
 * Adds to package-lock.json the optional platform packages that npm left out (`npm run lock` runs it after every
 * dependency change).
 *
 * Tools with native parts name one optional package a platform. Where the registry in use does not carry one of them,
 * npm drops it from the lock without a word, and `npm ci` of npm 11 and 12 then fails everywhere with "Missing: ...
 * from lock file". An entry with version, os, cpu and libc is enough for `npm ci`: it skips what is not this platform's.
 * Such an entry has no integrity, because nobody here has seen the package.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly peer?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

export interface MissingEntry {
  readonly location: string;
  readonly entry: LockEntry;
}

const systems: Readonly<Record<string, string>> = {
  aix: 'aix',
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  openharmony: 'openharmony',
  sunos: 'sunos',
  win32: 'win32',
};
const processors = new Set(['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64', 'wasm32']);
const libraries: Readonly<Record<string, string>> = {
  gnu: 'glibc',
  gnueabihf: 'glibc',
  musl: 'musl',
  musleabihf: 'musl',
};

/** What a package's name says of the platform it is for: `@swc/core-linux-arm-gnueabihf` -> linux, arm, glibc. */
export const platformOf = (name: string): Pick<LockEntry, 'os' | 'cpu' | 'libc'> => {
  const words = name.split(/[/-]/);
  const os = words.map((word) => systems[word]).find((word) => word !== undefined);
  const cpu = words.find((word) => processors.has(word));
  if (cpu === undefined || (os === undefined && cpu !== 'wasm32')) {
    throw new Error(`${name}: its name does not tell the platform; add its entry to package-lock.json by hand`);
  }
  const libc = words.map((word) => libraries[word]).find((word) => word !== undefined);
  return {
    ...(os === undefined ? {} : { os: [os] }),
    cpu: [cpu],
    ...(libc === undefined || os !== 'linux' ? {} : { libc: [libc] }),
  };
};

/** Where Node looks for `name` when the package at `location` asks for it, the nearest first. */
const lookups = (location: string, name: string): readonly string[] => {
  const found: string[] = [];
  for (let at = location; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    if (!at.endsWith('node_modules')) found.push(`${at}/node_modules/${name}`);
  }
  return [...found, `node_modules/${name}`];
};

/** The optional dependencies that some package of the lock asks for and the lock does not have. */
export const findMissing = (lock: Lock): readonly MissingEntry[] => {
  const missing = new Map<string, LockEntry>();
  for (const [location, parent] of Object.entries(lock.packages)) {
    for (const [name, range] of Object.entries(parent.optionalDependencies ?? {})) {
      const version = range.replace(/^[~^]/, '');
      const places = lookups(location, name);
      const nearest = places.map((place) => lock.packages[place]).find((entry) => entry !== undefined);
      if (nearest !== undefined && (nearest.version === version || range !== version)) continue;
      if (!/^\d+\.\d+\.\d+/.test(version)) throw new Error(`${location} asks for ${name} ${range}: give it an exact version`);
      // Another version at the top: nest ours under the package that asks for it, as npm would.
      const place = nearest === undefined ? `node_modules/${name}` : `${location}/node_modules/${name}`;
      missing.set(place, {
        version,
        ...(parent.dev ? { dev: true } : {}),
        optional: true,
        ...(parent.peer ? { peer: true } : {}),
        ...platformOf(name),
      });
    }
  }
  return [...missing].map(([location, entry]) => ({ location, entry }));
};

const complete = (file: string): number => {
  const lock: Lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = findMissing(lock);
  if (missing.length === 0) return 0;
  const packages = Object.entries(lock.packages).concat(missing.map(({ location, entry }) => [location, entry]));
  packages.sort(([a], [b]) => a.localeCompare(b, 'en'));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, undefined, 2)}\n`);
  return missing.length;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const added = complete('package-lock.json');
  console.log(added === 0 ? 'package-lock.json is complete.' : `package-lock.json: added ${added} optional platform packages.`);
}
