import { type SendMessageNeeds, sendMessage } from './send-message.ts';
import type { WebhookMessage, WebhookStorage } from './store.ts';

const minute = 60_000;
const hour = 60 * minute;

/** How long after each try the next one is due, as Standard Webhooks proposes; after the last of them the message is given up. */
const waits = [5000, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour];

const deliver = async (
  needs: SendMessageNeeds & { readonly storage: WebhookStorage },
  message: WebhookMessage,
): Promise<boolean> => {
  const organization = needs.storage.organization(message.organizationId);
  const wait = waits[message.attempts];
  // Put off before it is sent: another node leaves it alone, and one that is killed now has it sent again.
  if (!(await organization.transaction((store) => store.postponeWebhookMessage(message, needs.now() + (wait ?? hour)))))
    return false;
  const webhook = await organization.read.findWebhook();
  const delivery = webhook && (await sendMessage(needs, message.organizationId, webhook, message));
  if (delivery?.kind === 'failed' && wait !== undefined && !delivery.final) return false;
  await organization.transaction(async (store) => {
    await store.deleteWebhookMessage(message.id);
    if (delivery?.kind !== 'failed') return;
    await store.appendAuditEvent({
      actor: 'system',
      action: 'webhook.failed',
      outcome: 'refused',
      reason: 'not_delivered',
      subject: `webhook-message:${message.id}`,
      remoteAddress: '',
      correlationId: message.id,
      details: { type: message.type, attempts: message.attempts + 1, why: delivery.why },
    });
  });
  return delivery?.kind === 'delivered';
};

/** Sends what is due; answers how many were delivered. Slow receivers wait side by side, not for each other. */
export const deliverMessages = async (needs: SendMessageNeeds & { readonly storage: WebhookStorage }): Promise<number> => {
  const due = await needs.storage.server.listDueWebhookMessages(needs.now(), 50);
  return (await Promise.all(due.map((message) => deliver(needs, message)))).filter(Boolean).length;
};
