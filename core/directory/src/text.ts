import { DirectoryError, type DirectoryErrorCode } from './errors.ts';

/**
 * How names are compared and looked up by their beginning: whatever their case and composition, the same on every storage engine.
 *
 * @example foldText('ÉMILE') // 'émile'
 */
export const foldText = (text: string): string =>
  // A final sigma is the same letter (Unicode CaseFolding.txt), but toLowerCase chooses it by position: take one form.
  text.toLowerCase().normalize('NFC').replaceAll('ς', 'σ');

const invisible = /[\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

/** One line of visible characters, in NFC, without spaces around. */
const readLine = (text: string, most: number, code: DirectoryErrorCode, what: string): string => {
  // Before normalizing: a text of megabytes is refused at its length.
  if (text.length > 4 * most) throw new DirectoryError(code, `${what} has at most ${most} characters.`);
  const trimmed = text.normalize('NFC').trim();
  if ([...trimmed].length > most) throw new DirectoryError(code, `${what} has at most ${most} characters.`);
  if (invisible.test(trimmed)) throw new DirectoryError(code, `${what} is one line of visible characters.`);
  return trimmed;
};

/** reference system §3.4: 127 characters. */
export const readDisplayName = (text: string): string => readLine(text, 127, 'display_name_invalid', 'A display name');

/** The name of a group or department: 128 characters (reference system §3.4). */
export const readSetName = (text: string): string => {
  const name = readLine(text, 128, 'name_invalid', 'A name');
  if (name === '') throw new DirectoryError('name_invalid', 'The name is empty.');
  return name;
};

/** RFC 5321 §4.5.3.1.3: 254 characters fit a path. What is before the @ is the mail server's business. '' is none. */
export const readEmail = (text: string): string => {
  const email = readLine(text, 254, 'email_invalid', 'An e-mail address');
  if (email !== '' && !/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(email)) {
    throw new DirectoryError('email_invalid', 'An e-mail address looks like j.doe@acme.com.');
  }
  return email;
};

/** reference system §3.4: 10,240 characters, of several lines if need be. */
export const readComments = (text: string): string => {
  const most = 10_240;
  const comments = text
    .slice(0, 4 * most)
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .trim();
  if ([...comments].length > most) throw new DirectoryError('comments_invalid', `Comments have at most ${most} characters.`);
  if (/[^\P{Cc}\n\t]|[\p{Cs}\u202a-\u202e\u2066-\u2069]/u.test(comments)) {
    throw new DirectoryError('comments_invalid', 'Comments hold no control characters but line ends and tabs.');
  }
  return comments;
};
