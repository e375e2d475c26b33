import { beforeEach, describe, expect, test } from 'vitest';
import type { WebhookMessage } from '../webhooks/store.ts';
import type { Storage } from './open.ts';
import { engines, openTestStorage } from './test-engines.ts';

const NOW = 1_763_800_000_000;
const webhook = { url: 'https://a.example/', secret: 'sealed', createdAt: NOW, createdBy: 'api-key:1' };
const message = (change: Partial<WebhookMessage> = {}): WebhookMessage => ({
  id: 'msg_1',
  organizationId: 'org_acme',
  type: 'webhook.test',
  body: '{}',
  attempts: 0,
  nextAt: NOW,
  createdAt: NOW,
  ...change,
});

describe.each(engines)('webhooks on %s', (engine) => {
  let storage: Storage;
  const acme = () => storage.organization('org_acme');
  const other = () => storage.organization('org_other');

  beforeEach(async () => {
    storage = await openTestStorage(engine);
    for (const id of ['org_acme', 'org_other']) {
      await storage
        .organization(id)
        .transaction((store) => store.insertOrganization({ id, name: id, state: 'active', createdAt: NOW }));
    }
  });

  test('an organization has one, and sees its own', async () => {
    await acme().transaction((store) => store.saveWebhook({ ...webhook, url: 'https://old.example/' }));
    await acme().transaction((store) => store.saveWebhook(webhook));
    expect(await acme().read.findWebhook()).toEqual(webhook);
    expect(await other().read.findWebhook()).toBeUndefined();
    expect(await other().transaction((store) => store.deleteWebhook())).toBe(false);
    expect(await acme().transaction((store) => store.deleteWebhook())).toBe(true);
    expect(await acme().read.findWebhook()).toBeUndefined();
  });

  test('of several that take up a message one gets it; who is not the organization gets none', async () => {
    await acme().transaction((store) => store.insertWebhookMessage(message()));
    expect(await storage.server.listDueWebhookMessages(NOW - 1, 10)).toEqual([]);
    const [due] = await storage.server.listDueWebhookMessages(NOW, 10);
    expect(due).toEqual(message());
    expect(await other().transaction((store) => store.postponeWebhookMessage(message(), NOW + 5))).toBe(false);
    const won = await Promise.all(
      [1, 2, 3].map(() => acme().transaction((store) => store.postponeWebhookMessage(message(), NOW + 5))),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await storage.server.listDueWebhookMessages(NOW + 5, 10)).toEqual([message({ attempts: 1, nextAt: NOW + 5 })]);
    await acme().transaction((store) => store.deleteWebhookMessage('msg_1'));
    expect(await storage.server.listDueWebhookMessages(NOW + 5, 10)).toEqual([]);
  });

  test('with the webhook goes what was still to be sent', async () => {
    await acme().transaction((store) => store.saveWebhook(webhook));
    await acme().transaction((store) => store.insertWebhookMessage(message()));
    await acme().transaction((store) => store.deleteWebhook());
    expect(await storage.server.listDueWebhookMessages(NOW, 10)).toEqual([]);
  });
});
