import type { Device, DeviceErrorCode } from '@latchkey/device';
import { foldUserName, type User } from '@latchkey/directory';
import type { SignInStore } from './store.ts';

/** What is to be made of the user a device stands for. */
export type UserVerdict =
  | { readonly kind: 'known'; readonly user: User }
  /** SAML auto-provisioning makes the account, at the first assertion only. */
  | { readonly kind: 'create' }
  | { readonly kind: 'refused'; readonly code: Extract<DeviceErrorCode, 'user_unknown' | 'user_disabled' | 'user_change'> };

const refused = (code: 'user_unknown' | 'user_disabled' | 'user_change'): UserVerdict => ({ kind: 'refused', code });

/**
 * Decides on the user `bound` to the device, or on who has the name. A renewal never provisions: once an account is bound to the device, its absence is a refusal.
 * A deleted user comes back by JIT only if an administrator approved this very device for that.
 */
export const judgeUser = async (
  store: Pick<SignInStore, 'findUserByName' | 'wasUserDeleted'>,
  device: Pick<Device, 'userId' | 'userName' | 'stateReason'>,
  bound: User | undefined,
  autoProvisioning: boolean,
): Promise<UserVerdict> => {
  const key = foldUserName(device.userName).userNameKey;
  const user = device.userId === undefined ? await store.findUserByName(key) : bound;
  if (user !== undefined && user.state !== 'deleted') {
    if (user.state === 'disabled') return refused('user_disabled');
    const same = user.userName === device.userName || foldUserName(user.userName).userNameKey === key;
    return same ? { kind: 'known', user } : refused('user_change');
  }
  if (device.userId !== undefined || !autoProvisioning) return refused('user_unknown');
  if (device.stateReason !== 'approved_deleted_user' && (await store.wasUserDeleted(key))) return refused('user_unknown');
  return { kind: 'create' };
};
