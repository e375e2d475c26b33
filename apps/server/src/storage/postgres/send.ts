import type { QueryResult } from 'kysely';
import pg, { type ClientBase, type Connection, type Submittable } from 'pg';
import type { Storable } from '../storable.ts';
import { StorageError } from '../storage-error.ts';

/** One statement, with its parameters. */
export interface Statement {
  readonly text: string;
  readonly values: readonly Storable[];
}

/** More than the queries this server has; only a list of varying length (`in (...)`) makes new ones, and those stay without a name. */
const namedStatements = 500;
const names = new Map<string, string>();
const nameOf = (text: string): string => {
  const known = names.get(text);
  if (known !== undefined) return known;
  if (names.size >= namedStatements) return '';
  const name = `q${names.size}`;
  names.set(text, name);
  return name;
};

/** Whether a connection has a statement of this name: `true`, or `false` if it may have. */
type Prepared = Map<string, boolean>;
const prepared = new WeakMap<Connection, Prepared>();
const preparedOn = (connection: Connection): Prepared => {
  const known = prepared.get(connection) ?? new Map<string, boolean>();
  prepared.set(connection, known);
  return known;
};

/** Counts and times are 64 bits wide there and numbers here. */
const readBigint = (text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new StorageError('value_invalid', `the database holds the integer ${text}, over 2^53`);
};

const INT8 = 20;
const readerOf = (type: number): ((text: string) => unknown) =>
  type === INT8 ? readBigint : pg.types.getTypeParser(type, 'text');

/** pg turns other things into text in its own way; these are all that get here (storable.ts). */
const toWire = (value: Storable): string | Buffer | null =>
  value === null || typeof value === 'string' ? value : typeof value === 'number' ? String(value) : Buffer.from(value);

interface Column {
  readonly name: string;
  readonly read: (text: string) => unknown;
}

/**
 * Sends statements in one round trip, and answers with the result of the last. They are one transaction unless one of them begins
 * another: what one sets for its transaction holds for those after it, and is forgotten with it.
 *
 * By the extended query protocol (https://www.postgresql.org/docs/current/protocol-flow.html): each is prepared once on a connection, and
 * one Sync ends them all, which costs a third of what pg's own queries cost, one after another.
 */
export const send = <R>(
  client: ClientBase,
  statements: readonly Statement[],
): Promise<QueryResult<R> & { readonly tag: string }> =>
  new Promise((resolve, reject) => {
    const last = statements.length - 1;
    let ended = 0;
    let columns: readonly Column[] = [];
    let tag = '';
    let unreadable: unknown;
    const rows: R[] = [];
    /** Prepared here for the first time, which only the end tells. */
    const fresh: string[] = [];
    let known: Prepared = new Map();

    const submit = (connection: Connection): void => {
      known = preparedOn(connection);
      connection.stream.cork();
      for (const [index, { text, values }] of statements.entries()) {
        const name = nameOf(text);
        if (name === '' || known.get(name) !== true) {
          if (known.get(name) === false) connection.close({ type: 'S', name }, true);
          connection.parse({ name, text, types: [] }, true);
          if (name !== '') {
            known.set(name, false);
            fresh.push(name);
          }
        }
        connection.bind({ portal: '', statement: name, values: values.map(toWire) } as never, true); // its types want `binary`, which means the default when it is left out
        if (index === last) connection.describe({ type: 'P', name: '' }, true);
        connection.execute({ portal: '' }, true);
      }
      connection.sync();
      connection.stream.uncork();
    };

    // What pg calls: https://node-postgres.com/apis/client, "Submittable". `callback` is called for the end, and by its own timeout.
    const query: Submittable & Record<string, unknown> = {
      submit,
      callback: (error: unknown) => {
        if (error !== undefined && error !== null) reject(error);
        else resolve({ rows, tag, numAffectedRows: BigInt(/\d+$/.exec(tag)?.[0] ?? 0) });
      },
      handleRowDescription: ({ fields }: { fields: readonly { name: string; dataTypeID: number }[] }) => {
        columns = fields.map(({ name, dataTypeID }) => ({ name, read: readerOf(dataTypeID) }));
      },
      handleDataRow: ({ fields }: { fields: readonly (string | null)[] }) => {
        if (ended < last || unreadable !== undefined) return;
        const row: Record<string, unknown> = {};
        try {
          for (const [index, { name, read }] of columns.entries()) {
            const text = fields[index];
            row[name] = text === null || text === undefined ? null : read(text);
          }
        } catch (error) {
          unreadable = error;
        }
        rows.push(row as R); // Kysely derives R from the query that it built: the row has its columns.
      },
      handleCommandComplete: ({ text }: { text: string }) => {
        ended += 1;
        tag = text;
      },
      handleEmptyQuery: () => {},
      handlePortalSuspended: () => {},
      handleError: (error: unknown) => callback(error),
      handleReadyForQuery: () => {
        for (const name of fresh) known.set(name, true);
        callback(unreadable);
      },
    };
    const callback = (error?: unknown): void => (query.callback as (error?: unknown) => void)(error); // pg may have put its own around it
    client.query(query);
  });
