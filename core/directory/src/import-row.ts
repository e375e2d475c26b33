import { DirectoryError } from './errors.ts';
import { readComments, readDisplayName, readEmail, readSetName } from './text.ts';
import type { User } from './user.ts';
import { foldUserName } from './user-name.ts';

/** What a CSV file of users may have in a column. */
export type ImportColumn = 'action' | 'userName' | 'displayName' | 'email' | 'department' | 'groups' | 'comments' | 'state';

/** The columns that an export has, in order; an import takes them in any order, and may leave out all but the first. */
export const exportColumns = ['userName', 'displayName', 'email', 'department', 'groups', 'comments', 'state'] as const;

/** Beside our own names, in any case, those of the reference system's file (§3.4). */
const columnNames: Readonly<Record<string, ImportColumn>> = {
  action: 'action',
  username: 'userName',
  'user id': 'userName',
  'email-id': 'userName',
  displayname: 'displayName',
  'display name': 'displayName',
  'user name': 'displayName',
  email: 'email',
  department: 'department',
  dept: 'department',
  groups: 'groups',
  group: 'groups',
  comments: 'comments',
  state: 'state',
};

/** What is wrong with a line, where, and how it should look. */
export interface RowProblem {
  /** The column, or '' for the whole line. */
  readonly column: string;
  readonly message: string;
}

/** What a line asks for. What it leaves out stays as it is. */
export interface ImportRow {
  readonly remove: boolean;
  readonly userName: string;
  readonly userNameKey: string;
  readonly displayName?: string;
  readonly email?: string;
  /** By name; '' is none. */
  readonly department?: string;
  /** By name. */
  readonly groups?: readonly string[];
  readonly comments?: string;
  readonly state?: 'active' | 'disabled';
}

export type ReadRow =
  | { readonly kind: 'row'; readonly row: ImportRow }
  | { readonly kind: 'problems'; readonly userNameKey: string; readonly problems: readonly RowProblem[] };

// What a spreadsheet takes for a formula, and what stands for itself behind the mark against that (OWASP, "CSV Injection").
const guarded = /^'*[=+\-@\t\r\n]/;
const marked = /^'+[=+\-@\t\r\n]/;

/** A cell that no spreadsheet carries out. */
export const guardCell = (cell: string): string => (guarded.test(cell) ? `'${cell}` : cell);
/** What `guardCell` was given. */
export const unguardCell = (cell: string): string => (marked.test(cell) ? cell.slice(1) : cell);

/** One line of a CSV file (RFC 4180 §2). */
export const writeCsvLine = (cells: readonly string[]): string =>
  `${cells
    .map(guardCell)
    .map((cell) => (/[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(',')}\r\n`;

/** Names in one cell: semicolons between them, and a backslash before one that is part of a name. */
export const writeNames = (names: readonly string[]): string =>
  names.map((name) => name.replace(/[\\;]/g, (found) => `\\${found}`)).join('; ');

export const readNames = (cell: string): readonly string[] =>
  [...cell.matchAll(/(?:\\[\s\S]|[^;\\]|\\$)+/g)]
    .map(([name]) => name.replace(/\\([\s\S])/g, '$1').trim())
    .filter((name) => name !== '');

/** What the first line of a file says that its columns are. Throws `csv_invalid`. */
export const readHeader = (cells: readonly string[]): readonly ImportColumn[] => {
  const known = `Columns are: action, ${exportColumns.join(', ')}.`;
  const columns = cells.map((cell) => {
    const name = cell.trim().toLowerCase();
    const column = Object.hasOwn(columnNames, name) ? columnNames[name] : undefined;
    if (column === undefined) {
      throw new DirectoryError('csv_invalid', `Line 1: "${cell.slice(0, 60)}" is not the name of a column. ${known}`);
    }
    return column;
  });
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) throw new DirectoryError('csv_invalid', `Line 1: there are two columns "${twice}". ${known}`);
  if (!columns.includes('userName')) throw new DirectoryError('csv_invalid', `Line 1: the column userName is missing. ${known}`);
  return columns;
};

/** Reads one line; every problem of it at once. */
export const readRow = (
  columns: readonly ImportColumn[],
  cells: readonly string[],
  needs: { readonly domains: readonly string[]; readonly groupsPerUser: number },
): ReadRow => {
  const problems: RowProblem[] = [];
  if (cells.length !== columns.length) {
    const message = `There are ${cells.length} cells where the first line has ${columns.length}. A comma inside a cell needs quotes around the cell.`;
    return { kind: 'problems', userNameKey: '', problems: [{ column: '', message }] };
  }
  const cellOf = (column: ImportColumn): string | undefined => {
    const index = columns.indexOf(column);
    return index === -1 ? undefined : unguardCell(cells[index] ?? '');
  };
  /** The value of a column, if the file has it and it can be read. */
  const read = <Value>(column: ImportColumn, parse: (cell: string) => Value): Value | undefined => {
    const cell = cellOf(column);
    if (cell === undefined) return undefined;
    try {
      return parse(cell);
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      problems.push({ column, message: error.message });
      return undefined;
    }
  };
  const oneOf = <Value extends string>(cell: string, values: Readonly<Record<string, Value>>, like: string): Value => {
    const value = cell.trim().toLowerCase();
    const found = Object.hasOwn(values, value) ? values[value] : undefined;
    if (found === undefined) throw new DirectoryError('csv_invalid', `"${cell.slice(0, 20)}" is not one of ${like}.`);
    return found;
  };

  const name = read('userName', (cell) => {
    const folded = foldUserName(cell.trim());
    if (!needs.domains.includes(folded.domain)) {
      throw new DirectoryError('user_name_invalid', `${folded.domain} is not a domain that this organization has proved.`);
    }
    return folded;
  });
  const action = read('action', (cell) => oneOf(cell, { '': '+', '+': '+', '-': '-' }, '+ (add or change) and - (delete)'));
  const displayName = read('displayName', readDisplayName);
  const email = read('email', readEmail);
  const department = read('department', (cell) => (cell.trim() === '' ? '' : readSetName(cell)));
  const groups = read('groups', (cell) => {
    const names = readNames(cell).map(readSetName);
    if (names.length > needs.groupsPerUser) {
      throw new DirectoryError('csv_invalid', `${names.length} groups; a user is in ${needs.groupsPerUser} at most.`);
    }
    return names;
  });
  const comments = read('comments', readComments);
  const state = read('state', (cell) =>
    cell.trim() === ''
      ? undefined
      : oneOf<'active' | 'disabled'>(cell, { active: 'active', disabled: 'disabled' }, 'active and disabled'),
  );
  if (problems.length > 0 || name === undefined) return { kind: 'problems', userNameKey: name?.userNameKey ?? '', problems };
  return {
    kind: 'row',
    row: {
      remove: action === '-',
      userName: name.userName,
      userNameKey: name.userNameKey,
      ...(displayName === undefined ? {} : { displayName }),
      ...(email === undefined ? {} : { email }),
      ...(department === undefined ? {} : { department }),
      ...(groups === undefined ? {} : { groups }),
      ...(comments === undefined ? {} : { comments }),
      ...(state === undefined ? {} : { state }),
    },
  };
};

/** The line of a user in an export. */
export const exportRow = (user: User, names: { readonly department: string; readonly groups: readonly string[] }): string =>
  writeCsvLine([
    user.userName,
    user.displayName,
    user.email,
    names.department,
    writeNames(names.groups),
    user.comments,
    user.state,
  ]);
