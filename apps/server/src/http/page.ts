import type { Cut, Found, Position, Total } from '../found.ts';
import { Problem } from './problem.ts';

/** Cuts one page: asks for one more than it shows, to know whether there is a next one. */
export const pageOf = async <Item extends { readonly id: string }, View>(
  query: { readonly limit: number; readonly cursor?: string | undefined },
  list: (page: { readonly limit: number; readonly after?: string }) => Promise<readonly Item[]>,
  view: (item: Item) => View,
): Promise<{ items: View[]; next: string | null }> => {
  const found = await list({ limit: query.limit + 1, ...(query.cursor === undefined ? {} : { after: query.cursor }) });
  const shown = found.slice(0, query.limit);
  return { items: shown.map(view), next: found.length > query.limit ? (shown.at(-1)?.id ?? null) : null };
};

const writeCursor = ({ range, key }: Position): string =>
  Buffer.from(JSON.stringify([range, ...key]), 'utf8').toString('base64url');

const readCursor = (cursor: string): Position => {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    value = undefined;
  }
  if (Array.isArray(value)) {
    const [range, ...key] = value as readonly unknown[]; // an array, as checked
    const isKey = key.every((each): each is string => typeof each === 'string' && each.isWellFormed() && !each.includes('\0'));
    if (typeof range === 'number' && isKey) return { range, key };
  }
  throw new Problem(400, 'cursor_invalid', 'The cursor is not one of this list.', 'Give `next` of the page before, as it came.');
};

/** One page of a list that can be searched; on the first one, how many there are in all: to count is most of the work. */
export const foundPage = async <Item, View>(
  query: { readonly limit: number; readonly cursor?: string | undefined },
  search: (cut: Cut) => Promise<Found<Item>>,
  total: () => Promise<Total>,
  view: (item: Item) => View | Promise<View>,
): Promise<{ items: View[]; next: string | null } & Partial<Total>> => {
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
  const cut: Cut = { limit: query.limit, ...(after === undefined ? {} : { after }) };
  const [{ items, next }, counted] = await Promise.all([search(cut), after === undefined ? total() : undefined]);
  return { items: await Promise.all(items.map(view)), next: next === undefined ? null : writeCursor(next), ...counted };
};
