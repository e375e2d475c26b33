import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Agent, openAgent } from './agent.ts';
import { examine } from './doctor.ts';
import { AgentError, describeError, EXIT } from './errors.ts';
import { helpText } from './help.ts';
import { keepMessages } from './keep-messages.ts';
import { environmentName } from './option-table.ts';
import { type CommandLine, gatherOptions, type Options, readCommandLine } from './options.ts';
import { type Log, run } from './run.ts';
import { describeStatus } from './status.ts';
import { AGENT_VERSION } from './version.ts';

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const note = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

interface Call {
  readonly operands: readonly string[];
  readonly options: Options;
  readonly agent: Agent;
}

const enrollCommand = async ({ agent, options }: Call): Promise<number> => {
  const enrollment = await agent.enroll();
  const { line, json, exitCode } = describeStatus(enrollment);
  print(options.json ? JSON.stringify(json) : line);
  if (enrollment.status === 'pending') note('An administrator must approve this device first.');
  return exitCode;
};

const readUrl = (text: string | undefined): URL | undefined => {
  if (text === undefined) return undefined;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text);
  throw new AgentError('usage', `"${text}" is not a URL.`, { hint: 'Write the whole address, like https://wiki.acme.com/.' });
};

const signInCommand = async ({ agent, options, operands }: Call): Promise<number> => {
  const url = readUrl(operands[0]);
  const started = performance.now();
  let step = 0;
  const trace = (name: string, ids: Readonly<Record<string, string | undefined>>): void => {
    step += 1;
    if (!options.explain) return;
    const pairs = Object.entries(ids).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
    note(`${step}. ${name} (${Math.round(performance.now() - started)} ms): ${pairs.join(' ')}`);
  };
  try {
    const signedIn = await agent.signIn({
      ...(url === undefined ? {} : { url }),
      trace,
      keepMessage: keepMessages(options.keepMessages),
    });
    if (signedIn.kind === 'session') {
      const { id, userName, expiresAt } = signedIn.session;
      print(options.json ? JSON.stringify(signedIn.session) : `signed in as ${userName}: session ${id} until ${expiresAt}`);
      return EXIT.ok;
    }
    process.stdout.write(signedIn.answer.body);
    return signedIn.answer.status < 400 ? EXIT.ok : EXIT.refused;
  } catch (error) {
    if (options.explain)
      note(`${step + 1}. stopped by ${error instanceof AgentError ? (error.refusal?.code ?? error.code) : 'an error'}`);
    throw error;
  }
};

const tokenCommand = async ({ agent, options, operands: [application] }: Call): Promise<number> => {
  if (application === undefined) throw new AgentError('usage', 'Which application? Write: latchkey-agent token APPLICATION.');
  const token = await agent.token(application, { bearer: options.bearer });
  print(options.json ? JSON.stringify(token) : token.accessToken);
  return EXIT.ok;
};

const fetchCommand = async ({ agent, operands }: Call): Promise<number> => {
  const url = readUrl(operands[0]);
  if (url === undefined) throw new AgentError('usage', 'Which page? Write: latchkey-agent fetch URL.');
  const { status, body } = await agent.fetch(url);
  process.stdout.write(body);
  return status < 400 ? EXIT.ok : EXIT.refused;
};

const statusCommand = async ({ agent, options }: Call): Promise<number> => {
  const { line, json, exitCode } = describeStatus(agent.state());
  print(options.json ? JSON.stringify(json) : line);
  return exitCode;
};

const signOutCommand = async ({ agent }: Call): Promise<number> => {
  await agent.signOut();
  print('signed out');
  return EXIT.ok;
};

const unenrollCommand = async ({ agent, options }: Call): Promise<number> => {
  await agent.unenroll({ local: options.local });
  print(options.local ? 'key and state are wiped; the server was not told' : 'unenrolled; key and state are wiped');
  return EXIT.ok;
};

const commands: Readonly<Record<string, { readonly operands: number; readonly work: (call: Call) => Promise<number> }>> = {
  enroll: { operands: 0, work: enrollCommand },
  'sign-in': { operands: 1, work: signInCommand },
  token: { operands: 1, work: tokenCommand },
  fetch: { operands: 1, work: fetchCommand },
  status: { operands: 0, work: statusCommand },
  'sign-out': { operands: 0, work: signOutCommand },
  unenroll: { operands: 0, work: unenrollCommand },
};

const doctorCommand = async (options: Options, env: NodeJS.ProcessEnv, uid: number): Promise<number> => {
  const findings = await examine({ options, env, uid });
  if (options.json) print(JSON.stringify(findings));
  else for (const { check, result, text } of findings) print(`${result.padEnd(5)} ${check.padEnd(13)} ${text}`);
  return findings.some(({ result }) => result === 'bad') ? EXIT.failure : EXIT.ok;
};

const runCommand = (gather: () => Options, forgetToken: () => void, env: NodeJS.ProcessEnv, uid: number): Promise<number> => {
  const ending = new AbortController();
  let wake = new AbortController();
  const log: Log = (level, message) => print(`${new Date().toISOString()} ${level} ${message}`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => ending.abort());
  // A reload: look at the options now.
  process.on('SIGHUP', () => wake.abort());
  const wait = async (milliseconds: number): Promise<void> => {
    wake = new AbortController();
    await sleep(milliseconds, undefined, { signal: AbortSignal.any([ending.signal, wake.signal]) }).catch(() => undefined);
  };
  return run({
    gatherOptions: gather,
    forgetToken,
    env,
    uid,
    log,
    signal: ending.signal,
    wait,
    monotonic: () => performance.now(),
  });
};

const execute = async (): Promise<number> => {
  // A copy, so that the token can leave the real environment at once: children would inherit it.
  const env = { ...process.env };
  delete process.env[environmentName('deviceToken')];
  const uid = process.getuid?.() ?? -1;
  const { command, operands, flags: given }: CommandLine = readCommandLine(process.argv.slice(2));
  process.argv.length = 2;
  const flags: Record<string, string> = { ...given };
  let standardInput: string | undefined;
  const readStandardInput = (): string => {
    standardInput ??= readFileSync(0, 'utf8');
    return standardInput;
  };
  const gather = (): Options => gatherOptions(flags, { env, uid, readStandardInput });
  const forgetToken = (): void => {
    delete flags.deviceToken;
    delete env[environmentName('deviceToken')];
    standardInput = undefined;
  };

  if (command === 'help') {
    print(helpText());
    return EXIT.ok;
  }
  if (command === 'version') {
    print(AGENT_VERSION);
    return EXIT.ok;
  }
  if (command === 'run' || command === 'doctor') {
    if (operands.length > 0) throw new AgentError('usage', `"${command}" takes no operand.`);
    return command === 'run' ? runCommand(gather, forgetToken, env, uid) : doctorCommand(gather(), env, uid);
  }
  const known = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (known === undefined)
    throw new AgentError('usage', `"${command}" is not a command.`, { hint: 'See "latchkey-agent help".' });
  if (operands.length > known.operands) throw new AgentError('usage', `"${command}" takes ${known.operands || 'no'} operand.`);
  const options = gather();
  for (const text of options.notes) note(`note: ${text}`);
  const agent = openAgent({ options, env, uid });
  try {
    return await known.work({ operands, options, agent });
  } finally {
    agent.close();
  }
};

try {
  process.exitCode = await execute();
} catch (error) {
  note(`latchkey-agent: ${describeError(error)}`);
  process.exitCode = error instanceof AgentError ? error.exitCode : EXIT.failure;
}
