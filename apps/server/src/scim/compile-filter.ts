import { foldText } from '@latchkey/directory';
import type { ResolvedFilter, Target } from '@latchkey/scim';
import type { GroupRange, UserRange } from './store.ts';

/** Where the database looks for what a filter is about. */
export interface Plan<Range> {
  /** What matches lies in one of these; none: nothing matches. */
  readonly ranges: readonly Range[];
  /** Whether everything there matches. If not, what is found is judged one by one. */
  readonly exact: boolean;
}

type AnyRange = UserRange | GroupRange;
type Compare = Extract<ResolvedFilter, { kind: 'compare' }>;

/** How narrow each is: of several terms that must all hold, the narrowest is looked up. */
const widths: Readonly<Record<AnyRange['by'], number>> = {
  id: 0,
  userName: 1,
  externalId: 1,
  email: 2,
  displayName: 2,
  member: 3,
  group: 4,
  lastModified: 5,
  active: 6,
  all: 7,
};
const widthOf = (range: AnyRange): number => widths[range.by] + ('begins' in range && range.begins ? 3 : 0);
const widthOfPlan = ({ ranges }: Plan<AnyRange>): number =>
  ranges.reduce((widest, range) => Math.max(widest, widthOf(range)), -1);

/** `emails.value`, `meta.lastModified`, `userName`; extensions have no index. */
const nameOf = ({ extension, attribute, sub }: Target): string =>
  extension ? '' : sub === undefined ? attribute.name : `${attribute.name}.${sub.name}`;

/** Sigma has two small letters: whether two texts with it are the same is not judged by an index. */
const isPlain = (text: string): boolean => !/[σςΣ]/u.test(text);

/** PostgreSQL takes no such text, and no key has it. */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

const later = 8_640_000_000_000_000; // the last moment that a Date can hold
const times: Readonly<Partial<Record<Compare['operator'], (at: number) => readonly [from: number, to: number]>>> = {
  eq: (at) => [Math.ceil(at), Math.floor(at)],
  ge: (at) => [Math.ceil(at), later],
  gt: (at) => [Math.floor(at) + 1, later],
  le: (at) => [-later, Math.floor(at)],
  lt: (at) => [-later, Math.ceil(at) - 1],
};

type Leaf<Range> = (operator: Compare['operator'], value: string) => Plan<Range> | undefined;

const byKey =
  <Range>(make: (key: string, begins: boolean) => Range): Leaf<Range> =>
  (operator, value) =>
    (operator === 'eq' || operator === 'sw') && value !== ''
      ? { ranges: [make(foldText(value), operator === 'sw')], exact: isPlain(value) }
      : undefined;
const exactly =
  <Range>(make: (value: string) => Range, exact = true): Leaf<Range> =>
  (operator, value) =>
    operator === 'eq' && value !== '' ? { ranges: [make(value)], exact } : undefined;

const userLeaves: Readonly<Record<string, Leaf<UserRange>>> = {
  id: exactly((id) => ({ by: 'id', id })),
  userName: byKey((key, begins) => ({ by: 'userName', key, begins })),
  displayName: byKey((key, begins) => ({ by: 'displayName', key, begins })),
  externalId: exactly((value) => ({ by: 'externalId', value })),
  'emails.value': exactly((value) => ({ by: 'email', key: foldText(value).slice(0, 1000) }), false),
  'groups.value': exactly((id) => ({ by: 'group', id })),
};
const groupLeaves: Readonly<Record<string, Leaf<GroupRange>>> = {
  id: exactly((id) => ({ by: 'id', id })),
  displayName: byKey((key, begins) => ({ by: 'displayName', key, begins })),
  externalId: exactly((value) => ({ by: 'externalId', value })),
  'members.value': exactly((id) => ({ by: 'member', id })),
};

/** The moments, if it is no more than these. */
const spanOf = ({ ranges, exact }: Plan<AnyRange>): Extract<UserRange, { by: 'lastModified' }> | undefined => {
  const [range] = ranges;
  return exact && ranges.length === 1 && range?.by === 'lastModified' ? range : undefined;
};

/** What every resource has. */
const always = new Set([
  'id',
  'meta',
  'meta.created',
  'meta.lastModified',
  'meta.resourceType',
  'meta.location',
  'meta.version',
  'schemas',
]);

const compile = <Range extends AnyRange>(
  filter: ResolvedFilter,
  leaves: Readonly<Record<string, Leaf<Range>>>,
  all: Range,
  own: (filter: Compare) => Plan<Range> | undefined,
): Plan<Range> => {
  const scan: Plan<Range> = { ranges: [all], exact: false };
  const walk = (each: ResolvedFilter): Plan<Range> => {
    switch (each.kind) {
      case 'constant':
        return { ranges: each.value ? [all] : [], exact: true };
      case 'present':
        return { ranges: [all], exact: always.has(nameOf(each.target)) };
      case 'not':
        return scan;
      case 'compare': {
        const { target, operator, value } = each;
        const name = nameOf(target);
        if (name === 'meta.lastModified' && typeof value === 'number') {
          const [from, to] = times[operator]?.(value) ?? [];
          if (from === undefined || to === undefined) return scan;
          // Range is a union that has this one, of users and groups alike.
          return { ranges: from > to ? [] : [{ by: 'lastModified', from, to } as Range], exact: true };
        }
        const special = own(each);
        if (special !== undefined) return special;
        const leaf = Object.hasOwn(leaves, name) ? leaves[name] : undefined;
        if (leaf === undefined || typeof value !== 'string') return scan;
        if (!isStorable(value)) return operator === 'eq' || operator === 'sw' ? { ranges: [], exact: true } : scan;
        return leaf(operator, value) ?? scan;
      }
      case 'valuePath': {
        // One value must hold for all of it: what is looked up for one term is found for the whole.
        const { ranges, exact } = walk(each.filter);
        return { ranges, exact: exact && each.filter.kind === 'compare' };
      }
      case 'or': {
        const plans = each.filters.map(walk);
        const ranges = plans.flatMap((plan) => plan.ranges);
        if (ranges.some(({ by }) => by === 'all')) return plans.find((plan) => plan.exact && plan.ranges[0] === all) ?? scan;
        return { ranges, exact: plans.every((plan) => plan.exact) && ranges.length <= 1 };
      }
      case 'and': {
        const plans = each.filters.map(walk);
        const spans = plans.flatMap((plan) => spanOf(plan) ?? []);
        const from = Math.max(...spans.map((span) => span.from));
        const to = Math.min(...spans.map((span) => span.to));
        const merged: readonly Plan<Range>[] =
          spans.length < 2
            ? plans
            : // As above.
              [
                ...plans.filter((plan) => spanOf(plan) === undefined),
                { ranges: from > to ? [] : [{ by: 'lastModified', from, to } as Range], exact: true },
              ];
        const narrowing = merged.filter(({ ranges: [range], exact }) => !(exact && range === all));
        if (narrowing.length === 0) return { ranges: [all], exact: true };
        const [narrowest = scan] = narrowing.toSorted((a, b) => widthOfPlan(a) - widthOfPlan(b));
        return { ranges: narrowest.ranges, exact: narrowest.exact && (narrowing.length === 1 || narrowest.ranges.length === 0) };
      }
    }
  };
  return walk(filter);
};

export const allUsers: UserRange = { by: 'all', order: 'userName', descending: false };
export const allGroups: GroupRange = { by: 'all', order: 'displayName', descending: false };

export const compileUserFilter = (filter: ResolvedFilter): Plan<UserRange> =>
  compile(filter, userLeaves, allUsers, ({ target, operator, value }) =>
    nameOf(target) === 'active' && typeof value === 'boolean' && (operator === 'eq' || operator === 'ne')
      ? { ranges: [{ by: 'active', active: operator === 'eq' ? value : !value }], exact: true }
      : undefined,
  );

export const compileGroupFilter = (filter: ResolvedFilter): Plan<GroupRange> =>
  compile(filter, groupLeaves, allGroups, () => undefined);

/** Whether the filter looks at this attribute: it must be read then, before it is judged. */
export const looksAt = (filter: ResolvedFilter | undefined, attribute: string): boolean => {
  if (filter === undefined) return false;
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.some((each) => looksAt(each, attribute));
    case 'not':
      return looksAt(filter.filter, attribute);
    case 'constant':
      return false;
    default:
      return filter.target.attribute.name === attribute;
  }
};
