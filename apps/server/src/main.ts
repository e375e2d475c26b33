import { pino } from 'pino';
import { startApp } from './app.ts';
import { ConfigError, loadConfig } from './config.ts';

const fail = (sentence: string): never => {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
};

const config = (() => {
  try {
    return loadConfig(process.env);
  } catch (error) {
    return fail(error instanceof ConfigError ? error.message : String(error));
  }
})();

const logger = pino({ level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));

const onFatal = (error: Error): void => {
  // Fail closed: what was promised is on disk, nothing more can be promised.
  logger.fatal({ err: error }, 'the storage failed');
  process.exit(1);
};

const app = await startApp({ config, logger, now: Date.now, onFatal }).catch((error: unknown) => {
  logger.error({ err: error }, 'the server could not start');
  return fail(`Latchkey could not start: ${error instanceof Error ? error.message : String(error)}`);
});

const setup =
  app.setupCode === undefined
    ? `  Set up already. Sign in with the command line: npx latchkey doctor`
    : `  First time here. Make yourself the operator (the code works once):

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
