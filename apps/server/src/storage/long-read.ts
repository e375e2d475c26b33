import type { CompiledQuery, Kysely, QueryResult, RawBuilder } from 'kysely';
import type { Database } from './schema.ts';

const long = new WeakSet<CompiledQuery>();

/** Whether the query may look at so many rows that an engine inside this process answers it on another thread. */
export const isLongRead = (query: CompiledQuery): boolean => long.has(query);

/** Runs a query that may look at many rows, in a transaction as well as outside. */
export const readLong = <Row>(db: Kysely<Database>, query: RawBuilder<Row>): Promise<QueryResult<Row>> => {
  const compiled = query.compile(db);
  long.add(compiled);
  return db.executeQuery(compiled);
};
