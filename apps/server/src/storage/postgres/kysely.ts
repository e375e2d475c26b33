import { PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import { kyselyIn } from '../kysely.ts';

/** A query builder in PostgreSQL's language. */
export const kyselyOver = kyselyIn({
  compiler: new PostgresQueryCompiler(),
  adapter: new PostgresAdapter(),
  introspector: (db) => new PostgresIntrospector(db),
});
