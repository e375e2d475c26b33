import type { ApiKeyScope, Area, Permission } from '@latchkey/contract';
import type { AreaChoice } from '../../components/area-matrix.tsx';

export type Reach = 'all:write' | 'all:read' | 'chosen';

/** What is chosen, as the scopes of the API have it. */
export const scopesOf = (reach: Reach, choice: AreaChoice): readonly string[] =>
  reach === 'chosen'
    ? Object.entries(choice).flatMap(([area, level]) =>
        level === 'none' ? [] : [`${area}:${level === 'full' ? 'write' : 'read'}`],
      )
    : [reach];

/** What a key may do, area by area, for reading: the larger of what its scopes say. */
export const grantsOf = (scopes: readonly ApiKeyScope[]): readonly (readonly [area: Area | 'all', level: Permission])[] => {
  const grants = new Map<Area | 'all', Permission>();
  for (const scope of scopes) {
    const [area, verb] = scope.split(':') as [Area | 'all', 'read' | 'write']; // every scope is one of these
    if (grants.get(area) !== 'full') grants.set(area, verb === 'write' ? 'full' : 'view');
  }
  return [...grants];
};
