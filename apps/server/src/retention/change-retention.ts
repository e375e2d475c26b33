import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import { defaultRetention, type Retention, type RetentionPeriods, type RetentionStorage } from './store.ts';

/** Says how long things are kept. What that makes too old is gone at the next sweep. */
export const changeRetention = (
  needs: { readonly storage: RetentionStorage; readonly now: () => number },
  act: Act,
  input: { readonly organizationId: string; readonly periods: RetentionPeriods; readonly revision: number | undefined },
): Promise<Retention> =>
  needs.storage.organization(input.organizationId).transaction(async (store) => {
    const before = (await store.findRetention()) ?? defaultRetention;
    const { auditDays, signInDetailsDays, removedDays } = input.periods;
    const after: Retention = {
      ...before,
      auditDays,
      signInDetailsDays,
      removedDays,
      revision: before.revision + 1,
      updatedAt: needs.now(),
      updatedBy: act.actor,
    };
    const isCurrent = input.revision === undefined || input.revision === before.revision;
    const isSaved =
      isCurrent &&
      ((await store.saveRetention(after, before.revision)) || (before.revision === 0 && (await store.insertRetention(after))));
    if (!isSaved) {
      throw new Problem(412, 'retention_changed', 'Somebody has changed this in the meantime.', 'Look at it again, then decide.');
    }
    const periodsOf = ({ auditDays, signInDetailsDays, removedDays }: RetentionPeriods): RetentionPeriods => ({
      auditDays,
      signInDetailsDays,
      removedDays,
    });
    await store.appendAuditEvent({
      ...act,
      action: 'retention.changed',
      outcome: 'success',
      reason: '',
      subject: 'retention',
      details: { before: periodsOf(before), after: periodsOf(after) },
    });
    return after;
  });
