import { type ApiKeyScope, type Area, apiKeyAreas } from '@latchkey/contract';

/** What a path is about, by its first part below the organization, or below /api/v1. */
const areas: Readonly<Record<string, Area>> = {
  administrators: 'administrators',
  'api-keys': 'api-keys',
  applications: 'applications',
  audit: 'audit',
  backup: 'backup',
  departments: 'directory',
  devices: 'devices',
  'device-tokens': 'device-tokens',
  domains: 'organization',
  groups: 'directory',
  imports: 'directory',
  invitations: 'administrators',
  operator: 'operator',
  organizations: 'organization',
  resume: 'organization',
  retention: 'audit',
  roles: 'administrators',
  sessions: 'devices',
  scim: 'settings',
  settings: 'settings',
  'sign-ins': 'audit',
  'signing-keys': 'organization',
  suspend: 'organization',
  users: 'directory',
  webhook: 'webhook',
};

/** POSTs that change nothing. */
const reading = /\/(validate|plan)$/;

/** What a route is about, and whether it is read or changed. No area: for keys of everything, and for no role. */
export const areaOf = (method: string, route: string): { readonly area: Area | undefined; readonly what: 'read' | 'write' } => {
  const [first = '', , below] = route.replace(/^\/api\/v1\//, '').split('/');
  const reads = method === 'GET' || method === 'HEAD' || reading.test(route);
  return { area: areas[first === 'organizations' && below !== undefined ? below : first], what: reads ? 'read' : 'write' };
};

const isKeyArea = (area: Area | undefined): area is (typeof apiKeyAreas)[number] => apiKeyAreas.some((each) => each === area);

/** The scope that a key needs for an area: who may have a key of everything only has no scope of its own. */
export const scopeFor = (area: Area | undefined, what: 'read' | 'write'): ApiKeyScope =>
  `${isKeyArea(area) ? area : 'all'}:${what}`;

/** The scope that a key needs for a route. */
export const scopeOf = (method: string, route: string): ApiKeyScope => {
  const { area, what } = areaOf(method, route);
  return scopeFor(area, what);
};

/** Does one of the scopes include the other? `all` is every area, and who may write may read. */
export const includesScope = (scopes: readonly ApiKeyScope[], needed: ApiKeyScope): boolean => {
  const [area = '', verb = ''] = needed.split(':');
  return scopes.some((scope) => {
    const [itsArea, itsVerb] = scope.split(':');
    return (itsArea === 'all' || itsArea === area) && (itsVerb === 'write' || itsVerb === verb);
  });
};
