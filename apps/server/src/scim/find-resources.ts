import { compareBy, evaluateFilter, type ResolvedFilter, type Resource, ScimError, type Target } from '@latchkey/scim';
import type { Plan } from './compile-filter.ts';
import type { Placed, RangeCut, RangeKey } from './store.ts';

/** Resources that one request looks at for what no index knows. */
const mostLookedAt = 20_000;
/** Of these, at a time: others have their turn in between. */
const step = 250;

/** How one resource type is looked for. */
export interface Finder<Row, Range> {
  readonly plan: (filter: ResolvedFilter) => Promise<Plan<Range>> | Plan<Range>;
  /** Everything, in the order of an index if there is one for it. */
  readonly all: (sortBy: Target | undefined, descending: boolean) => { readonly range: Range; readonly sorted: boolean };
  readonly list: (range: Range, cut: RangeCut) => Promise<readonly Placed<Row>[]>;
  readonly count: (range: Range) => Promise<number>;
  readonly idOf: (row: Row) => string;
  /** As the filter sees them. */
  readonly resources: (
    rows: readonly Row[],
    filter: ResolvedFilter | undefined,
    sortBy: Target | undefined,
  ) => Promise<readonly Resource[]>;
}

/** What of a list is asked for. */
export interface Cut {
  readonly filter: ResolvedFilter | undefined;
  readonly sortBy: Target | undefined;
  readonly sortOrder: 'ascending' | 'descending';
  /** How many come before. */
  readonly skip: number;
  /** Where the page before has ended, if that is known: then `skip` rows need not be counted off. */
  readonly after: RangeKey | undefined;
  readonly count: number;
}

export interface FoundPage<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
  /** Of the last row, where an index has the order of the list. */
  readonly lastKey: RangeKey | undefined;
}

const tooMany = (): ScimError =>
  new ScimError(
    'tooMany',
    `No index can answer this, and there is more than ${mostLookedAt} to look through. Filter by id, userName, externalId, displayName, emails.value, active, meta.lastModified, or by group or member, or combine with one of them.`,
  );

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Looks at everything in the ranges, some at a time. */
const judgeAll = async <Row, Range>(
  finder: Finder<Row, Range>,
  ranges: readonly Range[],
  { filter, sortBy }: Cut,
): Promise<readonly { readonly row: Row; readonly resource: Resource }[]> => {
  const found: { readonly row: Row; readonly resource: Resource }[] = [];
  const seen = new Set<string>();
  let looked = 0;
  for (const range of ranges) {
    let after: RangeKey | undefined;
    for (;;) {
      const placed = await finder.list(range, { after, limit: step });
      looked += placed.length;
      if (looked > mostLookedAt) throw tooMany();
      const rows = placed.map(({ row }) => row).filter((row) => !seen.has(finder.idOf(row)));
      const resources = await finder.resources(rows, filter, sortBy);
      for (const [index, row] of rows.entries()) {
        const resource = resources[index];
        if (resource === undefined || (filter !== undefined && !evaluateFilter(filter, resource))) continue;
        seen.add(finder.idOf(row));
        found.push({ row, resource });
      }
      if (placed.length < step) break;
      after = placed.at(-1)?.key;
      await turn();
    }
  }
  return found;
};

/** One page of a list, and how many there are in all. */
export const findResources = async <Row, Range>(finder: Finder<Row, Range>, cut: Cut): Promise<FoundPage<Row>> => {
  const { filter, sortBy, sortOrder, skip, after, count } = cut;
  const plan = filter === undefined ? undefined : await finder.plan(filter);
  const everything = finder.all(sortBy, sortOrder === 'descending');
  const isAll = plan === undefined || (plan.exact && plan.ranges[0] === finder.all(undefined, false).range);
  const ranges = isAll ? [everything.range] : plan.ranges;
  const isSorted = sortBy === undefined || (isAll && everything.sorted);
  const [range] = ranges;
  if (range === undefined) return { rows: [], total: 0, lastKey: undefined };
  if ((isAll || (plan.exact && ranges.length === 1)) && isSorted) {
    const [total, placed] = await Promise.all([
      finder.count(range),
      count === 0 ? [] : finder.list(range, { limit: count, ...(after === undefined ? { skip } : { after }) }),
    ]);
    return { rows: placed.map(({ row }) => row), total, lastKey: placed.at(-1)?.key };
  }
  const judged = await judgeAll(finder, ranges, cut);
  const found = sortBy === undefined ? judged : judged.toSorted(byResource(compareBy(sortBy, sortOrder)));
  return { rows: found.slice(skip, skip + count).map(({ row }) => row), total: found.length, lastKey: undefined };
};

const byResource =
  (compare: (a: Resource, b: Resource) => number) =>
  (a: { readonly resource: Resource }, b: { readonly resource: Resource }): number =>
    compare(a.resource, b.resource);
