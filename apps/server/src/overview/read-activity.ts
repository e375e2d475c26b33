import type { ActivityView, Area } from '@latchkey/contract';
import { timeOfId } from '../ids.ts';
import { COUNTED } from './count-events.ts';
import type { EventCount, OverviewStorage } from './store.ts';

const hour = 3_600_000;
/** So late a count may be without being called late. */
const LATE = 60_000;

/** What happened in an organization, hour by hour up to now: sign-ins and refusals for whoever may see the audit, enrollments for whoever may see devices. */
export const readActivity = async (
  needs: { readonly storage: OverviewStorage; readonly now: () => number },
  input: { readonly organizationId: string; readonly hours: number; readonly mayRead: (area: Area) => boolean },
): Promise<ActivityView> => {
  const { read } = needs.storage.organization(input.organizationId);
  const now = needs.now();
  const from = Math.floor(now / hour) - input.hours + 1;
  const counted = await needs.storage.server.findFact(COUNTED);
  const [counts, oldest] = await Promise.all([
    read.listEventCounts(from),
    read.listAuditEvents({ order: 'oldest', after: counted ?? '', limit: 1 }),
  ]);
  const of = (kind: EventCount['kind']): number[] => {
    const found = new Map(counts.flatMap((each) => (each.kind === kind ? [[each.hour, each.count] as const] : [])));
    return Array.from({ length: input.hours }, (_, index) => found.get(from + index) ?? 0);
  };
  const [waiting] = oldest;
  return {
    from: new Date(from * hour).toISOString(),
    ...(input.mayRead('audit') ? { signIns: of('sign_in'), refusals: of('refusal') } : {}),
    ...(input.mayRead('devices') ? { enrollments: of('enrollment') } : {}),
    upToDate: waiting === undefined || timeOfId(waiting.id) > now - LATE,
  };
};
