import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * One violation of each kind is planted in a copy of the repository, `npm run check` runs there once, and each must be
 * caught by the check that is meant to catch it. Nothing else may be found: the tree without the plants is clean.
 */
interface Plant {
  readonly what: string;
  readonly file: string;
  readonly text: string;
  readonly check: 'biome' | 'types' | 'imports' | 'type imports' | 'unused' | 'docs' | 'made docs';
  readonly finding: string;
}

const plant = (check: Plant['check'], what: string, file: string, finding: string, ...lines: readonly string[]): Plant => ({
  what,
  file,
  text: `${lines.join('\n')}\n`,
  check,
  finding,
});

const core = 'core/device/src/planted';
const server = 'apps/server/src';

/** What the plants below reach for, and no violation itself. */
const bystanders: Readonly<Record<string, string>> = {
  [`${server}/planted-one/store.ts`]: 'export interface PlantedStore {\n  readonly id: string;\n}\n',
  [`${server}/planted-two/thing.ts`]:
    'export interface Thing {\n  readonly id: string;\n}\nexport const thing: Thing = { id: "" };\n',
  [`${server}/storage/planted-table.ts`]: 'export const table = 1;\n',
  [`${server}/keys/planted-key.ts`]: 'export const key = 1;\n',
  'apps/agent/src/planted-agent.ts': 'export const agent = 1;\n',
  'apps/console/src/features/planted-two/thing.ts': 'export const planted = 1;\n',
  'test/planted-kit.ts': 'export const kit = 1;\n',
  'core/saml/src/planted-deep.ts': 'export const deep = 1;\n',
  [`${core}/cycle.ts`]: "import { back } from './cycle-back.ts';\n\nexport const cycle = (): number => back();\n",
  [`${server}/planted-one/used.test.ts`]:
    "import './unlisted.ts';\nimport { used } from './unused-export.ts';\n\nexport const planted = used;\n",
};

const typed = (what: string, name: string, finding: string, ...lines: readonly string[]): Plant =>
  plant('types', what, `${core}/${name}.ts`, finding, ...lines);
const styled = (what: string, file: string, finding: string, ...lines: readonly string[]): Plant =>
  plant('biome', what, file, finding, ...lines);
const imported = (what: string, file: string, rule: string, ...lines: readonly string[]): Plant =>
  plant('imports', what, file, `error ${rule}`, ...lines);

const plants: readonly Plant[] = [
  typed('process in a core', 'process', "'process'", 'export const planted = process.env;'),
  typed('Buffer in a core', 'buffer', "'Buffer'", "export const planted = Buffer.from('');"),
  typed('TextEncoder in a core', 'text-encoder', "'TextEncoder'", 'export const planted = new TextEncoder();'),
  typed('fetch in a core', 'fetch', "'fetch'", "export const planted = fetch('https://example.com');"),
  typed('crypto in a core', 'crypto', "'crypto'", 'export const planted = crypto.randomUUID();'),
  typed('console in a core', 'console', "'console'", "console.log('');"),
  typed('a timer in a core', 'timer', "'setTimeout'", 'setTimeout(() => undefined, 1);'),
  typed('a Node module in a core', 'node-module', 'node:fs', "export { readFileSync } from 'node:fs';"),
  typed('an enum', 'enum', 'TS1294', 'export enum Planted {', '  One = 1,', '}'),
  typed(
    'a parameter property',
    'parameter-property',
    'TS1294',
    'export class Planted {',
    '  constructor(readonly id: string) {}',
    '}',
  ),
  typed('an unchecked index', 'index', 'TS2322', 'export const planted = (list: readonly string[]): string => list[0];'),
  typed(
    'undefined for an optional property',
    'optional',
    'TS2375',
    'export const planted: { readonly id?: string } = { id: undefined };',
  ),
  typed('an untyped parameter', 'untyped', 'TS7006', 'export const planted = (id) => id;'),
  // In a core of its own: the compiler looks for these only where it found nothing else.
  plant(
    'types',
    'an export of a core without its type',
    'core/settings/src/planted-unannotated.ts',
    'TS9007',
    'export const planted = (id: string) => id;',
  ),
  typed(
    'a type imported as a value',
    'type-import',
    'TS1484',
    "import { Device } from '../index.ts';",
    'export type P = Device;',
  ),

  styled('Date.now in a core', `${core}/date-now.ts`, 'plugin', 'export const planted = (): number => Date.now();'),
  styled('Date.now by a name of its own', `${core}/date-alias.ts`, 'plugin', 'export const { now } = Date;'),
  styled('new Date() in a core', `${core}/new-date.ts`, 'plugin', 'export const planted = (): Date => new Date();'),
  styled('Math.random in a core', `${core}/math-random.ts`, 'plugin', 'export const planted = (): number => Math.random();'),
  styled(
    'a floating promise',
    `${server}/planted-one/floating.ts`,
    'noFloatingPromises',
    'const later = async (): Promise<number> => 1;',
    '',
    'export const planted = (): void => {',
    '  later();',
    '};',
  ),
  styled('an any', `${core}/any.ts`, 'noExplicitAny', 'export const planted = (id: any): string => String(id);'),
  styled(
    'a non-null assertion',
    `${core}/non-null.ts`,
    'noNonNullAssertion',
    'export const planted = (id: string | undefined): string => id!;',
  ),
  styled('an unformatted file', `${core}/format.ts`, 'format', 'export const planted   = "double quotes"'),

  imported(
    'core to app',
    `${core}/to-app.ts`,
    'core-imports-no-app',
    "export { agent } from '../../../../apps/agent/src/planted-agent.ts';",
  ),
  imported('core to core by its name', `${core}/to-core.ts`, 'core-imports-no-core', "export * from '@latchkey/saml';"),
  imported(
    'core to core by a path',
    `${core}/to-core-path.ts`,
    'core-imports-no-core',
    "export { deep } from '../../../saml/src/planted-deep.ts';",
  ),
  imported('core to Node', `${core}/to-node.ts`, 'core-imports-no-node', "export { readFileSync } from 'node:fs';"),
  imported('core to a package', `${core}/to-package.ts`, 'core-imports-no-package', "export { z } from 'zod';"),
  imported(
    'contract to a package that is not zod',
    'core/contract/src/planted-package.ts',
    'contract-imports-only-zod',
    "export { pino } from 'pino';",
  ),
  imported(
    'slice to slice, a value',
    `${server}/planted-one/value.ts`,
    'slice-imports-no-slice',
    "import { thing } from '../planted-two/thing.ts';",
    '',
    'export const planted = thing;',
  ),
  imported(
    'slice to slice, a type',
    `${server}/planted-one/type.ts`,
    'slice-imports-no-slice',
    "import type { Thing } from '../planted-two/thing.ts';",
    '',
    'export type Planted = Thing;',
  ),
  imported(
    'slice to slice, a dynamic import',
    `${server}/planted-one/dynamic.ts`,
    'slice-imports-no-slice',
    "export const planted = await import('../planted-two/thing.ts');",
  ),
  imported(
    'slice to slice, a re-export',
    `${server}/planted-one/re-export.ts`,
    'slice-imports-no-slice',
    "export { thing } from '../planted-two/thing.ts';",
  ),
  imported(
    'slice to storage',
    `${server}/planted-one/storage.ts`,
    'slice-imports-no-storage',
    "export { table } from '../storage/planted-table.ts';",
  ),
  imported(
    'slice to keys',
    `${server}/planted-one/keys.ts`,
    'slice-imports-only-shared-keys',
    "export { key } from '../keys/planted-key.ts';",
  ),
  imported(
    'storage to what runs in a slice',
    `${server}/storage/planted-slice.ts`,
    'storage-imports-only-types',
    "export { thing } from '../planted-two/thing.ts';",
  ),
  imported(
    'http to a slice',
    `${server}/http/planted-slice.ts`,
    'shared-imports-no-slice',
    "export { thing } from '../planted-two/thing.ts';",
  ),
  imported('slice to main.ts', `${server}/planted-one/main.ts`, 'nobody-imports-app', "export * from '../main.ts';"),
  imported(
    'app to the inside of a core',
    `${server}/planted-one/deep.ts`,
    'apps-enter-a-core-by-its-index',
    "export { deep } from '../../../../core/saml/src/planted-deep.ts';",
  ),
  imported(
    'app to app',
    `${server}/planted-one/agent.ts`,
    'app-imports-no-app',
    "export { agent } from '../../../agent/src/planted-agent.ts';",
  ),
  imported(
    'product to test',
    `${server}/planted-one/kit.ts`,
    'product-imports-no-test',
    "export { kit } from '../../../../test/planted-kit.ts';",
  ),
  imported(
    'product to a package it does not list',
    `${server}/planted-one/dev.ts`,
    'product-imports-only-listed-packages',
    "export { string } from 'fast-check';",
  ),
  imported(
    'a cycle',
    `${core}/cycle-back.ts`,
    'no-cycle',
    "import { cycle } from './cycle.ts';",
    '',
    'export const back = (): number => cycle();',
  ),
  imported(
    'a feature of the console that imports another',
    'apps/console/src/features/planted-one/page.ts',
    'console-feature-imports-no-feature',
    "export { planted } from '../planted-two/thing.ts';",
  ),
  imported(
    'a component that imports a feature',
    'apps/console/src/components/planted.ts',
    'console-shared-imports-no-feature',
    "export { planted } from '../features/planted-two/thing.ts';",
  ),
  imported(
    'a package that the console does not list',
    'apps/console/src/components/planted-package.ts',
    'console-imports-only-listed-packages',
    "export { pino } from 'pino';",
  ),
  imported('an import that leads nowhere', `${core}/nowhere.ts`, 'no-unresolved', "export * from './not-there.ts';"),

  plant(
    'type imports',
    'typeof import, which dependency-cruiser does not see',
    `${server}/planted-one/typeof-import.ts`,
    'invisible to the import rules',
    "export type Planted = typeof import('../planted-two/thing.ts');",
  ),
  plant(
    'type imports',
    'a type out of an import expression',
    `${server}/planted-one/import-type.ts`,
    'invisible to the import rules',
    "export const planted: import('../planted-two/thing.ts').Thing = { id: '' };",
  ),

  plant('unused', 'a file nobody uses', `${core}/unused.ts`, '', 'export const planted = 1;'),
  plant(
    'unused',
    'an export nobody uses',
    `${server}/planted-one/unused-export.ts`,
    'neverUsed',
    'export const used = 1;',
    'export const neverUsed = 2;',
  ),
  plant(
    'unused',
    'a package the workspace does not list',
    `${server}/planted-one/unlisted.ts`,
    'yaml',
    "export { parse } from 'yaml';",
  ),

  plant('docs', 'a page that no page links to', 'docs/planted-orphan.md', 'nobody finds it', '# Alone'),
  plant('docs', 'a link that leads nowhere', 'docs/planted-link.md', 'not-there.md', 'See [there](not-there.md).'),
  plant('docs', 'a heading that is not there', 'docs/planted-anchor.md', 'no heading', 'See [there](#nowhere).', '', '# Here'),
  plant('made docs', 'a page older than its source', 'docs/reference/errors.md', 'is stale', '# Stale'),
  plant('docs', 'a placeholder', 'docs/planted-placeholder.md', 'TODO', 'TODO: write this.'),
];

const root = resolve(import.meta.dirname, '../..');
const mirror = mkdtempSync(join(tmpdir(), 'latchkey-check-'));

/** A copy of the repository whose packages are links, but for the workspaces' own, which lead into the copy. */
const copyRepository = (): void => {
  const left = new Set(['node_modules', '.git', 'data']);
  for (const name of readdirSync(root)) {
    if (left.has(name)) continue;
    cpSync(join(root, name), join(mirror, name), {
      recursive: true,
      filter: (source) => !source.endsWith('/node_modules') && !source.endsWith('/dist'),
    });
  }
  mkdirSync(join(mirror, 'node_modules/@latchkey'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name === '.cache' || name === '@latchkey') continue;
    symlinkSync(join(root, 'node_modules', name), join(mirror, 'node_modules', name));
  }
  for (const kind of ['core', 'apps']) {
    for (const name of readdirSync(join(mirror, kind)).filter((each) => existsSync(join(mirror, kind, each, 'package.json')))) {
      symlinkSync(join('../..', kind, name), join(mirror, 'node_modules/@latchkey', name));
      const own = join(root, kind, name, 'node_modules');
      if (existsSync(own)) symlinkSync(own, join(mirror, kind, name, 'node_modules'));
    }
  }
};

const write = (file: string, text: string): void => {
  mkdirSync(dirname(join(mirror, file)), { recursive: true });
  writeFileSync(join(mirror, file), text);
};

/** The output of `npm run check`, by check. */
const sections = (output: string): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>();
  let section: string[] = [];
  for (const line of output.split('\n')) {
    const [, name] = /^(\S.*?) +(?:ok|FAILED) +[\d.]+ s$/.exec(line) ?? [];
    if (name === undefined) section.push(line.trim());
    else {
      section = [];
      found.set(name, section);
    }
  }
  return found;
};

/** A line that names a file of the tree, in the ways of the tools; Biome's remarks (`i`) are no faults. */
const findsFault = /^(?!i )(\S+ +){0,3}(\.?[\w-][\w.-]*\/[\w./-]+|[\w.-]+(?=\.\w+[:(]\d))\.(ts|mjs|md|json)\b/;

describe('npm run check', () => {
  let found: ReadonlyMap<string, readonly string[]> = new Map();
  let status: number | null = null;

  beforeAll(() => {
    copyRepository();
    for (const [file, text] of Object.entries(bystanders)) write(file, text);
    for (const { file, text } of plants) write(file, text);
    const run = spawnSync(process.execPath, ['tools/check.ts'], { cwd: mirror, encoding: 'utf8' });
    status = run.status;
    found = sections(run.stdout);
  }, 120_000);

  afterAll(() => rmSync(mirror, { recursive: true, force: true }));

  it('fails when anything is found', () => {
    expect(status).toBe(1);
  });

  it.each(plants.map((each) => [each.check, each.what, each] as const))('%s catches %s', (check, _what, { file, finding }) => {
    const lines = (found.get(check) ?? []).filter((line) => line.includes(file));
    expect(lines).toContainEqual(expect.stringContaining(finding));
  });

  it('finds nothing but what was planted: the tree itself is clean', () => {
    const planted = [...Object.keys(bystanders), ...plants.map(({ file }) => file)];
    const others = [...found.values()]
      .flat()
      .filter((line) => findsFault.test(line) && !planted.some((file) => line.includes(file)));
    expect(others).toEqual([]);
  });
});
