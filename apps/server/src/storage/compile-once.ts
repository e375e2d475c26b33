import type { Compilable, CompiledQuery, DialectAdapter, Kysely, QueryResult } from 'kysely';
import type { Database } from './schema.ts';

/** Stands for a parameter while the query is built. */
class Slot {
  readonly index: number;
  constructor(index: number) {
    this.index = index;
  }
}

const unread = new WeakSet<CompiledQuery>();

/** Whether nobody looks at what the query answers: an engine may send it along with the next one, or with the commit. */
export const isUnread = (query: CompiledQuery): boolean => unread.has(query);

/**
 * A query that is built and compiled at its first use and then only given its parameters: building costs as much as running it. For
 * the queries of every sign-in. `build` must take each parameter as it is: no rest parameters, and nothing computed from one.
 *
 * `answer: 'unread'` is for writes inside transactions of which nobody needs to know more than that the transaction was committed.
 */
export const compileOnce = <Parameters extends readonly unknown[], Row>(
  build: (db: Kysely<Database>, ...parameters: Parameters) => Compilable<Row>,
  { answer }: { readonly answer?: 'unread' } = {},
): ((db: Kysely<Database>, ...parameters: Parameters) => Promise<QueryResult<Row>>) => {
  // Each engine has one adapter and its own SQL.
  const compiled = new WeakMap<DialectAdapter, CompiledQuery<Row>>();
  // They only pass through Kysely, as values it does not look into.
  const slots = Array.from({ length: build.length - 1 }, (_, index) => new Slot(index)) as unknown as Parameters;
  return (db, ...parameters) => {
    const { adapter } = db.getExecutor();
    let query = compiled.get(adapter);
    if (query === undefined) {
      query = build(db, ...slots).compile();
      compiled.set(adapter, query);
    }
    const asked = {
      ...query,
      parameters: query.parameters.map((value) => (value instanceof Slot ? parameters[value.index] : value)),
    };
    if (answer === 'unread') unread.add(asked);
    return db.executeQuery(asked);
  };
};
