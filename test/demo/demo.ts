/**
 * `npm run demo [-- --once [--keep DIR]]`: the main job on an empty machine. A server, an organization, a device token, and three
 * agents as processes of their own; one of them is refused on purpose. Everything said here is read from real messages.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type AgentRun, runAgent } from '../kit/agent.ts';
import { createOrganization, spawnServer, textOf } from '../kit/spawn-server.ts';

const options = (() => {
  try {
    const { values } = parseArgs({ options: { once: { type: 'boolean', default: false }, keep: { type: 'string' } } });
    if (values.keep !== undefined && !values.once) throw new Error('--keep goes with --once.');
    return values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nnpm run demo -- [--once [--keep DIR]]\n`);
    return process.exit(2);
  }
})();

const folder = options.keep === undefined ? mkdtempSync(join(tmpdir(), 'latchkey-demo-')) : resolve(options.keep);
mkdirSync(folder, { recursive: true });
if (readdirSync(folder).length > 0) {
  process.stderr.write(`${folder} is not empty: give --keep an empty or new folder.\n`);
  process.exit(2);
}

const say = (text = ''): void => void process.stdout.write(`${text}\n`);
const started = performance.now();

say('\n1  The server starts on an empty folder: database, master key, nothing else.');
const server = await spawnServer({ LATCHKEY_LOG_LEVEL: 'warn' });
say(`   ${server.origin}`);

const stop = async (): Promise<void> => {
  await server.stop();
  if (options.keep === undefined) rmSync(folder, { recursive: true, force: true });
};
let stopping: Promise<void> | undefined;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stopping ??= stop();
    void stopping.then(() => process.exit(0));
  });
}

/** One machine: its own facts, state folder and process. The token comes in a file, as an MDM would bring it. */
const machine = (name: string, userDomain: string, token: string) => {
  const state = join(folder, name, 'state');
  const messages = join(folder, name, 'messages');
  mkdirSync(join(folder, name), { recursive: true });
  const tokenFile = join(folder, name, 'device-token');
  writeFileSync(tokenFile, token, { mode: 0o600 });
  // Three machines on one: each reads a machine id of its own, and none the real serial number.
  const facts = join(folder, name, 'facts');
  mkdirSync(join(facts, 'etc'), { recursive: true });
  writeFileSync(join(facts, 'etc/machine-id'), randomBytes(16).toString('hex'));
  const environment = { LATCHKEY_FACTS_ROOT: facts };
  const common = ['--userDomain', userDomain, '--cloudName', new URL(server.origin).host, '--userName', name];
  return {
    name: `${name}@${userDomain}`,
    messages,
    enroll: (): Promise<AgentRun> => runAgent(state, ['enroll', ...common, '--deviceTokenFile', tokenFile], environment),
    signIn: (): Promise<AgentRun> => runAgent(state, ['sign-in', '--explain', '--keepMessages', messages], environment),
    accessToken: (application: string): Promise<AgentRun> => runAgent(state, ['token', application], environment),
    // Keys and tokens are no part of what is kept.
    forget: (): void => {
      rmSync(state, { recursive: true, force: true });
      rmSync(facts, { recursive: true });
      rmSync(tokenFile);
    },
  };
};

const must = (run: AgentRun, what: string): AgentRun => {
  if (run.status !== 0) throw new Error(`${what} failed with exit code ${run.status}:\n${run.stdout}${run.stderr}`);
  return run;
};

/** An attribute of the one element of that name, from a message the agent has written down. */
const attributeIn = (message: string, element: string, attribute: string): string => {
  const start = new RegExp(`<(?:[\\w-]+:)?${element}\\b[^>]*?\\b${attribute}="([^"]*)"`).exec(message);
  if (start?.[1] === undefined) throw new Error(`no ${element} with ${attribute} in the message`);
  return start[1];
};

const indent = (text: string): string => text.trimEnd().replace(/^/gm, '     ');

try {
  say('\n2  An administrator makes an organization with the domain acme.example, adds the device identity provider for any of');
  say('   its domains with SAML auto-provisioning, activates, and makes a device token. An MDM would push it to the fleet.');
  const organization = await createOrganization(server, 'acme.example');
  await organization.call('POST', '/applications', { kind: 'api', name: 'Wiki', identifier: 'https://wiki.acme.example' });
  say(`   organization ${organization.id}, device token ${organization.deviceToken.slice(0, 14)}…`);

  const anna = machine('anna', 'acme.example', organization.deviceToken);
  const ben = machine('ben', 'acme.example', organization.deviceToken);
  const mallory = machine('mallory', 'rival.example', organization.deviceToken);

  const signIns: Record<string, object> = {};
  for (const [index, device] of [anna, ben].entries()) {
    say(`\n${index + 3}  A new machine holds the token, its user domain and the cloud name. ${device.name} has no account yet.`);
    say(indent(must(await device.enroll(), 'the enrollment').stdout));
    const run = must(await device.signIn(), 'the sign-in');
    // Every address begins alike: shown without the server's origin, a line fits the screen.
    say(indent(run.stderr.replaceAll(`${server.origin}/saml/${organization.id}`, '…').replaceAll(server.origin, '')));
    say(indent(run.stdout));
    const [file = ''] = readdirSync(device.messages).filter((name) => name.includes('soap-response'));
    const request = readdirSync(device.messages).find((name) => name.includes('paos-request')) ?? '';
    const response = readFileSync(join(device.messages, file), 'utf8');
    const asked = readFileSync(join(device.messages, request), 'utf8');
    const ids = {
      userName: device.name,
      request: attributeIn(asked, 'AuthnRequest', 'ID'),
      inResponseTo: attributeIn(response, 'Response', 'InResponseTo'),
      response: attributeIn(response, 'Response', 'ID'),
      assertion: attributeIn(response, 'Assertion', 'ID'),
      session: /ses_\w+/.exec(run.stdout)?.[0],
    };
    signIns[device.name] = ids;
  }

  say('\n5  The device holds a session; an application gets an access token of five minutes, bound to the device key.');
  const token = must(await anna.accessToken('https://wiki.acme.example'), 'the access token').stdout.trim();
  const [, claims = ''] = token.split('.');
  const { aud, exp, iat, cnf, sid, evidence } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
  say(indent(JSON.stringify({ aud, seconds: exp - iat, cnf, sid, evidence })));

  say(`\n6  Somebody who got hold of the token claims to be ${mallory.name}, a domain the organization does not have.`);
  const refused = await mallory.enroll();
  if (refused.status !== 4)
    throw new Error(`the agent was to be refused (exit code 4), not ${refused.status}: ${refused.stderr}`);
  say(indent(refused.stderr));

  const { items: users } = (await organization.call('GET', '/users')) as {
    items: readonly { userName: string; source: string }[];
  };
  say('\n7  The directory holds who came in at the first assertion, and nobody else:');
  for (const user of users) say(`     ${user.userName}  (${user.source})`);

  const audit = await organization.text('/audit/export');
  const events = audit
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const refusal = events.find((event) => event.outcome === 'refused');
  say(
    `   and the audit tells it all in ${events.length} events; the refusal is ${textOf(refusal, 'reason')}, ${textOf(refusal, 'id')}.`,
  );

  if (options.keep !== undefined) {
    writeFileSync(join(folder, 'audit.ndjson'), audit);
    writeFileSync(join(folder, 'idp-metadata.xml'), organization.idp.metadata);
    writeFileSync(
      join(folder, 'sp-metadata.xml'),
      await (await fetch(`${server.origin}/saml/${organization.id}/sp/device/metadata`)).text(),
    );
    writeFileSync(
      join(folder, 'story.json'),
      `${JSON.stringify({ organization: organization.id, users, signIns, refused: { userName: mallory.name, reason: refusal.reason } }, null, 2)}\n`,
    );
    for (const each of [anna, ben, mallory]) each.forget();
    say(`\n   Messages and audit are in ${options.keep}. Check them: node test/demo/verify.ts ${options.keep}`);
  }
  say(
    `\n   ${((performance.now() - started) / 1000).toFixed(1)} s.${options.once ? '' : ` The server is at ${server.origin} until Ctrl-C.`}\n`,
  );
  if (options.once) await stop();
} catch (error) {
  process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
  await stop();
  process.exitCode = 1;
}
