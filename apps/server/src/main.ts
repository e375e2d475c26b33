import { flushCompileCache } from 'node:module';
import { parseArgs } from 'node:util';
import { keepCompiled } from '../../keep-compiled.ts';
import { VERSION } from './version.ts';

// Whatever is imported above is compiled anew at every start: the rest is imported when it is needed.
keepCompiled();

const fail = (sentence: string): never => {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
};

const usage = `Usage: npm start [-- OPTION]

  --reset-setup    make a new one-time setup code: for an operator whose keys are lost or expired
  --reset-admin    print a code, good for 10 minutes, that makes its holder an operator of the running server; then end
  --backup DIR     back up into a new folder, also while a server runs on the same data; then end
  --restore DIR    fill an empty data folder from a backup; then end
  --migrate        bring the database up to date, as a start does; then end
  --move FILE      move the SQLite database FILE to the empty PostgreSQL of LATCHKEY_DATABASE_URL; then end. Run it again if it was interrupted
  --check-config   say what is wrong with the configuration, if anything; then end
  --version        print the version
  --help           print this

Everything else is set by the environment or a file: docs/reference/configuration.md.
`;

const options = (() => {
  try {
    const boolean = { type: 'boolean', default: false } as const;
    const string = { type: 'string' } as const;
    return parseArgs({
      options: {
        'reset-setup': boolean,
        'reset-admin': boolean,
        'check-config': boolean,
        migrate: boolean,
        move: string,
        version: boolean,
        help: boolean,
        backup: string,
        restore: string,
      },
    }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return process.exit(2);
  }
})();
if (options.help || options.version) {
  process.stdout.write(options.help ? usage : `${VERSION}\n`);
  process.exit(0);
}

const { ConfigError, loadConfig } = await import('./config.ts');
const config = (() => {
  try {
    return loadConfig(process.env);
  } catch (error) {
    return fail(error instanceof ConfigError ? error.message : String(error));
  }
})();

if (options['check-config']) {
  process.stdout.write('The configuration can be used.\n');
  process.exit(0);
}

const { backUpData, migrateData, moveData, resetCode, restoreData, startApp } = await import('./app.ts');
const rowsOf = (about: Awaited<ReturnType<typeof backUpData>>): number =>
  Object.values(about.rows).reduce((sum, rows) => sum + rows, 0);
try {
  if (options['reset-admin']) {
    process.stdout.write(`${resetCode(config, Date.now)}\n`);
    process.exit(0);
  }
  if (options.backup !== undefined) {
    const about = await backUpData(config, options.backup);
    process.stdout.write(`Backed up ${rowsOf(about)} rows of ${config.databaseFile} as of ${about.createdAt} to ${options.backup}.
The master key ${config.masterKeyFile} is not in it. Keep a copy of that elsewhere: without it nobody can open the backup.
`);
    process.exit(0);
  }
  if (options.migrate) {
    await migrateData(config);
    process.stdout.write('The database is up to date.\n');
    process.exit(0);
  }
  if (options.move !== undefined) {
    const tables = await moveData(config, options.move, (table, rows) => process.stderr.write(`${table} +${rows}\n`));
    const width = Math.max(...tables.map(({ name }) => name.length));
    for (const { name, rows, hash } of tables) {
      process.stdout.write(`${name.padEnd(width)} ${String(rows).padStart(9)}  ${hash.slice(0, 16)}\n`);
    }
    process.stdout.write(
      `Moved: every table has the same rows in both databases. Start the server with LATCHKEY_DATABASE_URL set; ${options.move} keeps its rows.\n`,
    );
    process.exit(0);
  }
  if (options.restore !== undefined) {
    const about = await restoreData(config, options.restore);
    process.stdout.write(`Restored and verified ${rowsOf(about)} rows as of ${about.createdAt} to ${config.databaseFile}. Start the server now.
What was changed or revoked after that moment is to be done again: docs/guides/operate.md, "Restore".
`);
    process.exit(0);
  }
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}

const { pino } = await import('pino');
const logger = pino({ level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));

const onFatal = (error: Error): void => {
  // Fail closed: what was promised is on disk, nothing more can be promised.
  logger.fatal({ err: error }, 'the storage failed');
  process.exit(1);
};

const app = await startApp({ config, logger, now: Date.now, onFatal, resetSetup: options['reset-setup'] }).catch(
  (error: unknown) => {
    logger.error({ err: error }, 'the server could not start');
    return fail(`Latchkey could not start: ${error instanceof Error ? error.message : String(error)}`);
  },
);

const setup =
  app.setupCode === undefined
    ? `  It is set up. How it stands: npx latchkey doctor
  If the operator's keys are lost, start it once with: npm start -- --reset-setup`
    : options['reset-setup']
      ? `  A new setup code, which works once:

    npx latchkey setup --url ${app.origin} --code ${app.setupCode}`
      : `  First time here. Open ${app.origin} in a browser: the console asks for this code, which works once.

    ${app.setupCode}

  Or make yourself the operator here:

    npx latchkey setup --url ${app.origin} --code ${app.setupCode}

  Then make an organization, grant it a domain and let its devices sign in:

    npx latchkey org create acme
    npx latchkey domain grant acme.com
    npx latchkey idp add device --domains any --auto-provisioning on
    npx latchkey activate
    npx latchkey device-token create --enrollment automatic --description "My fleet"`;

process.stdout.write(`
  Latchkey is running at ${app.origin}
  Data: ${config.dataFolder}

${setup}

  Ctrl-C stops it; requests in flight are finished first.

`);

const stop = async (signal: string): Promise<void> => {
  logger.info({ signal }, 'stopping');
  // Whatever hangs must not keep the process: supervisors kill after 30 s or more.
  setTimeout(() => process.exit(1), 25_000).unref();
  await app.close();
  process.exit(0);
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));

// Now, because a server that is killed has no end at which Node would do it.
flushCompileCache();
