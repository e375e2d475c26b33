import type { Kysely, Selectable } from 'kysely';
import type { Webhook, WebhookMessage } from '../webhooks/store.ts';
import type { Database, WebhookMessagesTable } from './schema.ts';

const toMessage = (row: Selectable<WebhookMessagesTable>): WebhookMessage => ({
  id: row.id,
  organizationId: row.organization_id,
  type: row.type,
  body: row.body,
  attempts: row.attempts,
  nextAt: row.next_at,
  createdAt: row.created_at,
});

export const webhookQueries = (db: Kysely<Database>, organizationId: string) => ({
  findWebhook: async (): Promise<Webhook | undefined> => {
    const row = await db.selectFrom('webhooks').selectAll().where('organization_id', '=', organizationId).executeTakeFirst();
    return row && { url: row.url, secret: row.secret, createdAt: row.created_at, createdBy: row.created_by };
  },

  saveWebhook: async (webhook: Webhook): Promise<void> => {
    const row = { url: webhook.url, secret: webhook.secret, created_at: webhook.createdAt, created_by: webhook.createdBy };
    await db
      .insertInto('webhooks')
      .values({ organization_id: organizationId, ...row })
      .onConflict((conflict) => conflict.column('organization_id').doUpdateSet(row))
      .execute();
  },

  /** With what was still to be sent. False if there was none. */
  deleteWebhook: async (): Promise<boolean> => {
    await db.deleteFrom('webhook_messages').where('organization_id', '=', organizationId).execute();
    const result = await db.deleteFrom('webhooks').where('organization_id', '=', organizationId).executeTakeFirst();
    return result.numDeletedRows > 0n;
  },

  insertWebhookMessage: async (message: WebhookMessage): Promise<void> => {
    await db
      .insertInto('webhook_messages')
      .values({
        id: message.id,
        organization_id: organizationId,
        type: message.type,
        body: message.body,
        attempts: message.attempts,
        next_at: message.nextAt,
        created_at: message.createdAt,
      })
      .execute();
  },

  /** Puts it off, if nobody else has: of several nodes one goes on. */
  postponeWebhookMessage: async (
    message: Pick<WebhookMessage, 'id' | 'nextAt' | 'attempts'>,
    nextAt: number,
  ): Promise<boolean> => {
    const result = await db
      .updateTable('webhook_messages')
      .set({ next_at: nextAt, attempts: message.attempts + 1 })
      .where('organization_id', '=', organizationId)
      .where('id', '=', message.id)
      .where('next_at', '=', message.nextAt)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  },

  deleteWebhookMessage: async (id: string): Promise<void> => {
    await db.deleteFrom('webhook_messages').where('organization_id', '=', organizationId).where('id', '=', id).execute();
  },
});

export const webhookServerQueries = (db: Kysely<Database>) => ({
  /** The longest due first. */
  listDueWebhookMessages: async (at: number, limit: number): Promise<readonly WebhookMessage[]> =>
    (
      await db.selectFrom('webhook_messages').selectAll().where('next_at', '<=', at).orderBy('next_at').limit(limit).execute()
    ).map(toMessage),
});
