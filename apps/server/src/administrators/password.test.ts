import { expect, test } from 'vitest';
import { type PasswordCost, passwordCost, passwords } from './password.ts';

const cheap: PasswordCost = { logN: 4, r: 8, p: 1 };

test('a hash carries its parameters and a salt of its own', async () => {
  const { hash, verify, isOld } = passwords(cheap);
  const [one, two] = await Promise.all([hash('correct horse battery'), hash('correct horse battery')]);
  expect(one).toMatch(/^\$scrypt\$ln=4,r=8,p=1\$[\w-]{22}\$[\w-]{43}$/);
  expect(one).not.toBe(two);
  expect(await verify('correct horse battery', one)).toBe(true);
  expect(await verify('correct horse batterY', one)).toBe(false);
  expect(isOld(one)).toBe(false);
});

test('a hash of lower cost still verifies, and is to be made anew', async () => {
  const before = await passwords(cheap).hash('correct horse battery');
  const { verify, isOld } = passwords({ ...cheap, logN: 5 });
  expect(await verify('correct horse battery', before)).toBe(true);
  expect(isOld(before)).toBe(true);
});

test('without an account nothing is right', async () => {
  expect(await passwords(cheap).verify('correct horse battery', undefined)).toBe(false);
});

test('one character typed on two keyboards is one (NIST SP 800-63B §3.1.1.2)', async () => {
  const { hash, verify } = passwords(cheap);
  expect(await verify('zu\u0308rich', await hash('z\u00fcrich'))).toBe(true);
});

test('the cost of the server can be paid', async () => {
  const { hash, verify } = passwords(passwordCost);
  expect(await verify('correct horse battery', await hash('correct horse battery'))).toBe(true);
});

test('a flood is turned away instead of kept waiting', async () => {
  const { hash } = passwords(cheap);
  const answers = await Promise.allSettled(Array.from({ length: 60 }, () => hash('correct horse battery')));
  const refused = answers.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
  expect(refused).toEqual(Array.from({ length: 8 }, () => 'busy'));
  await expect(hash('correct horse battery')).resolves.toContain('$scrypt$');
});
