import { type DeviceToken, formatDeviceToken, LOOKUP_LENGTH, SECRET_LENGTH } from '@latchkey/device';
import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import type { CreateDeviceTokenNeeds } from './create-device-token.ts';

/** Live tokens of one organization when those are counted in that only last until their successor is handed out. */
const maxLive = 32;

const gone: readonly (readonly [(token: DeviceToken, now: number) => boolean, string, string])[] = [
  [(token) => token.revokedAt !== null, 'device_token_revoked', 'The device token was revoked.'],
  [(token, now) => token.expiresAt <= now, 'device_token_expired', 'The device token has expired.'],
  [(token) => token.rotatedTo !== null, 'device_token_rotated', 'The device token has a successor already.'],
  [
    (token) => token.maxEnrollments !== null && token.enrollments >= token.maxEnrollments,
    'device_token_spent',
    'The device token has reached its number of enrollments.',
  ],
];

/**
 * Makes the successor of a token, with its settings and what is left of its enrollments. The old one stays good for an overlap, in
 * which the MDM can be given the new one.
 */
export const rotateDeviceToken = async (
  needs: CreateDeviceTokenNeeds,
  act: Act,
  input: {
    readonly organizationId: string;
    readonly tokenId: string;
    readonly overlapSeconds: number;
    readonly expiresInSeconds: number;
  },
): Promise<{ readonly token: DeviceToken; readonly secret: string }> => {
  const lookup = needs.randomText(LOOKUP_LENGTH);
  const secret = formatDeviceToken({ lookup, secret: needs.randomText(SECRET_LENGTH) });
  return needs.storage.organization(input.organizationId).transaction(async (store) => {
    const old = await store.findDeviceTokenById(input.tokenId);
    if (old === undefined) throw new Problem(404, 'device_token_unknown', 'There is no such device token.');
    const at = needs.now();
    const refusal = gone.find(([applies]) => applies(old, at));
    if (refusal !== undefined) throw new Problem(409, refusal[1], refusal[2], 'Create another one instead.');
    if ((await store.countLiveDeviceTokens(at)) >= maxLive) {
      throw new Problem(
        409,
        'too_many_device_tokens',
        `An organization has at most ${maxLive} live device tokens, those in rotation included.`,
      );
    }
    const token: DeviceToken = {
      ...old,
      id: needs.newId('tok'),
      lookup,
      hash: needs.hashToken(secret),
      hint: secret.slice(-4),
      maxEnrollments: old.maxEnrollments === null ? null : old.maxEnrollments - old.enrollments,
      enrollments: 0,
      createdAt: at,
      createdBy: act.actor,
      expiresAt: at + input.expiresInSeconds * 1000,
      lastUsedAt: null,
    };
    const oldExpiresAt = Math.min(old.expiresAt, at + input.overlapSeconds * 1000);
    await store.insertDeviceToken(token);
    if (!(await store.rotateDeviceToken(old.id, { to: token.id, expiresAt: oldExpiresAt }))) {
      throw new Problem(409, 'device_token_rotated', 'Somebody else has just rotated or revoked the device token.');
    }
    await store.appendAuditEvent({
      ...act,
      action: 'device_token.rotated',
      outcome: 'success',
      reason: '',
      subject: `device-token:${old.id}`,
      details: {
        description: token.description,
        before: { hint: old.hint, expiresAt: new Date(old.expiresAt).toISOString() },
        after: { hint: old.hint, expiresAt: new Date(oldExpiresAt).toISOString() },
        successor: { id: token.id, hint: token.hint, expiresAt: new Date(token.expiresAt).toISOString() },
      },
    });
    return { token, secret };
  });
};
