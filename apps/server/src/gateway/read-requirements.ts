import { type EvidenceLevel, evidenceLevels, type Platform, platforms } from '@latchkey/device';
import { GatewayRefusal } from './refusal.ts';

/** What the proxy's configuration asks for, by the URL of its subrequest alone: never by a header, which a client could write. */
export interface Requirements {
  /** `organization` is '' where the application is named by its id, which is unique on the server. */
  readonly application: { readonly organization: string; readonly name: string };
  readonly evidence: EvidenceLevel;
  /** One of them is enough; none: no group is asked for. */
  readonly groups: readonly string[];
  readonly platforms: readonly Platform[];
  /** Which headers the proxy sets to say what was asked of it: X-Original-* or X-Forwarded-*. */
  readonly headers: 'original' | 'forwarded';
}

const refuse = (why: string): GatewayRefusal => new GatewayRefusal('proxy_misconfigured', why);

const oneOf = <T extends string>(known: readonly T[], name: string, value: string): T => {
  const found = known.find((each) => each === value);
  if (found === undefined) throw refuse(`${name}=${value}: it can be ${known.join(', ')}`);
  return found;
};

const listOf = (name: string, value: string | undefined): readonly string[] => {
  if (value === undefined) return [];
  const items = value.split(',').map((item) => item.trim());
  // What was meant to be asked for must not vanish.
  if (items.includes('')) throw refuse(`${name} has an empty item`);
  return items;
};

const names = ['application', 'organization', 'evidence', 'groups', 'platform', 'headers'] as const;

/**
 * Reads the query of the subrequest. A name that is unknown or comes twice, or a value that means nothing, is refused: a requirement that
 * was mistyped must not be a door.
 */
export const readRequirements = (query: string): Requirements => {
  const given = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (given.has(name)) throw refuse(`${name} is there twice`);
    given.set(oneOf(names, 'a parameter', name), value);
  }
  const name = given.get('application') ?? '';
  const organization = given.get('organization') ?? '';
  if (name === '') throw refuse('application is missing: the id of the application, as "latchkey application list" shows it');
  if (!name.startsWith('app_') && organization === '') {
    // Two organizations may both have registered this identifier.
    throw refuse('an application that is named by its identifier needs organization=, too; its id (app_...) does not');
  }
  return {
    application: { organization, name },
    evidence: oneOf(evidenceLevels, 'evidence', given.get('evidence') ?? 'E0'),
    groups: listOf('groups', given.get('groups')),
    platforms: listOf('platform', given.get('platform')).map((each) => oneOf(platforms, 'platform', each)),
    headers: oneOf(['original', 'forwarded'], 'headers', given.get('headers') ?? 'original'),
  };
};
