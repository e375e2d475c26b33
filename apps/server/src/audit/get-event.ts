import { Problem } from '../http/problem.ts';
import type { AuditEvent, AuditPort } from './store.ts';
import { isEventId } from './stream-events.ts';

/** @throws Problem 404 if there is none with this id. */
export const getEvent = async (read: Pick<AuditPort, 'findAuditEvent'>, id: string): Promise<AuditEvent> => {
  const event = isEventId(id) ? await read.findAuditEvent(id) : undefined;
  if (event === undefined) throw new Problem(404, 'event_unknown', 'There is no such event.');
  return event;
};
