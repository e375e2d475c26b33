import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { sessionQuery } from './session.ts';

/** What features hang their routes on. */
export const rootRoute = createRootRouteWithContext<{ readonly queryClient: QueryClient }>()();

/** Everything behind the sign-in: the shell with rail, palette and banner. Who is not signed in is sent there, and back afterwards. */
export const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery);
    if (session.state === 'setup_needed') throw redirect({ to: '/set-up' });
    if (session.state !== 'signed_in') throw redirect({ to: '/sign-in', search: { return: location.href } });
  },
  component: lazyRouteComponent(() => import('./shell/shell.tsx'), 'Shell'),
});

/** An organization, by its id in the URL. */
export const organizationRoute = createRoute({ getParentRoute: () => signedInRoute, path: '/o/$organization' });

/** The operators' own area. */
export const operatorRoute = createRoute({ getParentRoute: () => signedInRoute, path: '/operator' });
