import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { organizationRoute } from '../../app/roots.ts';
import { readOpenSearch, readSetsSearch, readUsersSearch } from './search.ts';

export const directoryRoutes = [
  createRoute({
    getParentRoute: () => organizationRoute,
    path: '/directory/users',
    validateSearch: readUsersSearch,
    component: lazyRouteComponent(() => import('./users/users-page.tsx'), 'UsersPage'),
  }),
  createRoute({
    getParentRoute: () => organizationRoute,
    path: '/directory/groups',
    validateSearch: readSetsSearch,
    component: lazyRouteComponent(() => import('./sets/groups-page.tsx'), 'GroupsPage'),
  }),
  createRoute({
    getParentRoute: () => organizationRoute,
    path: '/directory/departments',
    validateSearch: readSetsSearch,
    component: lazyRouteComponent(() => import('./sets/departments-page.tsx'), 'DepartmentsPage'),
  }),
  createRoute({
    getParentRoute: () => organizationRoute,
    path: '/directory/imports',
    validateSearch: readOpenSearch,
    component: lazyRouteComponent(() => import('./imports/imports-page.tsx'), 'ImportsPage'),
  }),
] as const;
