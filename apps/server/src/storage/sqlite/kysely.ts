import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { kyselyIn } from '../kysely.ts';

/** A query builder in SQLite's language. */
export const kyselyOver = kyselyIn({
  compiler: new SqliteQueryCompiler(),
  adapter: new SqliteAdapter(),
  introspector: (db) => new SqliteIntrospector(db),
});
