import type { NewAuditEvent } from '@latchkey/contract';

export interface Webhook {
  readonly url: string;
  /** Sealed under the master key. */
  readonly secret: string;
  readonly createdAt: number;
  readonly createdBy: string;
}

/** A message that is still to be delivered. */
export interface WebhookMessage {
  readonly id: string;
  readonly organizationId: string;
  readonly type: string;
  /** JSON, as it is signed. */
  readonly body: string;
  readonly attempts: number;
  readonly nextAt: number;
  readonly createdAt: number;
}

export interface WebhookPort {
  readonly findWebhook: () => Promise<Webhook | undefined>;
  readonly saveWebhook: (webhook: Webhook) => Promise<void>;
  readonly deleteWebhook: () => Promise<boolean>;
  readonly postponeWebhookMessage: (
    message: Pick<WebhookMessage, 'id' | 'nextAt' | 'attempts'>,
    nextAt: number,
  ) => Promise<boolean>;
  readonly deleteWebhookMessage: (id: string) => Promise<void>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

export interface WebhookStorage {
  readonly server: {
    readonly listDueWebhookMessages: (at: number, limit: number) => Promise<readonly WebhookMessage[]>;
  };
  readonly organization: (id: string) => {
    readonly read: WebhookPort;
    readonly transaction: <T>(work: (store: WebhookPort) => Promise<T>) => Promise<T>;
  };
}
