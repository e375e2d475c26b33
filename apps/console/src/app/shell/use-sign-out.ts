import { useRouter } from '@tanstack/react-router';
import { call } from '../api.ts';
import { queryClient } from '../query-client.ts';
import { endSession, forgetSession } from '../session.ts';

/** Ends the session, and forgets everything that was read in it. */
export const useSignOut = () => {
  const router = useRouter();
  return async (): Promise<void> => {
    await call('POST', '/console/sign-out');
    endSession(queryClient);
    await router.navigate({ to: '/sign-in' });
    forgetSession(queryClient);
  };
};
