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
export const textOf = (value: unknown): string => {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  return isObject(value) || Array.isArray(value) ? JSON.stringify(value, null, 1) : String(value);
};

const flatten = (value: unknown, path: string): readonly (readonly [string, unknown])[] =>
  isObject(value) && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([name, member]) => flatten(member, path === '' ? name : `${path}.${name}`))
    : [[path, value]];

/** Before and after, side by side: what differs first. `members` are what the details have besides. */
export const compareDetails = (
  details: Readonly<Record<string, unknown>>,
): { readonly compared: readonly Compared[]; readonly members: readonly (readonly [string, string])[] } => {
  const { before, after, ...rest } = details;
  const told = 'before' in details || 'after' in details;
  const [old, now] = [new Map(flatten(before, '')), new Map(flatten(after, ''))];
  const names = [...new Set([...old.keys(), ...now.keys()])].filter(
    (name) => name !== '' || !(isObject(before) || isObject(after)),
  );
  const compared = names.map((name): Compared => {
    const [was, is] = [textOf(old.get(name)), textOf(now.get(name))];
    return { name, before: was, after: is, differs: was !== is };
  });
  return {
    compared: told ? [...compared.filter(({ differs }) => differs), ...compared.filter(({ differs }) => !differs)] : [],
    members: Object.entries(rest).flatMap(([name, value]) =>
      flatten(value, name).map(([path, member]) => [path, textOf(member)] as const),
    ),
  };
};
