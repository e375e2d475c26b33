import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { operatorRoute, organizationRoute } from '../../app/roots.ts';
import { openSearch } from '../../app/use-open.ts';

const path = '/administration/api-keys';
const component = lazyRouteComponent(() => import('./api-keys-page.tsx'), 'ApiKeysPage');

export const apiKeyRoutes = {
  organization: [createRoute({ getParentRoute: () => organizationRoute, path, validateSearch: openSearch, component })],
  operator: [createRoute({ getParentRoute: () => operatorRoute, path, validateSearch: openSearch, component })],
} as const;
