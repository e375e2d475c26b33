import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type LaunchedServer, launchServer } from '../kit/spawn-server.ts';
import { readGuide } from './read-guide.ts';
import { openTerminal } from './terminal.ts';

/** Each with the machine it is about. The later ones go on where the first ends. */
const guides = [
  ['first-device', 'laptop'],
  ['device-token', 'contractor'],
  ['activation', 'laptop'],
] as const;

describe('the commands of the guides do what the guides say, from an empty server on', () => {
  const home = mkdtempSync(join(tmpdir(), 'latchkey-guides-'));
  let server: LaunchedServer;
  let terminal: ReturnType<typeof openTerminal>;
  beforeAll(async () => {
    server = await launchServer(join(home, 'data'), { LATCHKEY_LOG_LEVEL: 'error' });
    terminal = openTerminal({ home, origin: server.origin, words: { CODE: server.setupCode ?? '' } });
  });
  afterAll(async () => {
    await server?.end('SIGTERM');
    rmSync(home, { recursive: true });
  });

  test.each(guides)('%s', { timeout: 120_000 }, async (name, machine) => {
    for (const step of readGuide(name, 'In a terminal')) if (step.kind === 'command') await terminal.run(step, machine);
  });
});
