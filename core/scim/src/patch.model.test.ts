import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScimError } from './errors.ts';
import { messageUrns } from './names.ts';
import { applyPatch } from './patch.ts';
import { readPatch } from './patch-request.ts';
import { groupType, userType } from './resource-types.ts';
import type { JsonObject, Resource } from './schema.ts';

/** What RFC 7644 §3.5.2 says, once more and slowly, for a user of a few attributes and for the members of a group. */

interface Email {
  value?: string;
  type?: string;
  display?: string;
  primary?: boolean;
}

interface ModelUser {
  userName: string;
  title?: string;
  name?: { givenName?: string; familyName?: string };
  emails?: Email[];
}

type Part = 'value' | 'type' | 'display';
type Operation =
  | { op: 'add' | 'replace'; path: 'title'; value: string }
  | { op: 'remove'; path: 'title' }
  | { op: 'add' | 'replace'; path: 'name'; value: { givenName?: string; familyName?: string } }
  | { op: 'remove'; path: 'name' }
  | { op: 'add' | 'replace'; path: 'name'; part: 'givenName' | 'familyName'; value: string }
  | { op: 'remove'; path: 'name'; part: 'givenName' | 'familyName' }
  | { op: 'add' | 'replace'; path: 'emails'; value: Email[] }
  | { op: 'remove'; path: 'emails' }
  | { op: 'add' | 'replace'; path: 'emails'; type: string; value: Email }
  | { op: 'remove'; path: 'emails'; type: string }
  | { op: 'add' | 'replace'; path: 'emails'; type: string; part: Part; value: string }
  | { op: 'remove'; path: 'emails'; type: string; part: Part };

class NoTarget extends Error {}

const same = (a: string | undefined, b: string | undefined): boolean => a?.toLowerCase() === b?.toLowerCase();

/** Equal in all, so that one of them is enough. */
const withoutTwins = (emails: Email[]): Email[] => {
  const keyed = emails.map((email) => [JSON.stringify([email.value, email.display, email.type, email.primary]), email] as const);
  return [...new Map(keyed).values()];
};

const isTwin = (a: Email, b: Email): boolean =>
  a.value === undefined
    ? JSON.stringify(withoutTwins([a, b])) === JSON.stringify([b])
    : same(a.value, b.value) && (a.type === undefined || b.type === undefined || same(a.type, b.type));

const settlePrimary = (before: Email[], after: Email[]): Email[] => {
  const primaries = after.filter((email) => email.primary);
  if (primaries.length < 2) return after;
  const fresh = primaries.filter((email) => !before.some((old) => old.primary && isTwin(old, email)));
  if (fresh.length > 1) throw new NoTarget('two primaries');
  const winner = fresh[0] ?? primaries[primaries.length - 1];
  return after.map((email) => (email !== winner && email.primary ? { ...email, primary: false } : email));
};

const editEmails = (before: Email[], operation: Operation & { path: 'emails' }): Email[] => {
  if (!('type' in operation)) {
    if (operation.op === 'remove') return [];
    if (operation.op === 'replace') return withoutTwins(operation.value);
    let result = before;
    for (const added of withoutTwins(operation.value)) {
      const twin = result.find((email) => isTwin(email, added));
      result = twin === undefined ? [...result, added] : result.map((email) => (email === twin ? { ...email, ...added } : email));
    }
    return result;
  }
  const chosen = before.filter((email) => same(email.type, operation.type));
  if (chosen.length === 0) {
    if (operation.op === 'remove') return before;
    if (operation.op === 'replace') throw new NoTarget('noTarget');
    const given = 'part' in operation ? { [operation.part]: operation.value } : operation.value;
    return [...before, { type: operation.type, ...given }];
  }
  return withoutTwins(
    before.flatMap((email): Email[] => {
      if (!chosen.includes(email)) return [email];
      if ('part' in operation) {
        const { [operation.part]: _, ...rest } = email;
        if (operation.op !== 'remove') return [{ ...email, [operation.part]: operation.value }];
        return Object.keys(rest).length === 0 ? [] : [rest];
      }
      if (operation.op === 'remove') return [];
      return [operation.op === 'add' ? { ...email, ...operation.value } : operation.value];
    }),
  );
};

const edit = (user: ModelUser, operation: Operation): ModelUser => {
  const { title, name, emails = [], ...rest } = user;
  if (operation.path === 'title') {
    const kept = { ...rest, ...(name && { name }), ...(user.emails && { emails }) };
    return operation.op === 'remove' ? kept : { ...kept, title: operation.value };
  }
  if (operation.path === 'name') {
    let next: ModelUser['name'] = { ...name };
    if (operation.op === 'remove' && 'part' in operation) delete next[operation.part];
    else if (operation.op === 'remove') next = {};
    else if ('part' in operation) next[operation.part] = operation.value;
    else next = { ...next, ...operation.value };
    return {
      ...rest,
      ...(title && { title }),
      ...(user.emails && { emails }),
      ...(Object.keys(next).length > 0 && { name: next }),
    };
  }
  const after = settlePrimary(emails, editEmails(emails, operation));
  return { ...rest, ...(title && { title }), ...(name && { name }), ...(after.length > 0 && { emails: after }) };
};

/** As it goes over the wire. */
const wire = (operation: Operation): unknown => {
  const filter = 'type' in operation ? `[type eq ${JSON.stringify(operation.type)}]` : '';
  const part = 'part' in operation ? `.${operation.part}` : '';
  return {
    op: operation.op,
    path: `${operation.path}${filter}${part}`,
    ...('value' in operation ? { value: operation.value } : {}),
  };
};

const text = fc.constantFrom('a', 'b', 'B', 'c');
const type = fc.constantFrom('work', 'Work', 'home');
const setting = fc.constantFrom('add' as const, 'replace' as const);
const remove = fc.constant('remove' as const);
const nameOnly = fc
  .record({ givenName: text, familyName: text }, { requiredKeys: [] })
  .filter((name) => Object.keys(name).length > 0);
const email: fc.Arbitrary<Email> = fc.record(
  { value: text, type, display: text, primary: fc.constant(true) },
  { requiredKeys: ['value'] },
);
const emails = fc
  .array(email, { minLength: 1, maxLength: 4 })
  .filter((list) => withoutTwins(list).filter(({ primary }) => primary).length < 2);
const part = fc.constantFrom<Part>('value', 'type', 'display');
const namePart = fc.constantFrom('givenName' as const, 'familyName' as const);
const [title, name, mails] = [fc.constant('title' as const), fc.constant('name' as const), fc.constant('emails' as const)];

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ op: setting, path: title, value: text }),
  fc.record({ op: remove, path: title }),
  fc.record({ op: setting, path: name, value: nameOnly }),
  fc.record({ op: remove, path: name }),
  fc.record({ op: setting, path: name, part: namePart, value: text }),
  fc.record({ op: remove, path: name, part: namePart }),
  fc.record({ op: setting, path: mails, value: emails }),
  fc.record({ op: remove, path: mails }),
  fc.record({ op: setting, path: mails, type, value: email }),
  fc.record({ op: remove, path: mails, type }),
  fc.record({ op: setting, path: mails, type, part, value: text }),
  fc.record({ op: remove, path: mails, type, part }),
);

const user: fc.Arbitrary<ModelUser> = fc.record(
  { userName: text, title: text, name: nameOnly, emails: emails.map(withoutTwins) },
  { requiredKeys: ['userName'] },
);

const message = (operations: readonly unknown[]): unknown => ({ schemas: [messageUrns.patchOp], Operations: operations });

/** The result, or that it was refused. */
const attempt = <T>(run: () => T): T | 'refused' => {
  try {
    return run();
  } catch (error) {
    if (error instanceof ScimError || error instanceof NoTarget) return 'refused';
    throw error;
  }
};

describe('PATCH', () => {
  it('does what the slow model does, or refuses what it refuses', () => {
    fc.assert(
      fc.property(user, fc.array(operation, { minLength: 1, maxLength: 6 }), (before, operations) => {
        const expected = attempt(() => operations.reduce(edit, before));
        const request = message(operations.map(wire));
        // Interfaces have no index signature; the user is plain JSON.
        const resource = before as unknown as Resource;
        const frozen = JSON.stringify(resource);
        const actual = attempt(() => applyPatch(resource, readPatch(request, userType, 'standard')));
        expect(actual === 'refused' ? actual : actual.resource).toEqual(expected);
        expect(JSON.stringify(resource)).toBe(frozen);
        if (actual !== 'refused') {
          const differs = (key: keyof ModelUser): boolean =>
            JSON.stringify(before[key]) !== JSON.stringify((expected as ModelUser)[key]);
          // Of objects the order of names says nothing, so this is one-sided.
          expect(actual.changed.every((key) => differs(key as keyof ModelUser))).toBe(true);
          expect(differs('title')).toBe(actual.changed.includes('title'));
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('tells of members, unread, what the model does to them', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const ids = fc.array(id, { maxLength: 4 });
    type MemberOperation =
      | { kind: 'add' | 'replace' | 'list'; ids: string[]; bare: boolean }
      | { kind: 'choose'; ids: string[] }
      | { kind: 'clear' }
      | { kind: 'scan' };
    const memberOperation = fc.oneof<fc.Arbitrary<MemberOperation>[]>(
      fc.record({ kind: fc.constantFrom('add' as const, 'replace' as const, 'list' as const), ids, bare: fc.boolean() }),
      fc.record({ kind: fc.constant('choose' as const), ids: fc.array(id, { minLength: 1, maxLength: 3 }) }),
      fc.record({ kind: fc.constant('clear' as const) }),
      fc.record({ kind: fc.constant('scan' as const) }),
    );
    const toWire = (each: MemberOperation): unknown => {
      switch (each.kind) {
        case 'add':
        case 'replace': {
          const members = each.ids.map((value) => ({ value }));
          return each.bare ? { op: each.kind, value: { members } } : { op: each.kind, path: 'members', value: members };
        }
        case 'list':
          return { op: 'remove', path: 'members', value: each.ids.map((value) => ({ value })) };
        case 'choose':
          return { op: 'remove', path: `members[${each.ids.map((value) => `value eq "${value}"`).join(' or ')}]` };
        case 'clear':
          return { op: 'remove', path: 'members' };
        case 'scan':
          return { op: 'remove', path: 'members[value lt "c"]' };
      }
    };
    const toModel = (members: ReadonlySet<string>, each: MemberOperation): ReadonlySet<string> => {
      switch (each.kind) {
        case 'add':
          return new Set([...members, ...each.ids]);
        case 'replace':
          return new Set(each.ids);
        case 'list':
        case 'choose':
          return new Set([...members].filter((member) => !each.ids.includes(member)));
        case 'clear':
          return new Set();
        case 'scan':
          return new Set([...members].filter((member) => member >= 'c'));
      }
    };
    fc.assert(
      fc.property(ids, fc.array(memberOperation, { minLength: 1, maxLength: 6 }), (present, operations) => {
        const request = readPatch(message(operations.map(toWire)), groupType, 'standard');
        expect(request.needsRows).toBe(operations.some(({ kind }) => kind === 'scan'));
        const group: Resource = { id: 'g', displayName: 'g' };
        const rows: readonly JsonObject[] = present.map((value) => ({ value }));
        const change = applyPatch(request.needsRows ? { ...group, members: rows } : group, request).rows;
        const members = new Set<string>(change?.clear === true ? [] : present);
        for (const gone of change?.remove ?? []) members.delete(gone);
        for (const { value } of change?.add ?? []) members.add(String(value));
        if (change?.clear === true) expect(change.remove).toEqual([]);
        expect([...members].sort()).toEqual([...operations.reduce(toModel, new Set(present))].sort());
        expect((change?.add ?? []).some(({ value }) => change?.remove.includes(String(value)))).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});
