import { resolve } from 'node:path';
import { openPostgres } from './postgres/open-postgres.ts';
import { openSqlite } from './sqlite/open-sqlite.ts';
import type { Storage, StorageOptions } from './storage.ts';
import { StorageError } from './storage-error.ts';

export type { Storage, StorageOptions } from './storage.ts';

/** Opens the database and brings its schema up to date. */
export const openStorage = async ({ url, ...options }: StorageOptions): Promise<Storage> => {
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgres({ url, ...options });
  const path = /^sqlite:(?<path>[^?#]+)$/.exec(url)?.groups?.path;
  if (path === undefined)
    throw new StorageError('url_invalid', 'write it as sqlite:/path/to/file.db or postgres://user@host/database');
  return openSqlite({ path: resolve(path), ...options });
};
