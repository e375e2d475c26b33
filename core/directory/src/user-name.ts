import { foldDomain } from './domain.ts';
import { DirectoryError } from './errors.ts';

/** A user name in its three forms: as shown, as compared, and the domain it ends in. */
export interface FoldedUserName {
  /** `Login@domain`: the login as written (in NFC), the domain folded. */
  readonly userName: string;
  /** What two names are compared by; unique in an organization. */
  readonly userNameKey: string;
  readonly domain: string;
}

/** reference system §3.4: at most 127 characters. */
export const maxUserNameLength = 127;

// Control, format (bidi, zero width), surrogate, private, unassigned, and every kind of space: what cannot be seen must not tell two people apart.
const unusable = /[\p{C}\p{Z}]/u;

const invalid = (message: string): DirectoryError => new DirectoryError('user_name_invalid', message);

// A final sigma is the same letter (Unicode CaseFolding.txt), but toLowerCase chooses it by position: take one form.
const foldLogin = (login: string): string => login.toLowerCase().normalize('NFC').replaceAll('ς', 'σ');

/** A sign-in reads the same name seven times. */
const folded = new Map<string, FoldedUserName>();
const maxFolded = 1000;

/**
 * Reads a user name `login@domain` and folds it: the only place where names are made equal. Throws `DirectoryError` with the code
 * `user_name_invalid`.
 *
 * @example foldUserName('J.Doe@ACME.com') // { userName: 'J.Doe@acme.com', userNameKey: 'j.doe@acme.com', domain: 'acme.com' }
 */
export const foldUserName = (name: string): FoldedUserName => {
  const known = folded.get(name);
  if (known !== undefined) return known;
  const made = fold(name);
  if (folded.size >= maxFolded) folded.clear();
  folded.set(name, made);
  return made;
};

const fold = (name: string): FoldedUserName => {
  // Before normalizing: a name of megabytes is refused at its length.
  if (name.length > 4 * maxUserNameLength) throw invalid(`A user name has at most ${maxUserNameLength} characters.`);
  if (unusable.test(name)) throw invalid('A user name holds no spaces, control characters or invisible characters.');
  const parts = name.split('@');
  const [written, domainPart] = parts;
  if (parts.length !== 2 || written === undefined || domainPart === undefined) {
    throw invalid('A user name has exactly one @, as in j.doe@acme.com.');
  }
  // Only the login: normalizing turns the Kelvin sign into a K, and no such sign belongs in a domain.
  const login = written.normalize('NFC');
  if ([...login].length + 1 + domainPart.length > maxUserNameLength) {
    throw invalid(`A user name has at most ${maxUserNameLength} characters.`);
  }
  if (login === '') throw invalid('A user name has something before its @, as in j.doe@acme.com.');
  let domain: string;
  try {
    domain = foldDomain(domainPart);
  } catch (error) {
    if (error instanceof DirectoryError) throw invalid(error.message);
    throw error;
  }
  return { userName: `${login}@${domain}`, userNameKey: `${foldLogin(login)}@${domain}`, domain };
};

/** A name to show: 127 characters at most, nothing invisible but plain spaces inside. Throws `display_name_invalid`. */
export const readDisplayName = (name: string): string => {
  const trimmed = name.slice(0, 4096).normalize('NFC').trim();
  if ([...trimmed].length > maxUserNameLength) {
    throw new DirectoryError('display_name_invalid', `A display name has at most ${maxUserNameLength} characters.`);
  }
  if (/[\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(trimmed)) {
    throw new DirectoryError('display_name_invalid', 'A display name is one line of visible characters.');
  }
  return trimmed;
};
