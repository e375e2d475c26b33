import { type Kysely, type Selectable, sql } from 'kysely';
import type { ScimExchange, ScimLogFilter } from '../scim/store.ts';
import { compileOnce } from './compile-once.ts';
import type { Database, ScimExchangesTable } from './schema.ts';

const toScimExchange = (row: Selectable<ScimExchangesTable>): ScimExchange => ({
  id: row.id,
  idp: row.idp,
  at: row.at,
  client: row.client,
  tokenId: row.token_id,
  entity: row.entity,
  method: row.method,
  path: row.path,
  status: row.status,
  microseconds: row.microseconds,
  correlationId: row.correlation_id,
  request: row.request,
  response: row.response,
  expiresAt: row.expires_at,
});

const insertExchange = compileOnce(
  (
    db,
    organizationId: string,
    id: string,
    idp: string,
    at: number,
    client: string,
    tokenId: string,
    entity: string,
    method: string,
    path: string,
    status: number,
    microseconds: number,
    correlationId: string,
    request: string,
    response: string,
    expiresAt: number,
  ) =>
    db.insertInto('scim_exchanges').values({
      organization_id: organizationId,
      id,
      idp,
      at,
      client,
      token_id: tokenId,
      entity,
      method,
      path,
      status,
      microseconds,
      correlation_id: correlationId,
      request,
      response,
      expires_at: expiresAt,
    }),
  { answer: 'unread' },
);

/** Entries that one page looks at for what no index knows. */
const lookedAt = 20_000;

export const scimExchangeQueries = (db: Kysely<Database>, organizationId: string) => {
  const own = (idp: string) =>
    db.selectFrom('scim_exchanges').selectAll().where('organization_id', '=', organizationId).where('idp', '=', idp);

  return {
    insertScimExchange: async (it: ScimExchange): Promise<void> => {
      await insertExchange(
        db,
        organizationId,
        it.id,
        it.idp,
        it.at,
        it.client,
        it.tokenId,
        it.entity,
        it.method,
        it.path,
        it.status,
        it.microseconds,
        it.correlationId,
        it.request,
        it.response,
        it.expiresAt,
      );
    },

    findScimExchange: async (idp: string, id: string): Promise<ScimExchange | undefined> => {
      const row = await own(idp).where('id', '=', id).executeTakeFirst();
      return row && toScimExchange(row);
    },

    /** Newest first; of the newest so many that nobody waits long. */
    listScimExchanges: async (
      idp: string,
      filter: ScimLogFilter,
      page: { readonly after?: string; readonly limit: number },
    ): Promise<readonly ScimExchange[]> => {
      let newest = own(idp).orderBy('id', 'desc').limit(lookedAt);
      if (page.after !== undefined) newest = newest.where('id', '<', page.after);
      let query = db.selectFrom(newest.as('newest')).selectAll().orderBy('id', 'desc').limit(page.limit);
      const { client, entity, method, path, status, failed, from, until } = filter;
      if (client !== undefined) query = query.where('client', '=', client);
      if (entity !== undefined) query = query.where('entity', '=', entity);
      if (method !== undefined) query = query.where('method', '=', method);
      // Both engines count characters; a start before the text is its beginning.
      if (path !== undefined) {
        query = query.where(sql<boolean>`substr(path, length(path) - ${[...path].length} + 1) = ${path}`);
      }
      if (status !== undefined) query = query.where('status', '=', status);
      if (failed !== undefined) query = query.where('status', failed ? '>=' : '<', 400);
      if (from !== undefined) query = query.where('at', '>=', from);
      if (until !== undefined) query = query.where('at', '<', until);
      return (await query.execute()).map(toScimExchange);
    },
  };
};

export const scimExchangeServerQueries = (db: Kysely<Database>) => ({
  sweepScimExchanges: async (at: number): Promise<void> => {
    await db.deleteFrom('scim_exchanges').where('expires_at', '<=', at).execute();
  },
});
