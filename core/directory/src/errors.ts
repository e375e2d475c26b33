export type DirectoryErrorCode =
  | 'user_name_invalid'
  | 'domain_invalid'
  | 'display_name_invalid'
  | 'email_invalid'
  | 'comments_invalid'
  | 'name_invalid'
  | 'csv_invalid';

/** A name that cannot be used. The message says what is wrong and how it should look; it repeats nothing of a secret nature. */
export class DirectoryError extends Error {
  readonly code: DirectoryErrorCode;

  constructor(code: DirectoryErrorCode, message: string) {
    super(message);
    this.name = 'DirectoryError';
    this.code = code;
  }
}
