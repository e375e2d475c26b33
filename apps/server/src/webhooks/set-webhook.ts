import { randomBytes } from 'node:crypto';
import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import { sealContext } from './send-message.ts';
import type { Webhook, WebhookStorage } from './store.ts';

/** Names the organization's one webhook, with a new secret; what is returned as `secret` exists nowhere else in clear. */
export const setWebhook = async (
  needs: {
    readonly storage: WebhookStorage;
    readonly problemOf: (url: string) => string | undefined;
    readonly seal: (context: string, plain: Buffer) => string;
    readonly now: () => number;
  },
  act: Act,
  input: { readonly organizationId: string; readonly url: string },
): Promise<{ readonly webhook: Webhook; readonly secret: string }> => {
  const { organizationId, url } = input;
  const problem = needs.problemOf(url);
  if (problem !== undefined) {
    throw new Problem(400, 'webhook_url_refused', 'This URL cannot be used.', `${problem[0]?.toUpperCase()}${problem.slice(1)}.`);
  }
  // Standard Webhooks 1.0: 24 to 64 octets.
  const key = randomBytes(32);
  const webhook: Webhook = {
    url,
    secret: needs.seal(sealContext(organizationId), key),
    createdAt: needs.now(),
    createdBy: act.actor,
  };
  await needs.storage.organization(organizationId).transaction(async (store) => {
    const before = await store.findWebhook();
    await store.saveWebhook(webhook);
    await store.appendAuditEvent({
      ...act,
      action: 'webhook.set',
      outcome: 'success',
      reason: '',
      subject: 'webhook',
      details: { url, before: before?.url ?? null },
    });
  });
  return { webhook, secret: `whsec_${key.toString('base64')}` };
};
