import type { FastifyReply } from 'fastify';

/** Nothing may run, load or frame: the pages are text. */
const POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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
      `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>` +
        `<body><h1>${title}</h1><p>${text}</p><p>Id: ${reply.request.id}</p></body></html>`,
    );
};
