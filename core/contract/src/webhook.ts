import { z } from 'zod';
import { timestamp } from './common.ts';

/** Where an organization is told of things that happen without anybody asking. */
export const webhookSchema = z
  .object({
    url: z.string(),
    createdAt: timestamp,
    createdBy: z.string(),
  })
  .meta({ id: 'Webhook' });
export type WebhookView = z.output<typeof webhookSchema>;

export const newWebhookSchema = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .describe('https, on the public Internet; other networks only where the operator of the server has allowed them.'),
  })
  .meta({ id: 'NewWebhook' });

export const createdWebhookSchema = webhookSchema
  .extend({
    secret: z
      .string()
      .describe('`whsec_...`: what messages are signed with (Standard Webhooks 1.0, HMAC-SHA256). It is shown this once.'),
  })
  .meta({ id: 'CreatedWebhook' });
export type CreatedWebhookView = z.output<typeof createdWebhookSchema>;

export const webhookTestSchema = z
  .object({
    delivered: z.boolean(),
    status: z.number().int().nullable().describe('What the receiver answered; null without an answer.'),
    message: z.string(),
  })
  .meta({ id: 'WebhookTest' });
export type WebhookTestView = z.output<typeof webhookTestSchema>;
