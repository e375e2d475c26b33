import { QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './api.ts';

/** A refusal stays one; what was not reached, or is down for a moment, may be there the next time. */
const passes = (error: unknown): boolean => error instanceof ApiProblem && (error.status === 0 || error.status === 503);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (count, error) => passes(error) && count < 3,
      // A list that is there stays there while its newer self is fetched.
      refetchOnWindowFocus: true,
    },
  },
});
