import type { ImportRow } from './import-row.ts';
import { isHosted, lockedFields, mayAdopt, type Source } from './source.ts';
import { foldText } from './text.ts';
import type { User } from './user.ts';

/** What becomes of one line of an import. */
export type RowPlan =
  | { readonly change: 'add' | 'modify' | 'delete' | 'none' }
  | { readonly change: 'error'; readonly column: string; readonly message: string };

/** A user as the directory has it, with its sets by name. */
export interface Present {
  readonly user: User;
  readonly department: string;
  readonly groups: readonly string[];
}

const error = (column: string, message: string): RowPlan => ({ change: 'error', column, message });

/** Names that one of the lists has and the other has not. */
const differentNames = (wanted: readonly string[] | undefined, present: readonly string[]): readonly string[] => {
  if (wanted === undefined) return [];
  const [first, second] = [new Set(wanted.map(foldText)), new Set(present.map(foldText))];
  return [...wanted.filter((name) => !second.has(foldText(name))), ...present.filter((name) => !first.has(foldText(name)))];
};

/** The columns in which the line differs from the user. */
export const changedColumns = (row: ImportRow, { user, department, groups }: Present): readonly (keyof ImportRow)[] => [
  ...(row.userName === user.userName ? [] : (['userName'] as const)),
  ...(row.displayName === undefined || row.displayName === user.displayName ? [] : (['displayName'] as const)),
  ...(row.email === undefined || row.email === user.email ? [] : (['email'] as const)),
  ...(row.comments === undefined || row.comments === user.comments ? [] : (['comments'] as const)),
  ...(row.state === undefined || row.state === user.state ? [] : (['state'] as const)),
  ...(row.department === undefined || foldText(row.department) === foldText(department) ? [] : (['department'] as const)),
  ...(differentNames(row.groups, groups).length === 0 ? [] : (['groups'] as const)),
];

/**
 * What a line means for the user who has its name now, if anybody has. `override` lets an import change who is there, and take over
 * whom it may; `error` makes each of them an error. What is there already is no change.
 */
export const planRow = (
  row: ImportRow,
  present: Present | undefined,
  needs: {
    readonly existing: 'override' | 'error';
    /** Undefined: there is no such group yet. */
    readonly sourceOfGroup: (name: string) => Source | undefined;
  },
): RowPlan => {
  const { existing } = needs;
  if (present === undefined && row.remove) return error('userName', `There is no user ${row.userName} to delete.`);
  const closed = differentNames(row.remove ? undefined : row.groups, present?.groups ?? []).flatMap((name) => {
    const source = needs.sourceOfGroup(name);
    return source === undefined || lockedFields(source, ['members'], 'csv').length === 0 ? [] : [{ name, source }];
  });
  const [first] = closed;
  if (first !== undefined) {
    return error('groups', `The group "${first.name}" is owned by ${first.source}: its members are changed there.`);
  }
  if (present === undefined) return { change: 'add' };
  const { source } = present.user;
  if (row.remove) {
    return lockedFields(source, ['existence'], 'csv').length === 0
      ? { change: 'delete' }
      : error('userName', `${row.userName} is owned by ${source}: delete the user there.`);
  }
  const changed = changedColumns(row, present);
  if (changed.length === 0 && existing === 'override') return { change: 'none' };
  if (existing === 'error') {
    return error('userName', `There is a user ${row.userName} already. Import with "override" to change those who are there.`);
  }
  if (isHosted(source)) return { change: 'modify' };
  const locked = mayAdopt(source, 'csv') ? [] : lockedFields(source, changed, 'csv');
  const [column] = locked;
  return column === undefined
    ? { change: 'modify' }
    : error(column, `${row.userName} is owned by ${source}: change ${locked.join(', ')} there, or leave the column out.`);
};
