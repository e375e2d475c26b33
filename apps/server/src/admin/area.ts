import type { ApiKeyScope } from '@latchkey/contract';

type Area = ApiKeyScope extends `${infer Name}:${string}` ? Name : never;

/** What a path is about, by its first part below the organization, or below /api/v1. Whatever is not here is for keys of everything. */
const areas: Readonly<Record<string, Area>> = {
  applications: 'applications',
  audit: 'audit',
  backup: 'backup',
  devices: 'devices',
  'device-tokens': 'device-tokens',
  domains: 'organization',
  organizations: 'organization',
  resume: 'organization',
  settings: 'settings',
  suspend: 'organization',
  users: 'directory',
  webhook: 'webhook',
};

/** POSTs that change nothing. */
const reading = /\/(validate|plan)$/;

/** The scope that a key needs for a route. */
export const scopeOf = (method: string, route: string): ApiKeyScope => {
  const [first = '', , below] = route.replace(/^\/api\/v1\//, '').split('/');
  const area = areas[first === 'organizations' && below !== undefined ? below : first] ?? 'all';
  const reads = method === 'GET' || method === 'HEAD' || reading.test(route);
  return `${area}:${reads ? 'read' : 'write'}`;
};

/** Does one of the scopes include the other? `all` is every area, and who may write may read. */
export const includesScope = (scopes: readonly ApiKeyScope[], needed: ApiKeyScope): boolean => {
  const [area = '', verb = ''] = needed.split(':');
  return scopes.some((scope) => {
    const [itsArea, itsVerb] = scope.split(':');
    return (itsArea === 'all' || itsArea === area) && (itsVerb === 'write' || itsVerb === verb);
  });
};
