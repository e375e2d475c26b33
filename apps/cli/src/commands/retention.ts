import type { RetentionView } from '@latchkey/contract';
import type { Command } from 'commander';
import { usage } from '../errors.ts';
import { when } from '../output.ts';
import type { Session } from '../session.ts';
import { act, wholeNumber } from './shared.ts';

const show = (session: Session, retention: RetentionView): void =>
  session.output.show(retention, [
    ['Audit events', `${retention.auditDays} days`],
    ['Sign-in details', `${retention.signInDetailsDays} days`],
    ['Removed devices, deleted users', `${retention.removedDays} days`],
    ['Changed', retention.updatedAt === null ? 'never' : `${when(retention.updatedAt)} by ${retention.updatedBy}`],
    ['Last carried out', when(retention.sweptAt)],
  ]);

export const addRetention = (program: Command): void => {
  const retention = program
    .command('retention')
    .summary('how long things are kept')
    .description(
      'How long audit events, the details of sign-ins, removed devices and deleted users are kept. It is live at once.',
    );

  act(retention.command('show').summary('show how long'), async (session) => {
    const { call } = await session.organization();
    show(session, (await call<RetentionView>('GET', '/retention')).body);
  });

  act<{ auditDays?: number; signInDetailsDays?: number; removedDays?: number }>(
    retention
      .command('set')
      .summary('say how long; what is too old then is gone for good within a day')
      .option('--audit-days <n>', 'audit events: 30 to 3650', wholeNumber)
      .option('--sign-in-details-days <n>', 'addresses, and names of users and machines, in events: 7 to 3650', wholeNumber)
      .option('--removed-days <n>', 'removed devices and deleted users: 30 to 3650', wholeNumber),
    async (session, options) => {
      if (Object.keys(options).length === 0) throw usage('What should change?', 'See the options: latchkey retention set --help');
      const { call } = await session.organization();
      const { body, etag } = await call<RetentionView>('GET', '/retention');
      const { auditDays, signInDetailsDays, removedDays } = { ...body, ...options };
      const changed = await call<RetentionView>('PUT', '/retention', {
        body: { auditDays, signInDetailsDays, removedDays },
        ifMatch: etag ?? `"${body.revision}"`,
      });
      show(session, changed.body);
    },
  );
};
