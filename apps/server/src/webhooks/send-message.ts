import { createHmac } from 'node:crypto';
import type { Webhook } from './store.ts';

export interface SendMessageNeeds {
  /** Posts to an address that a customer has chosen. */
  readonly post: (
    url: string,
    message: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
  ) => Promise<{ readonly status: number }>;
  /** Opens what was sealed under the master key for this use. */
  readonly unseal: (context: string, sealed: string) => Buffer;
  readonly now: () => number;
}

/** What the secret of an organization's webhook is sealed for. */
export const sealContext = (organizationId: string): string => `webhook:${organizationId}`;

export type Delivery =
  | { readonly kind: 'delivered'; readonly status: number }
  /** `final`: the receiver wants no more of it. */
  | { readonly kind: 'failed'; readonly status: number | undefined; readonly why: string; readonly final: boolean };

/** One try. Signed as Standard Webhooks 1.0 has it: HMAC-SHA256 over id, time and body; the id stays the same at each try. */
export const sendMessage = async (
  needs: SendMessageNeeds,
  organizationId: string,
  webhook: Webhook,
  message: { readonly id: string; readonly body: string },
): Promise<Delivery> => {
  const seconds = Math.floor(needs.now() / 1000);
  const signature = createHmac('sha256', needs.unseal(sealContext(organizationId), webhook.secret))
    .update(`${message.id}.${seconds}.${message.body}`)
    .digest('base64');
  try {
    const { status } = await needs.post(webhook.url, {
      headers: {
        'content-type': 'application/json',
        'user-agent': 'latchkey',
        'webhook-id': message.id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': `v1,${signature}`,
      },
      body: message.body,
    });
    if (status >= 200 && status < 300) return { kind: 'delivered', status };
    return { kind: 'failed', status, why: `The receiver answered ${status}.`, final: status === 410 };
  } catch (error) {
    return { kind: 'failed', status: undefined, why: error instanceof Error ? error.message : String(error), final: false };
  }
};
