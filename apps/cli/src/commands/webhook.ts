import type { CreatedWebhookView, WebhookTestView, WebhookView } from '@latchkey/contract';
import type { Command } from 'commander';
import { exit } from '../errors.ts';
import { when } from '../output.ts';
import { act } from './shared.ts';

export const addWebhook = (program: Command): void => {
  const webhook = program
    .command('webhook')
    .summary('be told of things, such as a device token that expires')
    .description(
      'The webhook: one URL that the server posts signed messages to (Standard Webhooks), such as device_token.expiring 14, 7 and 1 days before.',
    );

  act(
    webhook
      .command('set')
      .argument('<url>', 'https, on the public Internet unless the operator allows more')
      .summary('set the URL, with a new secret, shown once'),
    async (session, _, [url = '']) => {
      const { call } = await session.organization();
      const { body } = await call<CreatedWebhookView>('PUT', '/webhook', { body: { url } });
      session.output.show(body, [
        ['URL', body.url],
        ['Secret', body.secret],
      ]);
      if (!session.output.json) session.output.note('\nKeep the secret now: it is not shown again. Next: latchkey webhook test');
    },
  );

  act(webhook.command('show').summary('show where messages go'), async (session) => {
    const { call } = await session.organization();
    const { body } = await call<WebhookView>('GET', '/webhook');
    session.output.show(body, [
      ['URL', body.url],
      ['Set', when(body.createdAt)],
      ['By', body.createdBy],
    ]);
  });

  act(webhook.command('test').summary('send a message of the type webhook.test, now'), async (session) => {
    const { call } = await session.organization();
    const { body } = await call<WebhookTestView>('POST', '/webhook/test');
    session.output.done(body, body.message);
    if (!body.delivered) process.exitCode = exit.failure;
  });

  act(webhook.command('remove').summary('tell nobody any more'), async (session) => {
    const { call } = await session.organization();
    await call('DELETE', '/webhook');
    session.output.done({}, 'The webhook is removed, and what was still to be sent with it.');
  });
};
