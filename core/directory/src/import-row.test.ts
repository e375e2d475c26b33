import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guardCell, readNames, unguardCell, writeNames } from './import-row.ts';
import { DirectoryError, newUser, planRow, readHeader, readRow, type Source, writeCsvLine } from './index.ts';

const needs = { domains: ['acme.com'], groupsPerUser: 3 };
const present = (change: Partial<Parameters<typeof newUser>[0]> = {}) => ({
  user: newUser({
    id: 'usr_1',
    userName: 'j.doe@acme.com',
    displayName: 'Jane',
    state: 'active',
    source: 'api',
    createdAt: 1,
    updatedAt: 1,
    ...change,
  }),
  department: 'Sales',
  groups: ['Staff'],
});
const read = (header: string, line: string) => readRow(readHeader(header.split(',')), line.split(','), needs);
const row = (header: string, line: string) => {
  const found = read(header, line);
  if (found.kind !== 'row') throw new Error(JSON.stringify(found.problems));
  return found.row;
};
const rules = { existing: 'override', sourceOfGroup: (): Source => 'api' } as const;

describe('a line of a CSV file', () => {
  test("is read by our names of columns, and by the reference system's (§3.4)", () => {
    expect(row('userName,displayName,state', 'J.Doe@ACME.com,Jane,disabled')).toEqual({
      remove: false,
      userName: 'J.Doe@acme.com',
      userNameKey: 'j.doe@acme.com',
      displayName: 'Jane',
      state: 'disabled',
    });
    expect(row('Action,Email-ID,User Name,Dept,Group', '+,j@acme.com,Jane,Sales,Staff')).toMatchObject({
      displayName: 'Jane',
      department: 'Sales',
      groups: ['Staff'],
    });
    expect(row('action,userName', '-,j@acme.com').remove).toBe(true);
  });

  test('says every problem, with its column', () => {
    const found = read('action,userName,email,groups,state', 'x,j@else.com,none,a;b;c;d,gone');
    expect(found.kind === 'problems' && found.problems.map(({ column }) => column)).toEqual([
      'userName',
      'action',
      'email',
      'groups',
      'state',
    ]);
    expect(read('userName,email', 'j@acme.com')).toMatchObject({ kind: 'problems', problems: [{ column: '' }] });
  });

  test.each(['', 'displayName', 'userName,username', 'userName,shoeSize'])('a header "%s" is refused', (header) => {
    expect(() => readHeader(header.split(','))).toThrow(DirectoryError);
  });

  test('formula injection: no cell is carried out by a spreadsheet, and each comes back as it was', () => {
    for (const cell of ['=cmd()', '+1', '-1', '@SUM', '\tx', '\r=x', "'=x"]) expect(guardCell(cell)).toMatch(/^'/);
    expect(guardCell("O'Hara")).toBe("O'Hara");
    expect(writeCsvLine(['=HYPERLINK("x")', 'a,b'])).toBe('"\'=HYPERLINK(""x"")","a,b"\r\n');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("'", '=', '+', '-', '@', '\t', '\r', '\n', 'a', '"', ',') }), (cell) => {
        expect(unguardCell(guardCell(cell))).toBe(cell);
        expect(guardCell(cell)).not.toMatch(/^[=+\-@\t\r\n]/);
      }),
    );
  });

  test('names in one cell come back as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom(';', '\\', 'a', 'é', ' ', ',') })), (given) => {
        const names = given.map((name) => name.trim()).filter((name) => name !== '');
        expect(readNames(writeNames(names))).toEqual(names);
      }),
    );
  });
});

describe('what a line means', () => {
  test('nobody there: add, or nobody to delete', () => {
    expect(planRow(row('userName', 'j@acme.com'), undefined, rules)).toEqual({ change: 'add' });
    expect(planRow(row('action,userName', '-,j@acme.com'), undefined, rules)).toMatchObject({
      change: 'error',
      column: 'userName',
    });
  });

  test('somebody there: modify or delete with override; an error without; nothing different is no change', () => {
    const line = row('userName,displayName,groups', 'j.doe@acme.com,Jane,STAFF');
    expect(planRow(line, present(), rules)).toEqual({ change: 'none' });
    expect(planRow(line, present({ displayName: 'J' }), rules)).toEqual({ change: 'modify' });
    expect(planRow(line, present(), { ...rules, existing: 'error' })).toMatchObject({ change: 'error' });
    expect(planRow(row('action,userName', '-,j.doe@acme.com'), present(), rules)).toEqual({ change: 'delete' });
  });

  test('who is owned by a provisioning source stays as it is; whom JIT has made is taken over', () => {
    const line = row('userName,displayName', 'j.doe@acme.com,Joan');
    expect(planRow(line, present({ source: 'scim:entra' }), rules)).toMatchObject({ change: 'error', column: 'displayName' });
    expect(planRow(line, present({ source: 'jit:device' }), rules)).toEqual({ change: 'modify' });
    const gone = row('action,userName', '-,j.doe@acme.com');
    expect(planRow(gone, present({ source: 'scim:entra' }), rules)).toMatchObject({ change: 'error' });
  });

  test('nobody is put into or taken out of a group of a provisioning source', () => {
    const owned = { ...rules, sourceOfGroup: (name: string): Source => (name === 'Staff' ? 'scim:entra' : 'api') };
    expect(planRow(row('userName,groups', 'j.doe@acme.com,Crew'), present(), owned)).toMatchObject({
      change: 'error',
      column: 'groups',
    });
    expect(planRow(row('userName,groups', 'new@acme.com,Staff'), undefined, owned)).toMatchObject({ change: 'error' });
    expect(planRow(row('userName,groups', 'j.doe@acme.com,Staff;Crew'), present(), owned)).toEqual({ change: 'modify' });
  });
});
