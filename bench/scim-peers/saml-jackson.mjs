/** The directory sync of SAML Jackson (Polis). DATABASE_URL: PostgreSQL; without it, its store in memory. */
import { createServer } from 'node:http';
import jackson from '@boxyhq/saml-jackson';
import { bodyOf, listen } from './listen.mjs';

const url = process.env.DATABASE_URL;
const { default: controllers = jackson } = jackson;
const { directorySyncController: sync } = await controllers({
  externalUrl: 'http://127.0.0.1',
  samlAudience: 'https://bench.example',
  samlPath: '/saml',
  scimPath: '/scim',
  openid: {},
  noAnalytics: true,
  db: url === undefined ? { engine: 'mem' } : { engine: 'sql', type: 'postgres', url },
});
const { data: directory, error } = await sync.directories.create({
  name: 'bench',
  tenant: 'bench',
  product: 'bench',
  type: 'generic-scim-v2',
});
if (error) throw new Error(error.message);

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://bench');
  const [, , directoryId, resource, resourceId] = pathname.split('/');
  const body = await bodyOf(request);
  const number = (name) => (searchParams.has(name) ? Number(searchParams.get(name)) : undefined);
  const answer = await sync.requests.handle({
    method: request.method,
    body: body === '' ? undefined : JSON.parse(body),
    directoryId,
    resourceId,
    resourceType: resource?.toLowerCase(),
    apiSecret: request.headers.authorization?.slice('Bearer '.length) ?? null,
    query: { count: number('count'), startIndex: number('startIndex'), filter: searchParams.get('filter') ?? undefined },
  });
  response.writeHead(answer.status, { 'content-type': 'application/scim+json' });
  response.end(answer.data === undefined ? '' : JSON.stringify(answer.data));
});
listen(server, (origin) => ({ base: `${origin}/scim/${directory.id}`, token: directory.scim.secret }));
