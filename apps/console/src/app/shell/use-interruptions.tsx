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
    // Calls that are refused together are answered together.
    let proving: Promise<boolean> | undefined;
    onInterruption({
      reauthenticate: () => {
        proving ??= new Promise((resolve) => {
          setAsking(() => (proved: boolean) => {
            proving = undefined;
            setAsking(undefined);
            resolve(proved);
          });
        });
        return proving;
      },
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
