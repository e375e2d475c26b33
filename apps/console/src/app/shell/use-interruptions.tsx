import { useRouter } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { onInterruption } from '../api.ts';
import { queryClient } from '../query-client.ts';
import { endSession, forgetSession } from '../session.ts';

const ReAuthenticate = lazy(async () => ({
  default: (await import('../../features/administrators/re-authenticate.tsx')).ReAuthenticate,
}));

/** Stands between a refused call and its second try: the password once more; or, when the session is over, back to the sign-in. */
export const useInterruptions = (): ReactNode => {
  const router = useRouter();
  const [asking, setAsking] = useState<(proved: boolean) => void>();
  useEffect(() => {
    onInterruption({
      reauthenticate: () =>
        new Promise((resolve) => {
          setAsking(() => (proved: boolean) => {
            setAsking(undefined);
            resolve(proved);
          });
        }),
      signedOut: () => {
        const { href } = router.state.location;
        endSession(queryClient);
        void router.navigate({ to: '/sign-in', search: { return: href } }).then(() => forgetSession(queryClient));
      },
    });
  }, [router]);
  if (asking === undefined) return null;
  return (
    <Suspense>
      <ReAuthenticate onDone={asking} />
    </Suspense>
  );
};
