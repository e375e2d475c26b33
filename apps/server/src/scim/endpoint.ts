import type { Source } from '@latchkey/directory';
import { type DialectName, type groupType, type JsonObject, ScimError, type userType, writeVersion } from '@latchkey/scim';
import type { ScimSettings } from '@latchkey/settings';
import type { Act } from '../http/caller.ts';

/** What a request is about and by whom: one identity provider's endpoint, as the active settings have it. */
export interface Endpoint {
  readonly organizationId: string;
  readonly idp: string;
  /** What it makes, it owns. */
  readonly source: Source;
  readonly settings: ScimSettings;
  readonly dialect: DialectName;
  /** As the client has called it: absolute, without a slash at its end. */
  readonly baseUrl: string;
  readonly act: Act;
}

export const sourceOf = (idp: string): Source => `scim:${idp}`;

/** RFC 7643 §3.1. */
export const metaOf = (
  { baseUrl }: Pick<Endpoint, 'baseUrl'>,
  type: typeof userType | typeof groupType,
  it: { readonly id: string; readonly revision: number; readonly createdAt: number; readonly updatedAt: number },
): JsonObject => ({
  resourceType: type.name,
  created: new Date(it.createdAt).toISOString(),
  lastModified: new Date(it.updatedAt).toISOString(),
  location: `${baseUrl}${type.endpoint}/${it.id}`,
  version: writeVersion(it.revision),
});

export const resourceUnknown = (what: 'User' | 'Group', id: string): ScimError =>
  new ScimError('notFound', `There is no ${what} with the id "${id.slice(0, 100)}" at this endpoint.`);
