import { hash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { escapeHtml } from './escape-html.ts';
import { guideStyle } from './guide-style.ts';
import { addressOf, type Contents, readContents, renderMarkdown } from './markdown.ts';
import { sendTextPage } from './text-page.ts';

const INDEX = 'README.md';

/** Nothing may run or frame, and nothing comes from elsewhere: the pages are text, pictures of ours, and this one style. */
const POLICY = `default-src 'none'; style-src 'sha256-${hash('sha256', guideStyle, 'base64')}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const link = (address: string, title: string, isHere: boolean): string =>
  `<a href="${escapeHtml(address)}"${isHere ? ' aria-current="page"' : ''}>${escapeHtml(title)}</a>`;

const renderPage = (input: {
  readonly address: string;
  readonly contents: readonly Contents[];
  readonly page: ReturnType<typeof renderMarkdown>;
}): string => {
  const { address, contents, page } = input;
  const sections = page.sections.map(({ anchor, title }) => `<li>${link(`#${anchor}`, title, false)}</li>`).join('');
  const entry = (each: Contents['pages'][number]): string => {
    const isHere = each.address === address;
    return `<li>${link(each.address, each.title, isHere)}${isHere && sections !== '' ? `<ul>${sections}</ul>` : ''}</li>`;
  };
  const groups = contents.map(
    ({ title, pages }) =>
      `<details${address === '/docs' || pages.some((each) => each.address === address) ? ' open' : ''}><summary>${escapeHtml(title)}</summary><ul>${pages.map(entry).join('')}</ul></details>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)} · Latchkey</title>
<style>${guideStyle}</style>
</head>
<body>
<nav aria-label="Contents">
<p class="brand"><a href="/docs">Latchkey</a></p>
${groups.join('\n')}
<p class="elsewhere"><a href="/">The console</a><br><a href="/api/docs">The admin API, call by call</a></p>
</nav>
<main>
${page.html}</main>
</body>
</html>
`;
};

/**
 * The documents in `folder` as pages below `/docs`, made here, without a script; its README.md is the index.
 * Open to everybody: they say how Latchkey works and nothing about this server, and who cannot sign in needs them most.
 */
export const docsPages =
  (folder: string): FastifyPluginAsync =>
  async (app) => {
    const files = new Set(globSync('**/*.{md,svg}', { cwd: folder }));
    const byAddress = new Map([...files].map((file) => [addressOf(file), file]));
    const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
    const isServed = (file: string): boolean => files.has(file);
    const made = new Map<string, string>();
    let contents: readonly Contents[] | undefined;

    const pageAt = (address: string, file: string): string => {
      contents ??= isServed(INDEX) ? readContents(INDEX, read(INDEX), isServed) : [];
      return renderPage({ address, contents, page: renderMarkdown(file, read(file), isServed) });
    };

    const send = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const [path = ''] = request.url.split('?');
      const address = path.replace(/\/$/, '');
      const file = byAddress.get(address);
      if (file === undefined) {
        return sendTextPage(reply, {
          status: 404,
          title: 'There is no such page',
          text: 'Every guide is in <a href="/docs">the index</a>.',
        });
      }
      if (file.endsWith('.svg')) return reply.type('image/svg+xml').send(read(file));
      const page = made.get(address) ?? pageAt(address, file);
      made.set(address, page);
      return reply.header('Content-Security-Policy', POLICY).type('text/html; charset=utf-8').send(page);
    };
    app.get('/docs', send);
    app.get('/docs/*', send);
  };
