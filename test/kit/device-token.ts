import { type DeviceToken, formatDeviceToken, LOOKUP_LENGTH, SECRET_LENGTH } from '@latchkey/device';
import { newId } from '../../apps/server/src/ids.ts';
import { randomText } from '../../apps/server/src/random-text.ts';

/** A device token for any domain of an organization, and its text; as the admin API makes one, but for what a test changes. */
export const makeDeviceToken = (needs: {
  readonly organizationId: string;
  readonly hashToken: (text: string) => string;
  readonly now: () => number;
  readonly change: Partial<DeviceToken>;
}): { readonly token: DeviceToken; readonly text: string } => {
  const lookup = randomText(LOOKUP_LENGTH);
  const text = formatDeviceToken({ lookup, secret: randomText(SECRET_LENGTH) });
  const at = needs.now();
  const token: DeviceToken = {
    id: newId('tok', at),
    organizationId: needs.organizationId,
    description: 'test',
    lookup,
    hash: needs.hashToken(text),
    hint: text.slice(-4),
    domains: [],
    enrollment: 'automatic',
    maxEnrollments: null,
    enrollments: 0,
    createdAt: at,
    createdBy: 'test',
    expiresAt: at + 90 * 86_400_000,
    revokedAt: null,
    lastUsedAt: null,
    platforms: [],
    networks: [],
    rotatedTo: null,
    ...needs.change,
  };
  return { token, text };
};
