import { useInfiniteQuery } from '@tanstack/react-query';
import { call, type Page, queryString } from '../app/api.ts';
import type { PagesResult } from './data-table.tsx';

/** A list of the API, page after page, by its filters. */
export const usePages = <Item>(
  queryKey: readonly unknown[],
  path: string,
  filters: Readonly<Record<string, string | undefined>> = {},
  /** In how many milliseconds to look again, by what is there; for what goes on by itself. */
  again: (items: readonly Item[]) => number | false = () => false,
): PagesResult<Item> =>
  useInfiniteQuery({
    queryKey: [...queryKey, filters],
    queryFn: ({ pageParam, signal }) =>
      call<Page<Item>>('GET', `${path}${queryString({ ...filters, limit: 50, cursor: pageParam })}`, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: ({ state: { data } }) => again(data?.pages.flatMap(({ items }) => items) ?? []),
  });
