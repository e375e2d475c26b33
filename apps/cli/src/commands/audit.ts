import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { AuditEventView } from '@latchkey/contract';
import { type Command, Option } from 'commander';
import { readMoment } from '../duration.ts';
import { CliError, usage } from '../errors.ts';
import { type Column, safe, when } from '../output.ts';
import { listAll, type Session } from '../session.ts';
import { act, limitOption } from './shared.ts';

interface Filter {
  readonly action?: string;
  readonly outcome?: string;
  readonly actor?: string;
  readonly subject?: string;
  readonly correlation?: string;
  readonly since?: string;
  readonly until?: string;
}

const withFilter = (command: Command): Command =>
  command
    .option('--action <action>', 'such as device.enrolled')
    .addOption(new Option('--outcome <outcome>', 'only these').choices(['success', 'refused']))
    .option('--actor <actor>', 'such as device:dev_...')
    .option('--subject <subject>', 'such as user:usr_...')
    .option('--correlation <id>', 'the id that a device or an error message shows')
    .option('--since <when>', 'how long ago (2h, 7d), or a time')
    .option('--until <when>', 'how long ago, or a time');

const queryOf = (options: Filter) => ({
  action: options.action,
  outcome: options.outcome,
  actor: options.actor,
  subject: options.subject,
  correlationId: options.correlation,
  from: options.since === undefined ? undefined : readMoment(options.since, Date.now()),
  until: options.until === undefined ? undefined : readMoment(options.until, Date.now()),
});

const columns: readonly Column<AuditEventView>[] = [
  { name: 'TIME', value: ({ at }) => when(at) },
  { name: 'ACTION', value: ({ action }) => action },
  {
    name: 'OUTCOME',
    value: ({ outcome, reason }) => (reason === '' ? outcome : `${outcome}: ${reason}`),
    color: ({ outcome }) => (outcome === 'refused' ? 'bad' : undefined),
  },
  { name: 'ACTOR', value: ({ actor }) => actor },
  { name: 'SUBJECT', value: ({ subject }) => subject },
  { name: 'CORRELATION', value: ({ correlationId }) => correlationId },
];

const printEvent = (session: Session, event: AuditEventView): void => {
  if (session.output.json) session.output.line(JSON.stringify(event));
  else session.output.line(columns.map((column) => safe(column.value(event))).join('  '));
};

/** Until Ctrl-C: what there is, then what comes, oldest first. */
const follow = async (session: Session, options: Filter & { readonly limit: number }): Promise<void> => {
  const { call } = await session.organization();
  const recent = await call<{ items: AuditEventView[] }>('GET', '/audit', {
    query: { ...queryOf(options), limit: Math.min(200, options.limit) },
  });
  const shown = recent.body.items.toReversed();
  for (const event of shown) printEvent(session, event);
  let cursor = shown.at(-1)?.id;
  for (;;) {
    await wait(1000);
    const { body } = await call<{ items: AuditEventView[] }>('GET', '/audit', {
      query: { ...queryOf(options), order: 'oldest', limit: 200, cursor },
    });
    for (const event of body.items) printEvent(session, event);
    cursor = body.items.at(-1)?.id ?? cursor;
  }
};

export const addAudit = (program: Command): void => {
  const audit = program
    .command('audit')
    .summary('who did what to what')
    .description('The audit: every change, and every decision about a device, with who, when and from where.');

  act<Filter & { limit: number; follow?: boolean; operators?: boolean }>(
    withFilter(audit.command('list').summary('list events, newest first'))
      .option('--follow', 'go on and show events as they come')
      .option('--operators', "the operators' own acts instead of the organization's")
      .addOption(limitOption(50)),
    async (session, options) => {
      if (options.follow === true && options.operators === true) throw usage('--follow and --operators do not go together.');
      if (options.follow === true) return follow(session, options);
      const call = options.operators === true ? await session.operator() : (await session.organization()).call;
      session.output.list(
        await listAll<AuditEventView>(session, call, '/audit', queryOf(options), options.limit),
        columns,
        'No event matches.',
      );
    },
  );

  act(
    audit
      .command('show')
      .argument('<correlation>', 'the id that a device or an error message shows')
      .summary('show the events of one correlation id, with details'),
    async (session, _, [correlationId]) => {
      const { call } = await session.organization();
      const events = await listAll<AuditEventView>(session, call, '/audit', { correlationId, order: 'oldest' }, 1000);
      if (events.length === 0)
        throw new CliError(`No event has the correlation id ${correlationId}.`, {
          hint: 'Refusals before a device has proven its key are in the log of the server only.',
        });
      if (session.output.json) return session.output.done(events, '');
      for (const event of events) {
        session.output.show(event, [
          ['Time', when(event.at)],
          ['Action', event.action],
          ['Outcome', event.reason === '' ? event.outcome : `${event.outcome}: ${event.reason}`],
          ['Actor', event.actor],
          ['Subject', event.subject],
          ['Address', event.remoteAddress],
          ['Id', event.id],
          ...Object.entries(event.details).map(
            ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
          ),
        ]);
        session.output.line('');
      }
    },
  );

  act<Filter & { file?: string }>(
    withFilter(
      audit
        .command('export')
        .summary('export events, one JSON line each')
        .description('Writes every event that matches, oldest first, one JSON object a line.'),
    ).option('--file <file>', 'write to this file instead of standard output'),
    async (session, options) => {
      const { stream } = await session.organization();
      const response = await stream('/audit/export', queryOf(options));
      if (response.body === null) return;
      // The DOM's ReadableStream and Node's are one and the same at run time.
      const source = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
      try {
        await pipeline(source, options.file === undefined ? process.stdout : createWriteStream(options.file, { mode: 0o600 }), {
          end: options.file !== undefined,
        });
      } catch (cause) {
        throw new CliError('The export broke off.', { hint: cause instanceof Error ? cause.message : String(cause), cause });
      }
      if (options.file !== undefined) session.output.note(`Written to ${options.file}.`);
    },
  );
};
