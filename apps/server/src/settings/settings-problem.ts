import type { SettingsProblem } from '@latchkey/settings';
import { Problem } from '../http/problem.ts';

/** The refusal of settings that are wrong, with every problem and its path. */
export const settingsRefusal = (status: number, title: string, problems: readonly SettingsProblem[]): Problem => {
  const errors = problems.map(({ path, code, message }) => ({ pointer: path, code, message }));
  return new Problem(status, 'settings_invalid', title, errors.map((each) => each.message).join(' '), { extensions: { errors } });
};

export const staleDraft = (revision: number): Problem =>
  new Problem(
    412,
    'draft_changed',
    'Somebody has changed the draft since you looked at it.',
    `It has revision ${revision} now. Look at it again, then repeat your change.`,
    { extensions: { revision } },
  );
