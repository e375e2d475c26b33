import type { SettingsDraftView, SettingsPlanView, SettingsVersionView } from '@latchkey/contract';
import type { Command } from 'commander';
import { printChanges, printProblems } from '../draft.ts';
import { CliError, exit } from '../errors.ts';
import { readText } from '../input.ts';
import type { Session } from '../session.ts';
import { act, wholeNumber } from './shared.ts';

/** A settings file, as it stands there: what it says is judged by the server. */
const readSettingsFile = async (file: string): Promise<object> => {
  const text = await readText(file);
  // Loaded here: no other command needs it.
  const { parse, YAMLParseError } = await import('yaml');
  try {
    const value: unknown = parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new CliError(`${file} is not YAML.`, { code: 'file_invalid', hint: error.message, cause: error });
  }
  throw new CliError(`${file} does not hold settings.`, {
    code: 'file_invalid',
    hint: 'Write one to begin with: latchkey settings export > settings.yaml',
  });
};

const planOf = async (session: Session, file: string): Promise<SettingsPlanView> => {
  const { call } = await session.organization();
  return (await call<SettingsPlanView>('POST', '/settings/plan', { body: await readSettingsFile(file) })).body;
};

const summary = ({ activeVersion, changes, valid }: SettingsPlanView): string => {
  const live = activeVersion === null ? 'nothing is live yet' : `version ${activeVersion} is live`;
  if (changes.length === 0) return `Nothing to do: ${live}, and the file says the same.`;
  const count = changes.length === 1 ? '1 change' : `${changes.length} changes`;
  return `${count} (${live}). The file ${valid ? 'can go live' : 'cannot go live as it is'}.`;
};

/** How a file differs from what is live. */
export const diffFile = async (session: Session, file: string): Promise<void> => {
  const plan = await planOf(session, file);
  if (session.output.json) session.output.done({ activeVersion: plan.activeVersion, changes: plan.changes }, '');
  else {
    printChanges(session, plan);
    session.output.note(summary(plan));
  }
  if (plan.changes.length > 0) process.exitCode = exit.drift;
};

/** Somebody has drafted something that is neither live nor in the file. */
const draftIsElsewhere = ({ pending, draftChanges }: SettingsPlanView): boolean => pending.length > 0 && draftChanges.length > 0;

export const addSettingsFile = (settings: Command): void => {
  act<{ draft?: boolean; version?: number }>(
    settings
      .command('export')
      .summary('write the settings down as YAML')
      .description('Prints what is live as YAML, always in the same order, for "settings diff|plan|apply -f".')
      .option('--draft', 'the draft instead')
      .option('--version <n>', 'an earlier version instead', wholeNumber),
    async (session, options) => {
      const { call } = await session.organization();
      const path = options.draft === true ? '/draft' : options.version === undefined ? '/active' : `/versions/${options.version}`;
      const { document } = (await call<Pick<SettingsVersionView, 'document'>>('GET', `/settings${path}`)).body;
      if (session.output.json) return session.output.done(document, '');
      const { stringify } = await import('yaml');
      process.stdout.write(stringify(document, { lineWidth: 0 }));
    },
  );

  act<{ file: string }>(
    settings
      .command('plan')
      .summary('show what a file would change, and whether it could go live')
      .description(
        'Compares a file with what is live and lists its problems; nothing is saved. Ends with 4 if there are changes, with 1 if the file cannot go live.',
      )
      .requiredOption('-f, --file <file>', 'YAML or JSON, as "settings export" writes it; "-" is standard input'),
    async (session, options) => {
      const plan = await planOf(session, options.file);
      if (session.output.json) session.output.done(plan, '');
      else {
        printChanges(session, plan);
        printProblems(session, plan.problems);
        if (draftIsElsewhere(plan)) session.output.note('The draft has other changes that are not live: latchkey settings diff');
        session.output.note(summary(plan));
      }
      process.exitCode = !plan.valid ? exit.failure : plan.changes.length > 0 ? exit.drift : exit.ok;
    },
  );

  act<{ file: string; activate?: boolean; comment?: string; overwrite?: boolean }>(
    settings
      .command('apply')
      .summary('put a file into the draft, and make it live')
      .description(
        'Puts a file into the draft; with --activate, makes exactly that live. Doing it again changes nothing. A draft with other changes that are not live is left alone, unless you say --overwrite.',
      )
      .requiredOption('-f, --file <file>', 'YAML or JSON, as "settings export" writes it; "-" is standard input')
      .option('--activate', 'make it live')
      .option('--overwrite', 'throw away what else is in the draft')
      .option('--comment <text>', 'why, for the history'),
    async (session, options) => {
      const { call } = await session.organization();
      const document = await readSettingsFile(options.file);
      const { body: plan } = await call<SettingsPlanView>('POST', '/settings/plan', { body: document });
      if (plan.changes.length === 0) return session.output.done(plan, summary(plan));
      if (!session.output.json) {
        printChanges(session, plan);
        printProblems(session, plan.problems);
      }
      if (options.activate === true && !plan.valid) {
        const errors = plan.problems.filter(({ severity }) => severity === 'error');
        throw new CliError('The file cannot go live as it is; nothing was changed.', {
          code: 'settings_invalid',
          hint: errors.map(({ message }) => message).join(' '),
        });
      }
      if (draftIsElsewhere(plan) && options.overwrite !== true) {
        throw new CliError('The draft has other changes that are not live.', {
          code: 'draft_pending',
          hint: 'See them: latchkey settings diff. Activate them first, or throw them away: --overwrite',
        });
      }
      let { revision } = plan;
      if (plan.draftChanges.length > 0) {
        const ifMatch = `"${revision}"`;
        revision = (await call<SettingsDraftView>('PUT', '/settings/draft', { body: document, ifMatch })).body.revision;
      }
      if (options.activate !== true) {
        session.output.done(
          { ...plan, revision },
          `The file is in the draft (revision ${revision}). Nothing live has changed yet.`,
        );
        if (!session.output.json) session.output.note('Next: latchkey activate');
        return;
      }
      const { body } = await call<SettingsVersionView>('POST', '/settings/activate', {
        body: { comment: options.comment ?? '' },
        ifMatch: `"${revision}"`,
      });
      session.output.done(body, `Version ${body.version} is live.`);
    },
  );
};
