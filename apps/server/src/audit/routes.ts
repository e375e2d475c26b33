import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import {
  auditEventSchema,
  auditExportQuerySchema,
  type auditFilterSchema,
  auditPageSchema,
  auditQuerySchema,
} from '@latchkey/contract';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { callerOf } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import { exportAudit, exportFormats } from './export-audit.ts';
import { getEvent } from './get-event.ts';
import { signInRoutes } from './sign-in-routes.ts';
import type { AuditEvent, AuditFilter, AuditPort } from './store.ts';
import { isEventId, sharedReads, streamEvents } from './stream-events.ts';
import { viewEvent } from './view-event.ts';

type Filter = z.output<typeof auditFilterSchema>;

const filterOf = (query: Filter): AuditFilter => ({
  ...(query.action === undefined ? {} : { action: query.action }),
  ...(query.outcome === undefined ? {} : { outcome: query.outcome }),
  ...(query.actor === undefined ? {} : { actor: query.actor }),
  ...(query.subject === undefined ? {} : { subject: query.subject }),
  ...(query.correlationId === undefined ? {} : { correlationId: query.correlationId }),
  ...(query.from === undefined ? {} : { from: Date.parse(query.from) }),
  ...(query.until === undefined ? {} : { until: Date.parse(query.until) }),
});

const pageOf = async ({ searchAuditEvents, totalAuditEvents }: AuditPort, query: z.output<typeof auditQuerySchema>) => {
  const filter = filterOf(query);
  const { order, limit, cursor } = query;
  const [{ items, next }, total] = await Promise.all([
    searchAuditEvents({ ...filter, order, limit, ...(cursor === undefined ? {} : { after: cursor }) }),
    cursor === undefined ? totalAuditEvents(filter) : undefined,
  ]);
  return { items: items.map(viewEvent), next: next ?? null, ...total };
};

const sendExport = (reply: FastifyReply, read: AuditPort, query: z.output<typeof auditExportQuerySchema>) => {
  const { type, head, line } = exportFormats[query.format];
  reply.type(type).header('Content-Disposition', `attachment; filename="audit.${query.format}"`);
  const form = { head, line: (event: AuditEvent) => line(viewEvent(event)) };
  return reply.send(Readable.from(exportAudit(read.searchAuditEvents, filterOf(query), form)));
};

const showEvent = async (read: AuditPort, id: string) => viewEvent(await getEvent(read, id));

const params = z.object({ organization: z.string() });
const event = { event: z.string() };

/** Pages that one caller may keep open at this node. */
const STREAMS = 20;

/** The audit: an organization's own, and the operators'. */
export const auditRoutes =
  (needs: Parameters<typeof signInRoutes>[0] & { readonly now: () => number }): FastifyPluginAsyncZod =>
  async (app) => {
    await app.register(signInRoutes(needs));
    const tags = ['Audit'];

    app.get(
      '/organizations/:organization/audit',
      {
        config: { access: 'organization' },
        schema: { tags, summary: 'List audit events', params, querystring: auditQuerySchema, response: { 200: auditPageSchema } },
      },
      async (request) => pageOf(needs.storage.organization(request.params.organization).read, request.query),
    );

    app.get(
      '/organizations/:organization/audit/export',
      {
        config: { access: 'organization' },
        schema: {
          tags,
          summary: 'Export audit events, oldest first, one line each',
          params,
          querystring: auditExportQuerySchema,
        },
      },
      async (request, reply) => {
        return sendExport(reply, needs.storage.organization(request.params.organization).read, request.query);
      },
    );

    app.get(
      '/organizations/:organization/audit/:event',
      {
        config: { access: 'organization' },
        schema: { tags, summary: 'Show an audit event', params: params.extend(event), response: { 200: auditEventSchema } },
      },
      async (request) => showEvent(needs.storage.organization(request.params.organization).read, request.params.event),
    );

    const stop = new AbortController();
    app.addHook('preClose', async () => stop.abort());
    const streams = new Map<string, number>();
    const waitFor = (milliseconds: number): Promise<boolean> =>
      wait(milliseconds, true, { signal: stop.signal }).catch(() => false);
    const listOf = (organizationId: string) => needs.storage.organization(organizationId).read.listAuditEvents;
    const lately = sharedReads({ list: listOf, wait: waitFor, now: needs.now });

    app.get(
      '/organizations/:organization/events',
      {
        // Each event is judged by what it is about.
        config: { access: 'organization', judgedByContent: true, background: true },
        schema: {
          tags,
          summary: 'Hear what happens, as Server-Sent Events',
          description:
            'Each message is a `LiveEvent`, at least once; events of areas that the caller may not see are left out. The stream ends after a minute and goes on after `Last-Event-ID`, as browsers do it by themselves.',
          params,
          headers: z.object({ 'last-event-id': z.string().max(100).optional() }),
        },
      },
      async (request, reply) => {
        const caller = callerOf(request);
        const open = streams.get(caller.id) ?? 0;
        if (open >= STREAMS) {
          throw new Problem(429, 'too_many_streams', 'Too many pages listen at the same time.', 'Close some of them.');
        }
        const last = request.headers['last-event-id'];
        const { organization } = request.params;
        const stream = Readable.from(
          streamEvents({
            lately: () => lately(organization),
            list: listOf(organization),
            mayRead: (area) => caller.may(area, 'read'),
            wait: waitFor,
            lastEventId: last !== undefined && isEventId(last) ? last : undefined,
          }),
        );
        streams.set(caller.id, open + 1);
        stream.once('close', () => {
          const left = (streams.get(caller.id) ?? 1) - 1;
          if (left === 0) streams.delete(caller.id);
          else streams.set(caller.id, left);
        });
        // nginx keeps what it forwards until there is more of it, unless it is told not to.
        return reply.type('text/event-stream').header('X-Accel-Buffering', 'no').send(stream);
      },
    );

    app.get(
      '/audit',
      {
        config: { access: 'operator' },
        schema: {
          tags,
          summary: "List the operators' own acts",
          querystring: auditQuerySchema,
          response: { 200: auditPageSchema },
        },
      },
      async (request) => pageOf(needs.storage.server, request.query),
    );

    app.get(
      '/audit/export',
      {
        config: { access: 'operator' },
        schema: {
          tags,
          summary: "Export the operators' own acts, oldest first, one line each",
          querystring: auditExportQuerySchema,
        },
      },
      async (request, reply) => sendExport(reply, needs.storage.server, request.query),
    );

    app.get(
      '/audit/:event',
      {
        config: { access: 'operator' },
        schema: {
          tags,
          summary: "Show one of the operators' own acts",
          params: z.object(event),
          response: { 200: auditEventSchema },
        },
      },
      async (request) => showEvent(needs.storage.server, request.params.event),
    );
  };
