import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ApiProblem } from '../app/api.ts';
import { sentencesOf } from './describe-problem.ts';
import { germanProblems } from './german-problems.ts';

const root = join(import.meta.dirname, '../../../..');

/** What only devices, proxies and monitoring are told: no page of the console asks there. */
const notForConsoles = /\/(gateway|metrics)\b|[.]test[.]ts$|\/(devices|sign-in)\/(?!change-device)/;
/** What the metrics and the probes say. */
const elsewhere = new Set(['forbidden', 'not_ready']);

/** Every code that the admin API refuses with, as it stands in the source: in a Problem, and in the errors of the directory. */
const codes = (): ReadonlySet<string> => {
  const found = new Set<string>();
  for (const file of globSync('apps/server/src/**/*.ts', { cwd: root })) {
    if (notForConsoles.test(`/${file}`)) continue;
    for (const [, code = ''] of readFileSync(join(root, file), 'utf8').matchAll(/new Problem\(\s*\d{3},\s*'([a-z_]+)'/g))
      found.add(code);
  }
  const union =
    /type DirectoryErrorCode =([^;]*);/.exec(readFileSync(join(root, 'core/directory/src/errors.ts'), 'utf8'))?.[1] ?? '';
  for (const [, code = ''] of union.matchAll(/'([a-z_]+)'/g)) found.add(code);
  return new Set([...found].filter((code) => !elsewhere.has(code)));
};

test('every refusal of the admin API is said in German, too', () => {
  const all = codes();
  expect(all.size).toBeGreaterThan(60);
  expect([...all].filter((code) => germanProblems[code] === undefined)).toEqual([]);
});

const problem = (code: string, detail?: string): ApiProblem =>
  new ApiProblem({ status: 409, code, title: 'In English.', ...(detail === undefined ? {} : { detail }) });

test('in German a known code has its own sentences, and an unknown one those of the server', () => {
  expect(sentencesOf(germanProblems, problem('role_built_in', 'Make a role of your own.'))).toEqual({
    title: 'Die eingebauten Rollen bleiben, wie sie sind.',
    detail: 'Legen Sie eine eigene an.',
  });
  expect(sentencesOf(germanProblems, problem('of_tomorrow', 'Do this.'))).toEqual({ title: 'In English.', detail: 'Do this.' });
  expect(sentencesOf(undefined, problem('role_built_in', 'Do this.'))).toEqual({ title: 'In English.', detail: 'Do this.' });
});

test('numbers of the server stay, and what names something stays as the server says it', () => {
  expect(sentencesOf(germanProblems, problem('too_many_attempts', 'Try again in 32 seconds.')).detail).toBe(
    'Versuchen Sie es in 32 Sekunden erneut.',
  );
  expect(sentencesOf(germanProblems, problem('serial_claimed', 'It is dev_1.')).detail).toBe('It is dev_1.');
  expect(sentencesOf(germanProblems, problem('rate_limited')).detail).toBeUndefined();
});
