import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ImportView } from '@latchkey/contract';
import { type Command, Option } from 'commander';
import { CliError } from '../errors.ts';
import { when } from '../output.ts';
import { listAll, type OrganizationSession, type Session } from '../session.ts';
import { act, limitOption } from './shared.ts';

const waiting: readonly ImportView['state'][] = ['uploading', 'checking', 'preparing', 'finishing', 'cancelling'];

/** Until it waits for a person, or has ended; says how far it is. */
const follow = async (session: Session, { call }: OrganizationSession, id: string): Promise<ImportView> => {
  let said = '';
  for (;;) {
    const { body } = await call<ImportView>('GET', `/imports/${id}`);
    if (!waiting.includes(body.state)) return body;
    const now = `${body.state} ${Math.round(body.progress * 100)} %`;
    if (now !== said && !session.output.json) session.output.note(now);
    said = now;
    await wait(500);
  }
};

const summary = ({ counts, newGroups, newDepartments }: ImportView): string => {
  const made = [...newGroups.map((name) => `group ${name}`), ...newDepartments.map((name) => `department ${name}`)];
  return `${counts.add} to add, ${counts.modify} to change, ${counts.delete} to delete, ${counts.none} as they are, ${counts.error} with errors${
    made.length === 0
      ? ''
      : `; to be made: ${made.slice(0, 5).join(', ')}${made.length > 5 ? ` and ${made.length - 5} more` : ''}`
  }`;
};

/** The lines that cannot be, or could not be, carried out. */
const printErrors = async (session: Session, { stream }: OrganizationSession, id: string): Promise<void> => {
  for (const line of (await (await stream(`/imports/${id}/errors`, {})).text()).trimEnd().split('\r\n'))
    session.output.note(line);
};

const failure = (job: ImportView): CliError =>
  new CliError(`The import is ${job.state}${job.reason === '' ? '' : `: ${job.reason}`}. Nothing of it is left.`, {
    code: `import_${job.state}`,
    hint: 'Upload the file again.',
  });

export const addImport = (program: Command): void => {
  const command = program
    .command('import')
    .summary('users from a CSV file')
    .description('Imports: a CSV file is compared with the directory, shown, and then carried out as a whole.');

  act<{ dryRun?: boolean; existing: string; skipErrors?: boolean }>(
    command
      .command('users')
      .argument('<file>', 'CSV, UTF-8; its first line names the columns, as latchkey user export writes them')
      .summary('add, change and delete users')
      .option('--dry-run', 'say what it would do, and do nothing')
      .addOption(
        new Option('--existing <what>', 'what a line about a user who is there already is')
          .choices(['override', 'error'])
          .default('error'),
      )
      .option('--skip-errors', 'carry out the lines that can be'),
    async (session, options, [file = '']) => {
      const organization = await session.organization();
      let blob: Blob;
      try {
        blob = await openAsBlob(file);
      } catch (cause) {
        throw new CliError(`${file} cannot be read.`, { hint: cause instanceof Error ? cause.message : String(cause), cause });
      }
      const uploaded = await organization.call<ImportView>('POST', '/imports', {
        upload: { type: 'text/csv', file: blob },
        query: { existing: options.existing, fileName: basename(file) },
        patient: true,
      });
      const { id } = uploaded.body;
      const job = await follow(session, organization, id);
      if (job.state !== 'ready') throw failure(job);
      if (!session.output.json) session.output.note(summary(job));
      if (job.counts.error > 0) await printErrors(session, organization, id);
      const refused = job.counts.error > 0 && options.skipErrors !== true;
      if (options.dryRun === true || refused) {
        await organization.call('POST', `/imports/${id}/cancel`);
        await follow(session, organization, id);
        if (options.dryRun === true) {
          session.output.done(job, 'Nothing was changed.');
          return;
        }
        throw new CliError(`${job.counts.error} of ${job.rows} lines cannot be carried out: nothing was changed.`, {
          code: 'import_has_errors',
          hint: 'Mend them and import again, or carry out the others with --skip-errors.',
        });
      }
      await organization.call('POST', `/imports/${id}/apply`, { body: { skipErrors: options.skipErrors === true } });
      const done = await follow(session, organization, id);
      if (done.state !== 'applied') throw failure(done);
      if (done.counts.skipped > 0) await printErrors(session, organization, id);
      const { add, modify, delete: deleted, skipped } = done.counts;
      session.output.done(
        done,
        `Imported ${file}: ${add} added, ${modify} changed, ${deleted} deleted${skipped === 0 ? '' : `, ${skipped} of these had become impossible`}.`,
      );
    },
  );

  act<{ limit: number }>(
    command.command('list').summary('list imports, the newest first').addOption(limitOption(20)),
    async (session, options) => {
      const { call } = await session.organization();
      session.output.list(
        await listAll<ImportView>(session, call, '/imports', {}, options.limit),
        [
          { name: 'ID', value: ({ id }) => id },
          { name: 'FILE', value: ({ fileName }) => fileName || '-' },
          { name: 'STATE', value: ({ state, reason }) => (reason === '' ? state : `${state}: ${reason}`) },
          { name: 'LINES', value: ({ rows }) => String(rows) },
          { name: 'ERRORS', value: ({ counts }) => String(counts.error + counts.skipped) },
          { name: 'UPLOADED', value: ({ createdAt }) => when(createdAt) },
        ],
        'There is no import.',
      );
    },
  );

  act(
    command.command('cancel').argument('<id>', 'as import list shows it').summary('call an import off; nothing of it is left'),
    async (session, _, [id = '']) => {
      const organization = await session.organization();
      await organization.call('POST', `/imports/${encodeURIComponent(id)}/cancel`);
      session.output.done(await follow(session, organization, id), `${id} is cancelled: nothing of it is left.`);
    },
  );
};
