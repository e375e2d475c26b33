import { Command, CommanderError, Option } from 'commander';
import { addApiKey } from './commands/api-key.ts';
import { addApplication } from './commands/application.ts';
import { addAudit } from './commands/audit.ts';
import { addBackup } from './commands/backup.ts';
import { addDatabase } from './commands/database.ts';
import { addDevice } from './commands/device.ts';
import { addDeviceToken } from './commands/device-token.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDepartment, addGroup } from './commands/group.ts';
import { addIdp } from './commands/idp.ts';
import { addImport } from './commands/import.ts';
import { addOrganization } from './commands/organization.ts';
import { addRetention } from './commands/retention.ts';
import { addScim } from './commands/scim.ts';
import { addSettings } from './commands/settings.ts';
import { addSetup } from './commands/setup.ts';
import { addUser } from './commands/user.ts';
import { addWebhook } from './commands/webhook.ts';
import { CliError, exit } from './errors.ts';
import { safe } from './output.ts';

const program = new Command('latchkey')
  .description('Administers a Latchkey server: organizations, sign-in settings, device tokens, devices, users, groups, audit.')
  .version('0.1.0', '-V, --version', 'print the version')
  .addOption(
    new Option('-o, --output <format>', 'table for people, json for programs').choices(['table', 'json']).default('table'),
  )
  .option('--org <name|id>', 'the organization the command is about (default: the one in use)')
  .option('--profile <file>', 'where server and keys are kept (default: ~/.config/latchkey/profile.json)')
  .option('--break-glass <reason>', "as an operator, read an organization's data; its log and yours keep the reason")
  .option('--no-color', 'no colors; so does NO_COLOR')
  .helpCommand('help [command]', 'explain a command')
  .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
  .addHelpText(
    'after',
    `
First steps:
  latchkey setup --url https://id.acme.com
  latchkey org create acme
  latchkey domain grant acme.com
  latchkey idp add device --domains any --auto-provisioning on
  latchkey activate
  latchkey device-token create --enrollment approval --description "My fleet"

In scripts, LATCHKEY_URL and LATCHKEY_API_KEY take the place of the profile.
Ends with 0 (done), 1 (failed), 2 (wrong usage), 3 (server not reachable) or 4 (settings differ from a file).`,
  );

for (const add of [
  addSetup,
  addOrganization,
  addIdp,
  addScim,
  addSettings,
  addDeviceToken,
  addDevice,
  addUser,
  addGroup,
  addDepartment,
  addImport,
  addApplication,
  addAudit,
  addRetention,
  addApiKey,
  addDoctor,
  addDatabase,
  addBackup,
  addWebhook,
]) {
  add(program);
}

/** Lets every command throw instead of ending the process, so that all of them end in one place. */
const throwing = (command: Command): void => {
  command.exitOverride().showSuggestionAfterError();
  command.commands.forEach(throwing);
};
throwing(program);

// A reader that has seen enough (head, less) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? exit.ok : exit.failure));

const report = (error: unknown): number => {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exit.ok : exit.usage;
  const known =
    error instanceof CliError ? error : new CliError(error instanceof Error ? error.message : String(error), { cause: error });
  const { output } = program.opts<{ output?: string }>();
  if (output === 'json') {
    const { code, message, hint, correlationId } = known;
    process.stderr.write(`${JSON.stringify({ error: { code, message, hint, correlationId } })}\n`);
  } else {
    process.stderr.write(`latchkey: ${safe(known.message)}\n`);
    if (known.hint !== undefined) process.stderr.write(`  ${safe(known.hint)}\n`);
    if (known.correlationId !== undefined) process.stderr.write(`  (${safe(known.code)}, ${safe(known.correlationId)})\n`);
  }
  return known.exitCode;
};

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
