import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DirectoryError, foldDomain, foldUserName, readDisplayName } from './index.ts';

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof DirectoryError) return error.code;
    throw error;
  }
};

describe('foldUserName', () => {
  test('keeps the login as written and folds the domain', () => {
    expect(foldUserName('J.Doe@ACME.com')).toEqual({
      userName: 'J.Doe@acme.com',
      userNameKey: 'j.doe@acme.com',
      domain: 'acme.com',
    });
  });

  test.each([
    ['composed and decomposed letters', 'zoe\u0308@acme.com', 'zo\u00eb@acme.com'],
    ['capitals outside ASCII', 'ÉMILE@acme.com', 'émile@acme.com'],
    ['a final sigma', 'ΟΔΟΣ@acme.com', 'οδοσ@acme.com'],
  ])('%s make the same user', (_, a, b) => {
    expect(foldUserName(a).userNameKey).toBe(foldUserName(b).userNameKey);
  });

  test.each([
    ['no @', 'j.doe'],
    ['two @', 'j@doe@acme.com'],
    ['an empty login', '@acme.com'],
    ['an empty domain', 'j.doe@'],
    ['a space', 'j doe@acme.com'],
    ['a no-break space', 'j\u00a0doe@acme.com'],
    ['a zero-width space', 'j\u200bdoe@acme.com'],
    ['a right-to-left override', 'j\u202edoe@acme.com'],
    ['a line end', 'j.doe@acme.com\n'],
    ['a null', 'j\0doe@acme.com'],
    ['half a surrogate pair', 'j\ud800@acme.com'],
    ['a domain of one part', 'j.doe@acme'],
    ['a domain in other letters', 'j.doe@müller.de'],
    ['a Kelvin sign in the domain', 'j.doe@\u212aelvin.com'],
    ['128 characters (reference system §3.4)', `${'a'.repeat(119)}@acme.com`],
    ['a megabyte', `${'a'.repeat(1_000_000)}@acme.com`],
  ])('refuses %s', (_, name) => {
    expect(codeOf(() => foldUserName(name))).toBe('user_name_invalid');
  });

  test('takes 127 characters (reference system §3.4)', () => {
    expect(foldUserName(`${'a'.repeat(118)}@acme.com`).userName).toHaveLength(127);
  });

  test('folding what was folded changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), (login) => {
        let once: string;
        try {
          once = foldUserName(`${login}@acme.com`).userNameKey;
        } catch (error) {
          expect(error).toBeInstanceOf(DirectoryError);
          return;
        }
        expect(foldUserName(once).userNameKey).toBe(once);
      }),
    );
  });

  test('never throws anything but a DirectoryError', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (name) => void codeOf(() => foldUserName(name))));
  });
});

describe('foldDomain', () => {
  test.each([
    ['acme.com', 'acme.com'],
    ['ID.Acme.Com', 'id.acme.com'],
    ['xn--mller-kva.de', 'xn--mller-kva.de'],
  ])('%s → %s', (given, folded) => {
    expect(foldDomain(given)).toBe(folded);
  });

  test.each([
    '',
    'acme',
    'acme.com.',
    '.com',
    'a..b',
    '-a.com',
    'a-.com',
    'a_b.com',
    'acme.com:443',
    'https://acme.com',
    '127.0.0.1',
    'müller.de',
    `${'a'.repeat(64)}.com`,
  ])('refuses "%s"', (given) => {
    expect(codeOf(() => foldDomain(given))).toBe('domain_invalid');
  });
});

describe('readDisplayName', () => {
  test('takes a name in any script, trimmed', () => {
    expect(readDisplayName('  Zoë  Müller-王 ')).toBe('Zoë  Müller-王');
  });

  test.each(['a'.repeat(128), 'two\nlines', 'turned \u202eround'])('refuses "%s"', (name) => {
    expect(codeOf(() => readDisplayName(name))).toBe('display_name_invalid');
  });
});
