import type { Area, ConsoleSessionView, Permission } from '@latchkey/contract';
import { type QueryClient, queryOptions, useSuspenseQuery } from '@tanstack/react-query';
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

/** The session is over: everything that was read in it is forgotten. Leave its pages first, or they ask for it all again. */
export const forgetSession = (queryClient: QueryClient): void =>
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });

/** Known without asking, so that nothing waits for the server on the way to the sign-in. */
export const endSession = (queryClient: QueryClient): void => {
  queryClient.setQueryData(sessionQuery.queryKey, (old) => ({ state: 'signed_out' as const, version: old?.version ?? '' }));
};
