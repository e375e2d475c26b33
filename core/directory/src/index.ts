export { foldDomain } from './domain.ts';
export { DirectoryError, type DirectoryErrorCode } from './errors.ts';
export type { User, UserSource, UserState } from './user.ts';
export { type FoldedUserName, foldUserName, maxUserNameLength, readDisplayName } from './user-name.ts';
