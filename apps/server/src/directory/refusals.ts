import { lockedFields, type OwnedField, type Source } from '@latchkey/directory';
import { Problem } from '../http/problem.ts';
import type { UserSetKind } from './store.ts';

/** A table of the words for people. */
const fieldNames: Readonly<Record<OwnedField, string>> = {
  userName: 'the user name',
  displayName: 'the display name',
  email: 'the e-mail address',
  department: 'the department',
  state: 'the state',
  name: 'the name',
  members: 'the members',
  existence: 'whether it is there',
};

const list = new Intl.ListFormat('en', { type: 'conjunction' });

/** Refuses what the owner alone may change, and says who that is. */
export const checkOwner = (what: 'user' | UserSetKind, source: Source, fields: readonly OwnedField[], by: Source): void => {
  const locked = lockedFields(source, fields, by);
  if (locked.length === 0) return;
  const names = list.format(locked.map((field) => fieldNames[field]));
  throw new Problem(
    409,
    'owned_elsewhere',
    `This ${what} is owned by ${source}, which alone decides on ${names}.`,
    what === 'user' && source.startsWith('jit:')
      ? 'Take the user over first (latchkey user adopt, POST .../adopt); the identity provider then changes nothing more.'
      : 'Change it there: it is written again from there.',
    { extensions: { owner: source, fields: locked } },
  );
};

export const userUnknown = (): Problem => new Problem(404, 'user_unknown', 'There is no such user.');
export const setUnknown = (kind: UserSetKind): Problem => new Problem(404, `${kind}_unknown`, `There is no such ${kind}.`);
export const changedMeanwhile = (what: string): Problem =>
  new Problem(409, `${what}_changed`, `Somebody else has just changed this ${what}.`, 'Look at it again.');

/** RFC 9110 §13.1.1: only if it is still the one that was looked at. */
export const checkRevision = (what: string, revision: number, expected: number | undefined): void => {
  if (expected === undefined || expected === revision) return;
  throw new Problem(
    412,
    `${what}_changed`,
    `Somebody else has changed this ${what} since you looked at it.`,
    `You have seen "${expected}", it is "${revision}" now. Look at it again, and decide anew.`,
  );
};

export const checkDomain = (domain: string, proved: readonly string[]): void => {
  if (proved.includes(domain)) return;
  throw new Problem(
    400,
    'domain_not_proved',
    `${domain} is not a domain of this organization.`,
    `A user name ends in a proved domain. Have an operator grant it: latchkey domain grant ${domain}`,
  );
};

export const nameTaken = (userName: string): Problem =>
  new Problem(
    409,
    'user_name_taken',
    `There is a user ${userName} already.`,
    'Enable it again if it is disabled, or choose another name.',
  );
