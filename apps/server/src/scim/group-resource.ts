import { readSetName } from '@latchkey/directory';
import { groupType, type Json, type JsonObject, type Resource } from '@latchkey/scim';
import { type Endpoint, metaOf } from './endpoint.ts';
import type { Member, Provided, ProvidedGroup } from './store.ts';

/** A group as SCIM has it, but for its members. */
export const groupResource = (
  endpoint: Pick<Endpoint, 'baseUrl'>,
  { group, externalId, attributes }: ProvidedGroup,
): Resource => ({
  id: group.id,
  ...(externalId === undefined ? {} : { externalId }),
  ...attributes,
  displayName: group.name,
  meta: metaOf(endpoint, groupType, group),
});

/** RFC 7643 §4.2. */
export const memberValue = ({ baseUrl }: Pick<Endpoint, 'baseUrl'>, { id, type, display }: Member): JsonObject => ({
  value: id,
  $ref: `${baseUrl}/${type}s/${id}`,
  display,
  type,
});

const kept = new Set(['id', 'externalId', 'meta', 'members', 'schemas', 'displayName']);

/** @throws DirectoryError for a name that the directory cannot have. */
export const writeGroup = (resource: Resource): { readonly name: string; readonly provided: Provided } => {
  const attributes: Record<string, Json> = {};
  for (const [attribute, value] of Object.entries(resource)) if (!kept.has(attribute)) attributes[attribute] = value;
  return {
    name: readSetName(typeof resource.displayName === 'string' ? resource.displayName : ''),
    provided: { externalId: typeof resource.externalId === 'string' ? resource.externalId : undefined, attributes },
  };
};
