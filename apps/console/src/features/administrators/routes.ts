import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { operatorRoute, organizationRoute, rootRoute } from '../../app/roots.ts';
import { openSearch } from '../../app/use-open.ts';
import { ownPath } from './own-path.ts';

const setUpRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/set-up',
  component: lazyRouteComponent(() => import('./set-up-page.tsx'), 'SetUpPage'),
});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { readonly return?: string } => {
    const path = ownPath(search.return);
    return path === undefined ? {} : { return: path };
  },
  component: lazyRouteComponent(() => import('./sign-in-page.tsx'), 'SignInPage'),
});

const acceptInvitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/accept-invitation',
  component: lazyRouteComponent(() => import('./accept-invitation-page.tsx'), 'AcceptInvitationPage'),
});

export const administratorRoutes = [setUpRoute, signInRoute, acceptInvitationRoute] as const;

const administratorsPage = lazyRouteComponent(() => import('./administration/administrators-page.tsx'), 'AdministratorsPage');
const accountPage = lazyRouteComponent(() => import('./account/account-page.tsx'), 'AccountPage');

/** Behind the sign-in: who may sign in, with which role, and one's own account. */
export const administrationRoutes = {
  organization: [
    createRoute({
      getParentRoute: () => organizationRoute,
      path: '/administration/administrators',
      validateSearch: openSearch,
      component: administratorsPage,
    }),
    createRoute({
      getParentRoute: () => organizationRoute,
      path: '/administration/roles',
      validateSearch: openSearch,
      component: lazyRouteComponent(() => import('./administration/roles-page.tsx'), 'RolesPage'),
    }),
    createRoute({ getParentRoute: () => organizationRoute, path: '/account', component: accountPage }),
  ],
  operator: [
    createRoute({
      getParentRoute: () => operatorRoute,
      path: '/administration/operators',
      validateSearch: openSearch,
      component: administratorsPage,
    }),
    createRoute({ getParentRoute: () => operatorRoute, path: '/account', component: accountPage }),
  ],
} as const;
