import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { operatorRoute, organizationRoute } from '../../app/roots.ts';

const about = {
  path: '/administration/about',
  component: lazyRouteComponent(() => import('./about-page.tsx'), 'AboutPage'),
} as const;
const emergency = {
  path: '/administration/emergency',
  component: lazyRouteComponent(() => import('./emergency-page.tsx'), 'EmergencyPage'),
} as const;

export const adminRoutes = {
  organization: [
    createRoute({ getParentRoute: () => organizationRoute, ...about }),
    createRoute({ getParentRoute: () => organizationRoute, ...emergency }),
  ],
  operator: [
    createRoute({ getParentRoute: () => operatorRoute, ...about }),
    createRoute({ getParentRoute: () => operatorRoute, ...emergency }),
  ],
} as const;
