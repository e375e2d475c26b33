import { createRoute, createRouter, redirect } from '@tanstack/react-router';
import { adminRoutes } from '../features/admin/routes.ts';
import { administrationRoutes, administratorRoutes } from '../features/administrators/routes.ts';
import { apiKeyRoutes } from '../features/api-keys/routes.ts';
import { applicationRoutes } from '../features/applications/routes.ts';
import { auditRoutes } from '../features/audit/routes.ts';
import { deviceTokenRoutes } from '../features/device-tokens/routes.ts';
import { deviceRoutes } from '../features/devices/routes.ts';
import { directoryRoutes } from '../features/directory/routes.ts';
import { signingKeyRoutes } from '../features/keys/routes.ts';
import { organizationRoutes } from '../features/organizations/routes.ts';
import { overviewRoutes } from '../features/overview/routes.ts';
import { readinessRoutes } from '../features/readiness/routes.ts';
import { sessionRoutes } from '../features/sessions/routes.ts';
import { settingsRoutes } from '../features/settings/routes.ts';
import { signInRoutes } from '../features/sign-ins/routes.ts';
import { NotFound, PageFailed } from './failures.tsx';
import { queryClient } from './query-client.ts';
import { operatorRoute, organizationRoute, rootRoute, signedInRoute } from './roots.ts';
import { sessionQuery } from './session.ts';

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: async ({ context }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery);
    if (session.state === 'setup_needed') throw redirect({ to: '/set-up' });
    if (session.state !== 'signed_in') throw redirect({ to: '/sign-in' });
    const organization = session.organization?.id;
    throw organization === undefined
      ? redirect({ to: '/operator' })
      : redirect({ to: '/o/$organization', params: { organization } });
  },
});

/** The one place that knows every feature. A new one adds its routes here, and its place in the rail to `shell/areas.ts`. */
const routeTree = rootRoute.addChildren([
  homeRoute,
  ...administratorRoutes,
  signedInRoute.addChildren([
    organizationRoute.addChildren([
      ...overviewRoutes,
      ...deviceRoutes,
      ...deviceTokenRoutes,
      ...applicationRoutes,
      ...settingsRoutes,
      ...directoryRoutes,
      ...signInRoutes,
      ...readinessRoutes,
      ...sessionRoutes,
      ...auditRoutes.organization,
      ...organizationRoutes.organization,
      ...administrationRoutes.organization,
      ...apiKeyRoutes.organization,
      ...signingKeyRoutes,
      ...adminRoutes.organization,
    ]),
    operatorRoute.addChildren([
      ...organizationRoutes.operator,
      ...auditRoutes.operator,
      ...administrationRoutes.operator,
      ...apiKeyRoutes.operator,
      ...adminRoutes.operator,
    ]),
  ]),
]);

export const router = createRouter({
  routeTree,
  context: { queryClient },
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultErrorComponent: PageFailed,
  defaultNotFoundComponent: NotFound,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
