/** One member of what an event tells: before and after, where it has both. */
export interface Compared {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly differs: boolean;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value as one reads it: '' is nothing. */
const textOf = (value: unknown): string => {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(', ');
  return isObject(value) || Array.isArray(value) ? JSON.stringify(value, null, 1) : String(value);
};

const flatten = (value: unknown, path: string): readonly (readonly [string, unknown])[] =>
  isObject(value) && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([name, member]) => flatten(member, path === '' ? name : `${path}.${name}`))
    : [[path, value]];

interface Change {
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What an activation tells: each change with its path. */
const isChanges = (value: unknown): value is readonly Change[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => isObject(each) && typeof each.path === 'string');

const compare = (path: string, before: unknown, after: unknown): readonly Compared[] => {
  const [old, now] = [new Map(flatten(before, path)), new Map(flatten(after, path))];
  const isWhole = isObject(before) || isObject(after);
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((name) => name !== path || !isWhole)
    .map((name): Compared => {
      const [was, is] = [textOf(old.get(name)), textOf(now.get(name))];
      return { name, before: was, after: is, differs: was !== is };
    });
};

/** Before and after, side by side, what differs first; and what the details have besides. */
export const compareDetails = (
  details: Readonly<Record<string, unknown>>,
): { readonly compared: readonly Compared[]; readonly members: readonly (readonly [string, string])[] } => {
  const { before, after, changes, ...others } = details;
  const compared = [
    ...('before' in details || 'after' in details ? compare('', before, after) : []),
    ...(isChanges(changes) ? changes.flatMap((change) => compare(change.path, change.before, change.after)) : []),
  ];
  const rest = changes === undefined || isChanges(changes) ? others : { ...others, changes };
  return {
    compared: [...compared.filter(({ differs }) => differs), ...compared.filter(({ differs }) => !differs)],
    members: Object.entries(rest).flatMap(([name, value]) =>
      flatten(value, name).map(([path, member]) => [path, textOf(member)] as const),
    ),
  };
};
