import { Readable } from 'node:stream';
import { type AuditEventView, auditFilterSchema, auditPageSchema, auditQuerySchema } from '@latchkey/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pageOf } from '../http/page.ts';
import { exportAudit } from './export-audit.ts';
import type { AuditEvent, AuditFilter, AuditStorage } from './store.ts';

const view = (event: AuditEvent): AuditEventView => ({
  id: event.id,
  at: new Date(event.at).toISOString(),
  actor: event.actor,
  action: event.action,
  outcome: event.outcome,
  reason: event.reason,
  subject: event.subject,
  remoteAddress: event.remoteAddress,
  correlationId: event.correlationId,
  details: { ...event.details },
});

type Filter = z.output<typeof auditFilterSchema>;

const filterOf = (query: Filter): Omit<AuditFilter, 'order' | 'after' | 'limit'> => ({
  ...(query.action === undefined ? {} : { action: query.action }),
  ...(query.outcome === undefined ? {} : { outcome: query.outcome }),
  ...(query.actor === undefined ? {} : { actor: query.actor }),
  ...(query.subject === undefined ? {} : { subject: query.subject }),
  ...(query.correlationId === undefined ? {} : { correlationId: query.correlationId }),
  ...(query.from === undefined ? {} : { from: Date.parse(query.from) }),
  ...(query.until === undefined ? {} : { until: Date.parse(query.until) }),
});

const params = z.object({ organization: z.string() });

/** The audit: an organization's own, and the operators'. */
export const auditRoutes =
  (needs: { readonly storage: AuditStorage }): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['Audit'];

    app.get(
      '/organizations/:organization/audit',
      {
        config: { access: 'organization' },
        schema: { tags, summary: 'List audit events', params, querystring: auditQuerySchema, response: { 200: auditPageSchema } },
      },
      async (request) => {
        const { read } = needs.storage.organization(request.params.organization);
        const { order } = request.query;
        return pageOf(request.query, (page) => read.listAuditEvents({ ...filterOf(request.query), order, ...page }), view);
      },
    );

    app.get(
      '/organizations/:organization/audit/export',
      {
        config: { access: 'organization' },
        schema: {
          tags,
          summary: 'Export audit events, oldest first, one JSON line each',
          params,
          querystring: auditFilterSchema,
        },
      },
      async (request, reply) => {
        const { read } = needs.storage.organization(request.params.organization);
        reply.type('application/x-ndjson').header('Content-Disposition', 'attachment; filename="audit.ndjson"');
        return reply.send(Readable.from(exportAudit(read.listAuditEvents, filterOf(request.query), view)));
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
      async (request) => {
        const { order } = request.query;
        const list = needs.storage.server.listServerAuditEvents;
        return pageOf(request.query, (page) => list({ ...filterOf(request.query), order, ...page }), view);
      },
    );
  };
