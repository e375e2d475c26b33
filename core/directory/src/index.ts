export { foldDomain } from './domain.ts';
export { DirectoryError, type DirectoryErrorCode } from './errors.ts';
export {
  exportColumns,
  exportRow,
  type ImportColumn,
  type ImportRow,
  type ReadRow,
  type RowProblem,
  readHeader,
  readRow,
  writeCsvLine,
} from './import-row.ts';
export { type DirectoryLimits, defaultLimits } from './limits.ts';
export { changedColumns, type Present, planRow, type RowPlan } from './plan-row.ts';
export { isHosted, lockedFields, mayAdopt, mayEnable, type OwnedField, type Source } from './source.ts';
export { foldText, readComments, readDisplayName, readEmail, readSetName } from './text.ts';
export { type NewUser, newUser, type User, type UserState } from './user.ts';
export { type FoldedUserName, foldUserName, maxUserNameLength } from './user-name.ts';
export { SERVICE_ADMIN, serviceAdminId, type UserSet } from './user-set.ts';
