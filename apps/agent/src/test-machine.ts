import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatDeviceToken } from '@latchkey/device';
import { type Agent, openAgent } from './agent.ts';
import { gatherOptions, type Options } from './options.ts';

export const TOKEN = formatDeviceToken({ lookup: 'lookup0123', secret: 'secret'.repeat(5).concat('32') });

/** An empty machine of a test: its own folder, facts and environment. */
export interface Machine {
  readonly folder: string;
  readonly stateDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly options: (flags: Readonly<Record<string, string>>) => Options;
  readonly agent: (flags: Readonly<Record<string, string>>) => Agent;
}

export const createMachine = (env: NodeJS.ProcessEnv = {}): Machine => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-agent-'));
  const root = join(folder, 'root');
  mkdirSync(join(root, 'etc'), { recursive: true });
  writeFileSync(join(root, 'etc/os-release'), 'NAME="Test OS"\nVERSION_ID="1"\n');
  writeFileSync(join(root, 'etc/machine-id'), `${'0123456789abcdef'.repeat(2)}\n`);
  const stateDir = join(folder, 'state');
  const surroundings: NodeJS.ProcessEnv = {
    LATCHKEY_POLICY_FILE: join(folder, 'policy.json'),
    LATCHKEY_FACTS_ROOT: root,
    ...env,
  };
  const uid = process.getuid?.() ?? 0;
  const options = (flags: Readonly<Record<string, string>>): Options =>
    gatherOptions({ stateDir, ...flags }, { env: surroundings, uid, readStandardInput: () => TOKEN });
  return {
    folder,
    stateDir,
    env: surroundings,
    options,
    agent: (flags) => openAgent({ options: options(flags), env: surroundings, uid }),
  };
};

/** The three options a fleet gets, and a user so that the test does not depend on who runs it. */
export const fleetOptions = (cloudName: string): Readonly<Record<string, string>> => ({
  deviceToken: TOKEN,
  userDomain: 'acme.com',
  cloudName,
  userName: 'j.doe',
});
