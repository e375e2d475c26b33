import { Readable } from 'node:stream';
import {
  type ImportLineView,
  type ImportView,
  importApplySchema,
  importLinePageSchema,
  importLineQuerySchema,
  importPageSchema,
  importQuerySchema,
  importSchema,
  pageQuerySchema,
  userExportQuerySchema,
} from '@latchkey/contract';
import { writeCsvLine } from '@latchkey/directory';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actOf } from '../http/caller.ts';
import { pageOf } from '../http/page.ts';
import { Problem } from '../http/problem.ts';
import { applyImport, cancelImport, importUnknown } from './decide-import.ts';
import { exportUsers } from './export-users.ts';
import type { Import, ImportLine, ImportPort } from './import-store.ts';
import { uploadImport } from './upload-import.ts';

/** Of the state it is in. */
const progressOf = ({ state, rows, done, counts }: Import): number => {
  const all = state === 'preparing' ? counts.add : state === 'finishing' ? counts.add + counts.modify + counts.delete : rows;
  return rows === 0 ? 0 : Math.min(1, Math.round((done / Math.max(1, all)) * 1000) / 1000);
};

const view = (job: Import): ImportView => ({
  id: job.id,
  fileName: job.fileName,
  existing: job.existing,
  state: job.state,
  reason: job.reason,
  rows: job.rows,
  progress: progressOf(job),
  counts: { ...job.counts },
  newGroups: job.newSets.filter(({ kind }) => kind === 'group').map(({ name }) => name),
  newDepartments: job.newSets.filter(({ kind }) => kind === 'department').map(({ name }) => name),
  createdAt: new Date(job.createdAt).toISOString(),
  createdBy: job.createdBy,
  endedAt: job.endedAt === undefined ? null : new Date(job.endedAt).toISOString(),
});

const lineView = ({ line, change, userNameKey, row, problems }: ImportLine): ImportLineView => {
  const { userName = userNameKey, remove: _, userNameKey: __, groups, ...wants } = row ?? {};
  return {
    line,
    change,
    userName,
    wants: { ...wants, ...(groups === undefined ? {} : { groups: [...groups] }) },
    problems: [...problems],
  };
};

const batch = 500;

/** What is wrong, line by line, as a CSV file. */
async function* listErrors(read: ImportPort, importId: string): AsyncGenerator<string> {
  yield writeCsvLine(['line', 'column', 'message', 'userName']);
  for (let after = 0; ; ) {
    const lines = await read.listLines(importId, { after, limit: batch, changes: ['error', 'skipped'] });
    yield lines
      .flatMap(({ line, problems, userNameKey }) =>
        problems.map(({ column, message }) => writeCsvLine([String(line), column, message, userNameKey])),
      )
      .join('');
    const last = lines.at(-1);
    if (last === undefined) return;
    after = last.line;
  }
}

const params = z.object({ organization: z.string() });
const importParams = params.extend({ import: z.string() });

/** Users from and to CSV files. */
export const importRoutes =
  (needs: Parameters<typeof uploadImport>[0]): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['Imports'];
    const config = { access: 'organization' } as const;
    const readOf = (organizationId: string) => needs.storage.organization(organizationId).read;

    // As a stream: it is read line by line, and has a limit of its own.
    app.addContentTypeParser('text/csv', (_, payload, done) => done(null, payload));

    app.post(
      '/organizations/:organization/imports',
      {
        config,
        schema: {
          tags,
          summary: 'Upload a CSV file of users and compare it with the directory',
          description:
            'The body is the file (text/csv, UTF-8). Nothing changes: when the import is `ready`, its counts say what applying it would do.',
          consumes: ['text/csv'],
          params,
          querystring: importQuerySchema,
          response: { 202: importSchema },
        },
      },
      async (request, reply) => {
        const { body } = request;
        if (!(body instanceof Readable)) {
          throw new Problem(415, 'csv_needed', 'Send the file as it is.', 'With the header Content-Type: text/csv.');
        }
        const { organization: organizationId } = request.params;
        const job = await uploadImport(needs, actOf(request), { organizationId, body, ...request.query });
        reply.code(202);
        return view(job);
      },
    );

    app.get(
      '/organizations/:organization/imports',
      {
        config,
        schema: { tags, summary: 'List imports', params, querystring: pageQuerySchema, response: { 200: importPageSchema } },
      },
      async (request) => pageOf(request.query, readOf(request.params.organization).listImports, view),
    );

    app.get(
      '/organizations/:organization/imports/:import',
      { config, schema: { tags, summary: 'Show an import', params: importParams, response: { 200: importSchema } } },
      async (request) => {
        const found = await readOf(request.params.organization).findImport(request.params.import);
        if (found === undefined) throw importUnknown();
        return view(found);
      },
    );

    app.get(
      '/organizations/:organization/imports/:import/lines',
      {
        config,
        schema: {
          tags,
          summary: 'List the lines of an import',
          description: 'With what becomes of each. Of one that was applied only those are left that were not carried out.',
          params: importParams,
          querystring: importLineQuerySchema,
          response: { 200: importLinePageSchema },
        },
      },
      async (request) => {
        const { limit, cursor, change } = request.query;
        const read = readOf(request.params.organization);
        const found = await read.findImport(request.params.import);
        if (found === undefined) throw importUnknown();
        const cut = { after: Number(cursor ?? 0), limit: limit + 1, ...(change === undefined ? {} : { changes: [change] }) };
        const lines = await read.listLines(found.id, cut);
        const shown = lines.slice(0, limit);
        return { items: shown.map(lineView), next: lines.length > limit ? String(shown.at(-1)?.line) : null };
      },
    );

    app.get(
      '/organizations/:organization/imports/:import/errors',
      { config, schema: { tags, summary: 'What is wrong with which line, as CSV', params: importParams } },
      async (request, reply) => {
        const read = readOf(request.params.organization);
        const found = await read.findImport(request.params.import);
        if (found === undefined) throw importUnknown();
        reply.type('text/csv; charset=utf-8').header('Content-Disposition', 'attachment; filename="errors.csv"');
        return reply.send(Readable.from(listErrors(read, found.id)));
      },
    );

    app.post(
      '/organizations/:organization/imports/:import/apply',
      {
        config,
        schema: {
          tags,
          summary: 'Carry an import out, in the background',
          params: importParams,
          body: importApplySchema.nullish(),
          response: { 202: importSchema },
        },
      },
      async (request, reply) => {
        const { organization: organizationId, import: importId } = request.params;
        const { skipErrors } = request.body ?? { skipErrors: false };
        reply.code(202);
        return view(await applyImport(needs, actOf(request), { organizationId, importId, skipErrors }));
      },
    );

    app.post(
      '/organizations/:organization/imports/:import/cancel',
      {
        config,
        schema: {
          tags,
          summary: 'Call an import off; nothing of it is left',
          params: importParams,
          response: { 202: importSchema },
        },
      },
      async (request, reply) => {
        const { organization: organizationId, import: importId } = request.params;
        reply.code(202);
        return view(await cancelImport(needs, actOf(request), { organizationId, importId }));
      },
    );

    app.get(
      '/organizations/:organization/users/export',
      {
        config,
        schema: {
          tags: ['Users'],
          summary: 'Export users as CSV',
          description: 'An import takes the file back as it is.',
          params,
          querystring: userExportQuerySchema,
        },
      },
      async (request, reply) => {
        const { q, state, department, group, source } = request.query;
        const filter = {
          ...(q === undefined ? {} : { q }),
          ...(state === undefined ? {} : { state }),
          ...(department === undefined ? {} : { departmentId: department }),
          ...(group === undefined ? {} : { groupId: group }),
          ...(source === undefined ? {} : { source }),
        };
        reply.type('text/csv; charset=utf-8').header('Content-Disposition', 'attachment; filename="users.csv"');
        return reply.send(Readable.from(exportUsers(readOf(request.params.organization), filter)));
      },
    );
  };
