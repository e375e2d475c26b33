import { hash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

const STYLE =
  ':root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-items:center;font:16px/1.5 system-ui,sans-serif}' +
  'main{max-width:34rem;padding:2rem}h1{font-size:1.4rem;line-height:1.3}p{margin:1rem 0}small{opacity:.75;overflow-wrap:anywhere}code{user-select:all}';

/** Nothing may run, load or frame: the pages are text, and this one style. */
const POLICY = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** A page for a person who came with a browser. Title and text are ours: nothing of the request may be repeated in them. */
export const sendTextPage = (
  reply: FastifyReply,
  page: {
    readonly status: number;
    readonly title: string;
    readonly text: string;
    /** Of the request that it tells of, where that is another one. */
    readonly correlationId?: string;
  },
): FastifyReply =>
  reply
    .code(page.status)
    .header('Content-Security-Policy', POLICY)
    .header('X-Frame-Options', 'DENY')
    .type('text/html; charset=utf-8')
    .send(
      `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
        `<title>${page.title}</title><style>${STYLE}</style></head><body><main><h1>${page.title}</h1><p>${page.text}</p>` +
        `<p><small>Id for your administrator: <code>${page.correlationId ?? reply.request.id}</code></small></p></main></body></html>`,
    );
