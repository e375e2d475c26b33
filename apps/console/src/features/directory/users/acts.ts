import type { UserView } from '@latchkey/contract';
import type { Tone } from '../../../components/state.tsx';
import { isHosted, readSource } from '../source.ts';

export type UserAct = 'enable' | 'disable' | 'delete' | 'join';
export const userActs = ['enable', 'disable', 'join', 'delete'] as const satisfies readonly UserAct[];

export const tones: Readonly<Record<UserView['state'], Tone>> = { active: 'good', disabled: 'warn', deleted: 'calm' };

/** What an administrator may do with a user now: the rules of core/directory/src/source.ts, as far as what the API shows lets one see. */
const allowed: Readonly<Record<UserAct, (user: UserView) => boolean>> = {
  // Whom the owner of the state has kept out, the owner lets in.
  enable: ({ state, readOnly, disabledBy }) =>
    state === 'disabled' && (!readOnly.includes('state') || (disabledBy !== null && isHosted(disabledBy))),
  // An emergency asks nobody who owns whom.
  disable: ({ state }) => state === 'active',
  delete: ({ readOnly }) => !readOnly.includes('existence'),
  join: () => true,
};

export const mayAct = (act: UserAct, user: UserView): boolean => allowed[act](user);

/** Whether administrators can take the user over: from a sign-in, but not from a provisioning source, which would write it again. */
export const mayAdopt = ({ source }: UserView): boolean => readSource(source).kind === 'jit';
