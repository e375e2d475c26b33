import type { Act } from '../http/caller.ts';
import type { SessionStorage } from './session-store.ts';

/**
 * Ends a session and whatever else runs on its device, so that nothing of it is left: how many there were; undefined if there is no such
 * session. The device may sign in again, unless something else keeps it from that.
 */
export const endSession = (
  needs: { readonly storage: SessionStorage; readonly now: () => number },
  act: Act,
  input: { readonly organizationId: string; readonly sessionId: string; readonly reason?: string | undefined },
): Promise<number | undefined> =>
  needs.storage.organization(input.organizationId).transaction(async (store) => {
    const session = await store.findSession(input.sessionId);
    if (session === undefined) return undefined;
    const device = await store.findDevice(session.deviceId);
    const ended = await store.endDeviceSessions(session.deviceId, needs.now());
    if (ended === 0) return 0;
    await store.appendAuditEvent({
      ...act,
      action: 'session.ended',
      outcome: 'success',
      reason: '',
      subject: `device:${session.deviceId}`,
      details: {
        session: session.id,
        endedSessions: ended,
        userId: session.userId,
        userName: device?.userName ?? '',
        ...(input.reason === undefined ? {} : { comment: input.reason }),
      },
    });
    return ended;
  });
