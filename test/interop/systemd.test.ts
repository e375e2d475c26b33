import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPrograms, run } from './programs.ts';

const unit = fileURLToPath(new URL('../../deploy/systemd/latchkey.service', import.meta.url));
const main = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'latchkey-systemd-'));
const file = join(folder, 'latchkey.service');
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!hasPrograms('systemd-analyze'))('deploy/systemd/latchkey.service', () => {
  beforeAll(() => {
    // What it starts is where the install guide puts it; here it is somewhere else.
    const text = readFileSync(unit, 'utf8')
      .replaceAll('/opt/latchkey/node_modules/.bin/node', process.execPath)
      .replaceAll('/opt/latchkey/apps/server/src/main.ts', main);
    writeFileSync(file, text);
  });

  test('systemd-analyze verify has nothing to say against it', () => {
    const { status, stdout, stderr } = run('systemd-analyze', ['verify', '--recursive-errors=no', file]);
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
  });

  test('systemd-analyze security calls its exposure OK (below 2 of 10)', () => {
    const { stdout } = run('systemd-analyze', ['security', '--offline=yes', '--no-pager', file]);
    const [, exposure] = /Overall exposure level for latchkey[.]service: ([\d.]+)/.exec(stdout) ?? [];
    expect(Number(exposure)).toBeLessThan(2);
  });
});
