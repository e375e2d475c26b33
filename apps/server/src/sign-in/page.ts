import { hash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

const STYLE =
  ':root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-items:center;font:16px/1.5 system-ui,sans-serif}' +
  'main{max-width:34rem;padding:2rem}h1{font-size:1.4rem;line-height:1.3}p{margin:1rem 0}small{opacity:.75;overflow-wrap:anywhere}code{user-select:all}';

/** Nothing may run, load or frame: the pages are text, and this one style. */
const POLICY = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const pages = {
  agent_needed: {
    status: 403,
    title: 'This sign-in only works with the Latchkey agent',
    text: 'Devices of this organization sign in by themselves. This one has no Latchkey agent, or the browser was sent here instead of it. Ask your administrator to enroll the device.',
  },
  request_refused: {
    status: 400,
    title: 'The sign-in request was refused',
    text: 'The application has sent a request that cannot be answered. Give the id below to the administrator of the application.',
  },
} as const;

/** A page for a person who came with a browser. Nothing of the request is repeated in it. */
export const sendPage = (reply: FastifyReply, page: keyof typeof pages): FastifyReply => {
  const { status, title, text } = pages[page];
  return reply
    .code(status)
    .header('Content-Security-Policy', POLICY)
    .header('X-Frame-Options', 'DENY')
    .type('text/html; charset=utf-8')
    .send(
      `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
        `<title>${title}</title><style>${STYLE}</style></head><body><main><h1>${title}</h1><p>${text}</p>` +
        `<p><small>Id for your administrator: <code>${reply.request.id}</code></small></p></main></body></html>`,
    );
};
