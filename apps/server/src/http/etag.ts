import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

export const etag = (revision: number): string => `"${revision}"`;

/** The revision in `If-Match` (RFC 9110 §13.1.1); undefined without the header and for `*`. */
export const ifMatch = (request: FastifyRequest): number | undefined => {
  const value = request.headers['if-match'];
  if (value === undefined || value === '*') return undefined;
  const revision = /^"(\d{1,15})"$/.exec(value)?.[1];
  if (revision === undefined) {
    throw new Problem(
      400,
      'if_match_invalid',
      'The header If-Match is not an ETag of this resource.',
      'Give it as it came, such as "3".',
    );
  }
  return Number(revision);
};
