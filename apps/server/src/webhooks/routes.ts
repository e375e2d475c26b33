import { createdWebhookSchema, newWebhookSchema, type WebhookView, webhookSchema, webhookTestSchema } from '@latchkey/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actOf } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import { type SendMessageNeeds, sendMessage } from './send-message.ts';
import { setWebhook } from './set-webhook.ts';
import type { Webhook, WebhookStorage } from './store.ts';

export interface WebhookRoutesNeeds extends SendMessageNeeds {
  readonly storage: WebhookStorage;
  readonly problemOf: (url: string) => string | undefined;
  readonly seal: (context: string, plain: Buffer) => string;
  readonly newId: (prefix: string) => string;
}

const view = (webhook: Webhook): WebhookView => ({
  url: webhook.url,
  createdAt: new Date(webhook.createdAt).toISOString(),
  createdBy: webhook.createdBy,
});

const none = (): Problem =>
  new Problem(404, 'webhook_unknown', 'The organization has no webhook.', 'Set one: latchkey webhook set https://...');

const params = z.object({ organization: z.string() });
const path = '/organizations/:organization/webhook';

/** Where the organization is told of things. */
export const webhookRoutes =
  (needs: WebhookRoutesNeeds): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['Webhook'];
    const config = { access: 'organization' } as const;
    const open = (id: string) => needs.storage.organization(id);

    app.get(
      path,
      { config, schema: { tags, summary: 'Show the webhook', params, response: { 200: webhookSchema } } },
      async (request) => {
        const webhook = await open(request.params.organization).read.findWebhook();
        if (webhook === undefined) throw none();
        return view(webhook);
      },
    );

    app.put(
      path,
      {
        config,
        schema: {
          tags,
          summary: 'Set the webhook, with a new secret',
          description:
            'Messages are signed as Standard Webhooks 1.0 has it, with the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`, and tried again for a day. The types are `device_token.expiring` and `webhook.test`.',
          params,
          body: newWebhookSchema,
          response: { 200: createdWebhookSchema },
        },
      },
      async (request) => {
        const { webhook, secret } = await setWebhook(needs, actOf(request), {
          organizationId: request.params.organization,
          url: request.body.url,
        });
        return { ...view(webhook), secret };
      },
    );

    app.delete(
      path,
      {
        config,
        schema: { tags, summary: 'Remove the webhook, and what was still to be sent', params, response: { 204: z.null() } },
      },
      async (request, reply) => {
        const removed = await open(request.params.organization).transaction(async (store) => {
          if (!(await store.deleteWebhook())) return false;
          await store.appendAuditEvent({
            ...actOf(request),
            action: 'webhook.removed',
            outcome: 'success',
            reason: '',
            subject: 'webhook',
            details: {},
          });
          return true;
        });
        if (!removed) throw none();
        reply.code(204);
        return null;
      },
    );

    app.post(
      `${path}/test`,
      {
        config,
        schema: { tags, summary: 'Send a message of the type webhook.test, once', params, response: { 200: webhookTestSchema } },
      },
      async (request) => {
        const { organization: organizationId } = request.params;
        const webhook = await open(organizationId).read.findWebhook();
        if (webhook === undefined) throw none();
        const timestamp = new Date(needs.now()).toISOString();
        const delivery = await sendMessage(needs, organizationId, webhook, {
          id: needs.newId('msg'),
          body: JSON.stringify({ type: 'webhook.test', timestamp, data: { organization: organizationId } }),
        });
        return delivery.kind === 'delivered'
          ? { delivered: true, status: delivery.status, message: 'The receiver has taken it.' }
          : { delivered: false, status: delivery.status ?? null, message: delivery.why };
      },
    );
  };
