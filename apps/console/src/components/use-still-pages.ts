import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { call, type Page, queryString } from '../app/api.ts';
import { type Heard, useHeard } from '../app/live.ts';
import type { PagesResult } from './data-table.tsx';

/** So many are counted before it is "more". */
const COUNTED = 99;

/**
 * A list that never moves under its reader: what has happened since it was read is counted, and shown when that is asked for. `concerns`
 * says which actions it would list.
 */
export const useStillPages = <Item>(
  queryKey: readonly unknown[],
  path: string,
  filters: Readonly<Record<string, string | undefined>>,
  concerns: (action: string) => boolean,
): { readonly pages: PagesResult<Item>; readonly news: number; readonly showNews: () => void } => {
  const queryClient = useQueryClient();
  const [heard, setHeard] = useState<ReadonlySet<string>>(new Set());
  const key = [...queryKey, filters];
  const pages = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      call<Page<Item>>('GET', `${path}${queryString({ ...filters, limit: 50, cursor: pageParam })}`, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const isWhole = filters.until === undefined;
  useHeard(({ eventId, action }: Heard) => {
    if (isWhole && concerns(action)) setHeard((old) => (old.size > COUNTED ? old : new Set([...old, eventId])));
  });
  const read = JSON.stringify(key);
  // Another list is read anew.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list is what this depends on
  useEffect(() => setHeard(new Set()), [read]);
  return {
    pages,
    news: heard.size,
    showNews: () => {
      setHeard(new Set());
      // Only the beginning is asked for anew: what was read further down begins there.
      void queryClient.resetQueries({ queryKey: key, exact: true });
    },
  };
};
