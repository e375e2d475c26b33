import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { deploymentLines } from './deployment.ts';

const words = { deviceToken: "lkd_abc'd $HOME", userDomain: 'acme.com', cloudName: 'localhost:8700' };

test('the command hands the token over by standard input, and a shell takes it as it is', () => {
  const { command } = deploymentLines(words);
  const [say = '', rest = ''] = command.split(' | ');
  expect(execFileSync('sh', ['-c', say], { encoding: 'utf8' })).toBe(words.deviceToken);
  expect(rest).toBe('latchkey-agent enroll --deviceToken - --userDomain acme.com --cloudName localhost:8700');
});

test('the policy file is the JSON object that the agent reads', () => {
  expect(JSON.parse(deploymentLines(words).policy)).toEqual(words);
});

test('the environment is read back by a shell', () => {
  const script = `${deploymentLines(words).environment}\nprintf '%s' "$LATCHKEY_DEVICETOKEN"`;
  expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(words.deviceToken);
});
