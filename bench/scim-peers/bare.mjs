/**
 * The least that a durable SCIM server could do: Fastify, one statement, and the answer as JSON. No check, no version, no audit.
 * DATABASE_URL: PostgreSQL; without it SQLite in BENCH_FOLDER (WAL, synchronous=FULL), which blocks while it syncs.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fastify } from 'fastify';
import pg from 'pg';

const TOKEN = 'bench-token';
const tables = [
  'create table users (id text primary key, user_name text not null unique, body text not null)',
  'create table user_groups (id text primary key, body text not null)',
  'create table members (group_id text not null, user_id text not null, primary key (group_id, user_id))',
];

const openSqlite = () => {
  const database = new DatabaseSync(join(process.env.BENCH_FOLDER, 'bare.db'));
  database.exec('pragma journal_mode = wal; pragma synchronous = full');
  for (const table of tables) database.exec(table);
  const prepared = new Map();
  return async (text, values) => {
    let statement = prepared.get(text);
    if (statement === undefined) {
      statement = database.prepare(text.replace(/\$\d/g, '?'));
      prepared.set(text, statement);
    }
    return text.startsWith('select') ? statement.all(...values) : statement.run(...values);
  };
};

const openPostgres = async (url) => {
  const pool = new pg.Pool({ connectionString: url, max: 16 });
  for (const table of tables) await pool.query(table);
  const names = new Map();
  return async (text, values) => {
    if (!names.has(text)) names.set(text, `q${names.size}`);
    return (await pool.query({ name: names.get(text), text, values })).rows;
  };
};

const ask = process.env.DATABASE_URL === undefined ? openSqlite() : await openPostgres(process.env.DATABASE_URL);
const app = fastify();
app.addContentTypeParser('application/scim+json', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'ignore'));
app.addHook('onRequest', async (request, reply) => {
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return reply.code(401).send();
});
const scim = (reply, status, text) => reply.code(status).type('application/scim+json').send(text);

app.post('/Users', async (request, reply) => {
  const user = { ...request.body, id: randomUUID() };
  const body = JSON.stringify(user);
  await ask('insert into users values ($1, $2, $3)', [user.id, user.userName, body]);
  return scim(reply, 201, body);
});
app.get('/Users/:id', async (request, reply) => {
  const [row] = await ask('select body from users where id = $1', [request.params.id]);
  return scim(reply, 200, row.body);
});
app.get('/Users', async (request, reply) => {
  const { filter, count } = request.query;
  const rows =
    filter === undefined
      ? await ask('select body from users order by id limit $1', [Number(count)])
      : await ask('select body from users where user_name = $1', [/"(.*)"/.exec(filter)[1]]);
  return scim(reply, 200, `{"totalResults":${rows.length},"Resources":[${rows.map(({ body }) => body).join(',')}]}`);
});
app.patch('/Users/:id', async (request, reply) => {
  const [row] = await ask('select body from users where id = $1', [request.params.id]);
  const body = JSON.stringify({ ...JSON.parse(row.body), active: request.body.Operations[0].value });
  await ask('update users set body = $1 where id = $2', [body, request.params.id]);
  return scim(reply, 200, body);
});
app.post('/Groups', async (request, reply) => {
  const group = { ...request.body, id: randomUUID() };
  await ask('insert into user_groups values ($1, $2)', [group.id, JSON.stringify(group)]);
  return scim(reply, 201, JSON.stringify(group));
});
app.patch('/Groups/:id', async (request, reply) => {
  for (const { value } of request.body.Operations[0].value) {
    await ask('insert into members values ($1, $2)', [request.params.id, value]);
  }
  return reply.code(204).send();
});

const origin = await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`${JSON.stringify({ base: origin, token: TOKEN })}\n`);
