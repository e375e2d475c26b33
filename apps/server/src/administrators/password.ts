import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { maxPasswordLength, minPasswordLength } from '@latchkey/contract';
import { Problem } from '../http/problem.ts';

/** What a hash costs (RFC 7914 §2): 2^logN blocks of 128 * r octets, p times over. */
export interface PasswordCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** A third of a second and 32 MiB: what OWASP's Password Storage Cheat Sheet asks for, spread over three passes to save memory. */
export const passwordCost: PasswordCost = { logN: 15, r: 8, p: 3 };

const KEY_OCTETS = 32;
const SALT_OCTETS = 16;
/** Hashes at once: threads of the pool must be left for the disk. */
const AT_ONCE = 2;
/** That wait. More is a flood, and whoever is turned away may try again. */
const WAITING = 50;

/** NIST SP 800-63B §3.1.1.2: one way to write each character, so that every keyboard makes the same octets. */
const octetsOf = (password: string): Buffer => Buffer.from(password.normalize('NFKC'), 'utf8');

const derive = (password: string, salt: Buffer, { logN, r, p }: PasswordCost): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const N = 2 ** logN;
    scrypt(octetsOf(password), salt, KEY_OCTETS, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });

const format = ({ logN, r, p }: PasswordCost, salt: Buffer, key: Buffer): string =>
  `$scrypt$ln=${logN},r=${r},p=${p}$${salt.toString('base64url')}$${key.toString('base64url')}`;

const parse = (hash: string) => {
  const [, logN, r, p, salt, key] = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w-]+)\$([\w-]+)$/.exec(hash) ?? [];
  if (salt === undefined || key === undefined) throw new TypeError('This is no password hash of ours.');
  return {
    cost: { logN: Number(logN), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
  };
};

/** Hashes passwords off the event loop, a few at a time. */
export interface Passwords {
  readonly hash: (password: string) => Promise<string>;
  /** Without a hash (there is no such account) it takes as long and is false. */
  readonly verify: (password: string, hash: string | undefined) => Promise<boolean>;
  /** Whether the hash was made with another cost than is asked for now. */
  readonly isOld: (hash: string) => boolean;
}

export const passwords = (cost: PasswordCost): Passwords => {
  const nobody = format(cost, randomBytes(SALT_OCTETS), randomBytes(KEY_OCTETS));
  const waiting: (() => void)[] = [];
  let running = 0;

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= AT_ONCE) {
      if (waiting.length >= WAITING) {
        throw new Problem(503, 'busy', 'Too many people sign in at this moment.', 'Try again in a few seconds.');
      }
      await new Promise<void>((go) => waiting.push(go));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };

  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(SALT_OCTETS);
        return format(cost, salt, await derive(password, salt, cost));
      }),
    verify: (password, hash) =>
      inTurn(async () => {
        const known = parse(hash ?? nobody);
        const same = timingSafeEqual(await derive(password, known.salt, known.cost), known.key);
        return same && hash !== undefined;
      }),
    isOld: (hash) => {
      const known = parse(hash).cost;
      return known.logN !== cost.logN || known.r !== cost.r || known.p !== cost.p;
    },
  };
};

/** Words that lists of stolen passwords begin with, and ours; with digits and signs around them they are no better. */
const commonWords = new Set(
  `abc abcabc abcd abcdef abcdefg abcdefgh abcdefghijkl abcdefghijklm admin adminadmin administrator asdf asdfasdf asdfgh asdfghjkl
  azerty azertyuiop baseball changeme changemenow changeit company default dragon football guest hello hellohello iloveyou
  iloveyouforever king latchkey latchkeyadmin letmein letmeinletmein letmeinplease login master monkey mypassword operator passw
  password passwordpassword passwort princess qaz qazwsx qazwsxedc qazwsxedcrfv qwer qwert qwerty qwertyqwerty qwertyui qwertyuiop
  qwertyuiopasdf qwertz qwertzuiop root secret secretsecret server shadow starwars summer sunshine superman system temp temporary test
  testtest thisismypassword trustno user welcome welcomewelcome winter zxcvbn zxcvbnm`.split(/\s+/),
);

/** Leaves of `P@ssw0rd2026!` what a list knows it by. */
const wordOf = (password: string): string =>
  password
    .toLowerCase()
    .replaceAll(/^[^a-z@$]+|[^a-z]+$/g, '')
    .replaceAll('@', 'a')
    .replaceAll('0', 'o')
    .replaceAll('1', 'i')
    .replaceAll('3', 'e')
    .replaceAll('5', 's')
    .replaceAll('$', 's')
    .replace(/[^a-z]/g, '');

/** `121212121212` and `aaaaaaaaaaaa`: one short piece again and again. */
const repeats = (text: string): boolean => /^(.{1,4})\1+.{0,3}$/u.test(text);

/** `1234567890123`, `abcdefghijkl` and the same downwards. */
const isRun = (text: string): boolean => {
  const steps = [...text].slice(1).map((each, index) => (each.codePointAt(0) ?? 0) - (text.codePointAt(index) ?? 0));
  return [1, -1].some((step) => steps.every((each) => each === step || Math.abs(each) === 9));
};

/**
 * What a new password must be (NIST SP 800-63B §3.1.1.2): long enough, and not what everybody tries first. No rule says which characters.
 *
 * @throws Problem
 */
export const validateNewPassword = (password: string, userNameKey: string): string => {
  const refuse = (detail: string): never => {
    throw new Problem(400, 'password_unusable', 'This password cannot be used.', detail);
  };
  const normal = password.normalize('NFKC');
  const length = [...normal].length;
  if (length < minPasswordLength) return refuse(`It needs at least ${minPasswordLength} characters; several words do well.`);
  if (length > maxPasswordLength) return refuse(`It may have at most ${maxPasswordLength} characters.`);
  const lower = normal.toLowerCase();
  const [login = ''] = userNameKey.split('@');
  if (lower === userNameKey || (login.length > 3 && wordOf(lower) === wordOf(login))) {
    return refuse('It is your user name. Take several words that have nothing to do with you.');
  }
  if (commonWords.has(wordOf(normal)) || repeats(lower) || isRun(lower)) {
    return refuse('It is one of the most common. Take several words that have nothing to do with each other.');
  }
  return password;
};
