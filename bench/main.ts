/** `npm run -s bench -- NAME [--json]`: ratios measured side by side in one run. */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Row } from './measure.ts';

interface Benchmark {
  /** What its numbers are, unless they are operations in a second of CPU time. */
  readonly title?: string;
  readonly run: (options: { readonly seconds?: number; readonly users?: number }) => Promise<readonly Row[]>;
}

const BENCHMARKS: Readonly<Record<string, () => Promise<Benchmark>>> = {
  saml: () => import('./saml.ts'),
  directory: () => import('./directory.ts'),
  scim: () => import('./scim.ts'),
  'sign-in': () => import('./sign-in.ts'),
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, seconds: { type: 'string' }, users: { type: 'string' } },
});
const [name = ''] = positionals;
const load = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
if (load === undefined) {
  process.stderr.write(
    `Which benchmark? npm run -s bench -- NAME [--json], NAME one of: ${Object.keys(BENCHMARKS).join(', ')}\n`,
  );
  process.exitCode = 2;
} else {
  const { run, title = 'operations in a second of CPU time' } = await load();
  const rows = await run({
    ...(values.seconds === undefined ? {} : { seconds: Number(values.seconds) }),
    ...(values.users === undefined ? {} : { users: Number(values.users) }),
  });
  const result = { name, load: loadavg()[0] ?? 0, rows };
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : table(`${result.name}: ${title}`, result.load, rows));
}

function table(title: string, load: number, rows: readonly Row[]): string {
  const columns = ['case', 'ours', 'against', 'ratio'] as const;
  const lines = [[...columns], ...rows.map((row) => columns.map((column) => String(row[column])))];
  const widths = columns.map((_column, index) => Math.max(...lines.map((line) => (line[index] ?? '').length)));
  const text = lines.map((line) =>
    line.map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0))).join('  '),
  );
  return `${title}; load ${load.toFixed(2)}\n${text.join('\n')}\n`;
}
