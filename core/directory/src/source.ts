/** `console`, `api`, `csv`, `scim:<idp>` or `jit:<idp>`: who made a user or group and owns it. */
export type Source = 'console' | 'api' | 'csv' | `scim:${string}` | `jit:${string}`;

/** What of a user or group a source can own. */
export type OwnedField = 'userName' | 'displayName' | 'email' | 'department' | 'state' | 'name' | 'members' | 'existence';

type SourceKind = 'console' | 'api' | 'csv' | 'scim' | 'jit';

/**
 * What each kind of source says of those it made, and therefore nobody else. Console, API and CSV are three doors to the same
 * administrators. JIT knows what an assertion says; a provisioning source knows everything but the comments.
 */
const ownedBy: Readonly<Record<SourceKind, readonly OwnedField[]>> = {
  console: [],
  api: [],
  csv: [],
  jit: ['userName', 'displayName'],
  scim: ['userName', 'displayName', 'email', 'department', 'state', 'name', 'members', 'existence'],
};

const kindOf = (source: Source): SourceKind => {
  const [kind = ''] = source.split(':');
  return Object.hasOwn(ownedBy, kind) ? (kind as SourceKind) : 'scim'; // a key of the table; what is unknown owns everything
};

/** Whether the source is the organization's own administrators, by whatever door. */
export const isHosted = (source: Source): boolean => ['console', 'api', 'csv'].includes(kindOf(source));

/**
 * Which of these fields `by` may not change, because another source owns them.
 *
 * @example lockedFields('scim:entra', ['displayName', 'comments'], 'api') // ['displayName']
 */
export const lockedFields = <Field extends string>(source: Source, fields: readonly Field[], by: Source): readonly Field[] =>
  source === by ? [] : fields.filter((field) => ownedBy[kindOf(source)].some((owned) => owned === field));

/**
 * Whether `by` may become the owner of what `source` owns. A provisioning source takes up what administrators or JIT have made;
 * administrators take up what JIT has made; nobody takes anything from a provisioning source, which would write it again.
 *
 * @example mayAdopt('jit:device', 'csv') // true
 */
export const mayAdopt = (source: Source, by: Source): boolean => {
  if (source === by) return true;
  const to = kindOf(by);
  return kindOf(source) !== 'scim' && to !== 'jit';
};

/** Whether `by` may let somebody in again whom `disabledBy` has kept out: nobody undoes what the owner of the state has done. */
export const mayEnable = (source: Source, disabledBy: Source | undefined, by: Source): boolean =>
  lockedFields(source, ['state'], by).length === 0 || (disabledBy !== undefined && isHosted(disabledBy) && isHosted(by));
