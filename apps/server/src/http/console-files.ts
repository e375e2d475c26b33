import { globSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { consolePaths } from '@latchkey/contract';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { randomOctets } from '../random-octets.ts';
import { sendTextPage } from './text-page.ts';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Made by apps/console/build.ts; the first that the browser takes. */
const encodings = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

interface Asset {
  readonly type: string;
  /** By content encoding; '' is the file as it is. */
  readonly bodies: ReadonlyMap<string, Buffer>;
}

const readAssets = (folder: string): ReadonlyMap<string, Asset> => {
  const names = globSync('assets/*', { cwd: folder });
  return new Map(
    names.flatMap((name): readonly [string, Asset][] => {
      const type = types[extname(name)];
      if (type === undefined) return [];
      const compressed = encodings.flatMap(([encoding, suffix]): readonly [string, Buffer][] =>
        names.includes(`${name}${suffix}`) ? [[encoding, readFileSync(join(folder, `${name}${suffix}`))]] : [],
      );
      const bodies = new Map([['', readFileSync(join(folder, name))], ...compressed]);
      return [[name.slice('assets/'.length), { type, bodies }]];
    }),
  );
};

/** The page, without its nonce; undefined if the console was never built. */
const readIndex = (folder: string): string | undefined => {
  try {
    return readFileSync(join(folder, 'index.html'), 'utf8');
  } catch {
    return undefined;
  }
};

// Styles of the page itself: Mantine writes some while it runs, with this nonce. Nothing comes from any other host.
const policyOf = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');

const accepts = (request: FastifyRequest, encoding: string): boolean =>
  (request.headers['accept-encoding'] ?? '').split(',').some((each) => {
    const [name = '', ...parameters] = each.split(';').map((part) => part.trim().toLowerCase());
    return name === encoding && !parameters.some((parameter) => /^q=0([.]0*)?$/.test(parameter));
  });

/** The console: its page at `/` and at the paths that are its own, its files below `/assets`. Every other path is somebody else's. */
export const consoleFiles =
  (folder: string): FastifyPluginAsync =>
  async (app) => {
    const index = readIndex(folder);
    const assets = readAssets(folder);

    const sendIndex = async (_: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      if (index === undefined) {
        return sendTextPage(reply, {
          status: 503,
          title: 'The console is not built',
          text: 'Stop the server, run <code>npm ci &amp;&amp; npm run build</code> in its folder, and start it again. All else works.',
        });
      }
      const nonce = randomOctets(18).toString('base64');
      return reply
        .headers({
          'Content-Security-Policy': policyOf(nonce),
          'Cross-Origin-Opener-Policy': 'same-origin',
          'Cross-Origin-Resource-Policy': 'same-origin',
          'X-Frame-Options': 'DENY',
        })
        .type('text/html; charset=utf-8')
        .send(index.replaceAll('__NONCE__', nonce));
    };
    app.get('/', sendIndex);
    for (const path of consolePaths) {
      app.get(`/${path}`, sendIndex);
      app.get(`/${path}/*`, sendIndex);
    }

    app.get('/assets/:name', async (request, reply) => {
      const { name } = request.params as { name: string }; // by the path
      const asset = assets.get(name);
      if (asset === undefined) return reply.callNotFound();
      const [encoding] = encodings.find(([each]) => asset.bodies.has(each) && accepts(request, each)) ?? [''];
      if (encoding !== '') reply.header('Content-Encoding', encoding);
      // The name holds a digest of what is in it.
      return reply
        .headers({ 'Cache-Control': 'public, max-age=31536000, immutable', Vary: 'Accept-Encoding' })
        .type(asset.type)
        .send(asset.bodies.get(encoding));
    });
  };
