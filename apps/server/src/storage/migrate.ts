import { createHash } from 'node:crypto';
import { initial } from './migrations/0001-initial.ts';
import { postgresql } from './migrations/0002-postgresql.ts';
import { settingsDomainsDeletion } from './migrations/0003-settings-domains-deletion.ts';
import { gateway } from './migrations/0004-gateway.ts';
import { operations } from './migrations/0005-operations.ts';
import { directory } from './migrations/0006-directory.ts';
import { administrators } from './migrations/0007-administrators.ts';
import { auditById } from './migrations/0008-audit-by-id.ts';
import { overview } from './migrations/0009-overview.ts';
import { sampleOfUsers } from './migrations/0010-sample-of-users.ts';
import { administration } from './migrations/0011-administration.ts';
import { importsByName } from './migrations/0012-imports-by-name.ts';
import { retention } from './migrations/0013-retention.ts';
import { scim } from './migrations/0014-scim.ts';
import type { ColumnTypes, Migration } from './migrations/migration.ts';
import { StorageError } from './storage-error.ts';

/** A row of the table `migrations`. */
export interface AppliedMigration {
  readonly name: string;
  readonly checksum: string;
}

/** Every migration, in order. */
export const migrations: readonly Migration[] = [
  initial,
  postgresql,
  settingsDomainsDeletion,
  gateway,
  operations,
  directory,
  administrators,
  auditById,
  overview,
  sampleOfUsers,
  administration,
  importsByName,
  retention,
  scim,
];

/** The table that remembers what was applied. It is made before the first migration. */
export const migrationsTable = ({ key }: ColumnTypes): string =>
  `create table if not exists migrations (name ${key} primary key, checksum text not null, applied_at bigint not null)`;

/** Identifies a migration's text, whatever the engine. */
export const migrationChecksum = (migration: Migration): string =>
  createHash('sha256')
    .update(JSON.stringify([...migration.statements({ key: 'key' }), ...(migration.postgres ?? [])]))
    .digest('base64url');

/**
 * The migrations that are still to be applied, given those recorded (in order of name). Each is applied in one transaction with its
 * record, so that an interrupted start goes on where it stopped.
 */
export const pendingMigrations = (all: readonly Migration[], applied: readonly AppliedMigration[]): readonly Migration[] => {
  for (const [index, { name, checksum }] of applied.entries()) {
    const known = all[index];
    if (known === undefined || known.name !== name) {
      throw new StorageError(
        'database_newer',
        `it has the migration ${name}, unknown here; start the newer version, or restore a backup`,
      );
    }
    if (migrationChecksum(known) !== checksum) {
      throw new StorageError('migration_changed', `${name}; a released migration must stay as it is, add another one instead`);
    }
  }
  return all.slice(applied.length);
};
