import type { ConsoleSessionView } from '@latchkey/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { sessionQuery } from '../../app/session.ts';

/** One step of signing in: busy while it runs, its refusal when it fails, the session it answers with when it does not. */
export const useStep = () => {
  const queryClient = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result | undefined> => {
    setBusy(true);
    setError(undefined);
    try {
      return await work();
    } catch (problem) {
      setError(problem);
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  const take = (session: ConsoleSessionView): void => {
    queryClient.setQueryData(sessionQuery.queryKey, session);
  };
  return { busy, error, attempt, take, clear: () => setError(undefined) };
};
