import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** A header that a form or a link of another site cannot send, and a script of one only after asking (CORS), which is never granted. */
const header = 'latchkey-console';

/**
 * Refuses a request that changes something and may have been made by a page of another site with this browser's cookie.
 * SameSite=Strict keeps the cookie from other sites already; this does not lean on it, and holds for sign-in too, where there is none yet.
 *
 * @throws Problem
 */
export const refuseCrossSite = (request: FastifyRequest, origin: string): void => {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { origin: from, 'sec-fetch-site': site } = request.headers;
  const ours = from === undefined ? site === 'same-origin' : from === origin && (site === undefined || site === 'same-origin');
  if (ours && request.headers[header] === '1') return;
  throw new Problem(
    403,
    'cross_site',
    'This request does not come from the console.',
    `Open the console at ${origin}: its requests carry the header Latchkey-Console: 1 and that Origin. Programs use an API key.`,
  );
};
