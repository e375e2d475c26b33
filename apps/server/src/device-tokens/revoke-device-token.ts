import type { DeviceToken } from '@latchkey/device';
import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import type { DeviceTokenStorage } from './store.ts';

/** Nobody enrolls with the token any more; devices it enrolled stay. Revoking it again changes nothing. */
export const revokeDeviceToken = async (
  needs: { readonly storage: DeviceTokenStorage; readonly now: () => number },
  act: Act,
  input: { readonly organizationId: string; readonly tokenId: string },
): Promise<DeviceToken> =>
  needs.storage.organization(input.organizationId).transaction(async (store) => {
    const token = await store.findDeviceTokenById(input.tokenId);
    if (token === undefined) throw new Problem(404, 'device_token_unknown', 'There is no such device token.');
    const at = needs.now();
    if (!(await store.revokeDeviceToken(token.id, at))) return token;
    await store.appendAuditEvent({
      ...act,
      action: 'device_token.revoked',
      outcome: 'success',
      reason: '',
      subject: `device-token:${token.id}`,
      details: { description: token.description, hint: token.hint, enrollments: token.enrollments },
    });
    return { ...token, revokedAt: at };
  });
