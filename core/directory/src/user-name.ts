import { foldDomain } from './domain.ts';
import { DirectoryError } from './errors.ts';
import { foldText } from './text.ts';

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
  return { userName: `${login}@${domain}`, userNameKey: `${foldText(login)}@${domain}`, domain };
};
