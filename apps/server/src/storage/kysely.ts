import {
  type CompiledQuery,
  type DatabaseIntrospector,
  DefaultQueryExecutor,
  type Dialect,
  type DialectAdapter,
  type Driver,
  Kysely,
  type QueryCompiler,
  type QueryResult,
} from 'kysely';
import type { Database } from './schema.ts';

const refuse = (): never => {
  throw new TypeError('transactions are begun by Storage.transaction, never by Kysely');
};

const driver: Driver = {
  init: async () => {},
  acquireConnection: refuse,
  beginTransaction: refuse,
  commitTransaction: refuse,
  rollbackTransaction: refuse,
  releaseConnection: async () => {},
  destroy: async () => {},
};

const streamQuery = (): never => {
  // An open cursor pins SQLite's WAL, which then cannot be restarted: long lists are read page by page, by key.
  throw new TypeError('queries are not streamed: page by key');
};

/** How one engine's SQL is written. */
export interface Language {
  readonly compiler: QueryCompiler;
  readonly adapter: DialectAdapter;
  readonly introspector: (db: Kysely<never>) => DatabaseIntrospector;
}

/**
 * Makes query builders whose queries run by `executeQuery`. Kysely's own pool and mutex are left out: they cost more than the query,
 * and a mutex held for a transaction would keep group commit from having more than one transaction.
 */
export const kyselyIn = ({ compiler, adapter, introspector }: Language) => {
  const dialect: Dialect = {
    createDriver: () => driver,
    createQueryCompiler: () => compiler,
    createAdapter: () => adapter,
    createIntrospector: introspector,
  };
  return (executeQuery: <R>(query: CompiledQuery) => Promise<QueryResult<R>>): Kysely<Database> => {
    const connection = { executeQuery, streamQuery };
    const executor = new DefaultQueryExecutor(compiler, adapter, { provideConnection: (consumer) => consumer(connection) });
    return new Kysely<Database>({ config: { dialect }, driver, executor, dialect });
  };
};
