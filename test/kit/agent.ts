import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../apps/agent/bin/latchkey-agent.mjs', import.meta.url));

export interface AgentRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `latchkey-agent` to its end, with nothing from this environment but what is given. */
export const runAgent = (
  stateDir: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<AgentRun> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args, '--stateDir', stateDir], {
      env: { PATH: process.env.PATH, HOME: stateDir, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
