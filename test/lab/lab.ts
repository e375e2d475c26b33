/**
 * `npm run -s lab -- --json [--engine sqlite|postgres]`: a throw-away server with two organizations, for people who test against Latchkey.
 * One line says where it is and what opens it; SIGTERM or Ctrl-C ends it and nothing is left behind.
 */
import { parseArgs } from 'node:util';
import { noPostgres, startPostgres } from '../kit/postgres.ts';
import { createOrganization, spawnServer } from '../kit/spawn-server.ts';

const usage = 'npm run -s lab -- [--json] [--engine sqlite|postgres]';

const options = (() => {
  try {
    return parseArgs({ options: { json: { type: 'boolean', default: false }, engine: { type: 'string', default: 'sqlite' } } })
      .values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    return process.exit(2);
  }
})();
const refuse = (sentence: string): never => {
  process.stderr.write(`${sentence}\n${usage}\n`);
  return process.exit(2);
};
if (!['sqlite', 'postgres'].includes(options.engine)) refuse(`There is no engine "${options.engine}".`);
const missing = noPostgres();
if (options.engine === 'postgres' && missing !== undefined) refuse(`${missing}.`);

const postgres = options.engine === 'postgres' ? await startPostgres() : undefined;
await postgres?.createDatabase('latchkey');
// What is tested against is not to be slowed down by the limits of a real fleet.
const server = await spawnServer({
  LATCHKEY_LOG_LEVEL: 'warn',
  LATCHKEY_SIGN_INS_PER_DEVICE: '100000',
  LATCHKEY_SIGN_INS_PER_USER: '100000',
  LATCHKEY_FAILURES_PER_ADDRESS: '100000',
  ...(postgres === undefined ? {} : { LATCHKEY_DATABASE_URL: postgres.url('latchkey') }),
});
const stop = async (): Promise<never> => {
  await server.stop();
  await postgres?.remove();
  return process.exit(0);
};
let stopping = false;
const stopOnce = (): void => {
  if (stopping) return;
  stopping = true;
  void stop();
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stopOnce);
// A signal to npm ends the shell that npm has put between, and never gets here.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) stopOnce();
}, 500).unref();

const organizations = [];
for (const domain of ['probe.example.com', 'other.example.com']) {
  const { id, key, deviceToken, idp } = await createOrganization(server, domain);
  organizations.push({
    id,
    domain,
    adminKey: key,
    deviceToken,
    idpMetadataUrl: idp.entityID,
    spMetadataUrl: `${server.origin}/saml/${id}/sp/device/metadata`,
  });
}

if (options.json) {
  process.stdout.write(`${JSON.stringify({ url: server.origin, adminKey: server.operatorKey, organizations })}\n`);
} else {
  process.stdout.write(`\n  Latchkey's lab is at ${server.origin}\n  Operator's key: ${server.operatorKey}\n`);
  for (const each of organizations) {
    process.stdout.write(
      `\n  ${each.domain}  ${each.id}\n    administrator's key  ${each.adminKey}\n    device token         ${each.deviceToken}\n    IdP metadata         ${each.idpMetadataUrl}\n    SP metadata          ${each.spMetadataUrl}\n`,
    );
  }
  process.stdout.write('\n  Ctrl-C ends it; nothing is left behind.\n\n');
}
