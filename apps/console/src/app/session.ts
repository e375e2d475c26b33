import type { Area, ConsoleSessionView, Permission } from '@latchkey/contract';
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { call } from './api.ts';

/** Who is signed in to this browser, and how far. The one thing that every page asks. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => call<ConsoleSessionView>('GET', '/console/session', { signal }),
  staleTime: 60_000,
});

export const useSession = (): ConsoleSessionView => useSuspenseQuery(sessionQuery).data;

/** What the administrator may do in an area. The server decides; the page only does not offer what it would refuse. */
export const useMay = (area: Area): Permission => useSession().permissions?.[area] ?? 'none';
