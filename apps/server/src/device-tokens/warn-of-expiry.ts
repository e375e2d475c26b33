import type { DeviceToken } from '@latchkey/device';
import type { DeviceTokenStorage } from './store.ts';

const day = 86_400_000;

/** Days before its end at which people are told of a token. */
const warningDays = [14, 7, 1] as const;

/** Tokens that are told of at once; there is a next time. */
const most = 1000;

/**
 * Tells once for each token and each of the days: in the audit, and by webhook if the organization has one. `warned` counts them.
 * A token that was made for less than 14 days is told of at the days that are left to it.
 */
export const warnOfExpiry = async (needs: {
  readonly storage: DeviceTokenStorage;
  readonly newId: (prefix: string) => string;
  readonly now: () => number;
}): Promise<number> => {
  const now = needs.now();
  const expiring = await needs.storage.server.listExpiringDeviceTokens(now, now + warningDays[0] * day, most);
  let warned = 0;
  for (const token of expiring) {
    const days = warningDays.findLast((each) => token.expiresAt - now <= each * day);
    if (days === undefined || (token.warnedDays !== null && token.warnedDays <= days)) continue;
    if (await warn(needs, token, days, now)) warned += 1;
  }
  return warned;
};

const warn = (needs: Parameters<typeof warnOfExpiry>[0], token: DeviceToken, days: number, now: number): Promise<boolean> =>
  needs.storage.organization(token.organizationId).transaction(async (store) => {
    if (!(await store.markExpiryWarned(token.id, days))) return false;
    const id = needs.newId('msg');
    const told = {
      id: token.id,
      description: token.description,
      hint: token.hint,
      expiresAt: new Date(token.expiresAt).toISOString(),
      days,
    };
    await store.appendAuditEvent({
      actor: 'system',
      action: 'device_token.expiring',
      outcome: 'success',
      reason: '',
      subject: `device-token:${token.id}`,
      remoteAddress: '',
      correlationId: id,
      details: told,
    });
    if ((await store.findWebhook()) !== undefined) {
      await store.insertWebhookMessage({
        id,
        organizationId: token.organizationId,
        type: 'device_token.expiring',
        body: JSON.stringify({
          type: 'device_token.expiring',
          timestamp: new Date(now).toISOString(),
          data: { organization: token.organizationId, deviceToken: told },
        }),
        attempts: 0,
        nextAt: now,
        createdAt: now,
      });
    }
    return true;
  });
