import type { FastifyReply } from 'fastify';
import { Problem } from '../http/problem.ts';
import { sendTextPage } from '../http/text-page.ts';
import { type RefusalCode, refusals } from './refusal.ts';

/** What a person is told who came with a browser. */
const advice = {
  401: 'This device has not shown who it is. Devices of this organization are let in by their Latchkey agent, without a sign-in page; a browser alone cannot do that. Ask your administrator whether this device is enrolled.',
  403: 'You are known, and not let in. Ask your administrator, who finds the reason by the id below.',
  503: 'Whether you may come in cannot be told at the moment, so nobody is let in. Try again in a moment.',
} as const;

/** Anything may come in a header; what we print must be ours. */
const isCorrelationId = (text: string): boolean => /^cor_[0-9a-f]{1,64}$/.test(text);

/** RFC 9449 §7.1; one header for all, because some proxies pass on only one. */
const challengeOf = (error: string, title: string): string =>
  `DPoP algs="ES256"${error === '' ? '' : `, error="${error}", error_description="${title}"`}`;

/** A refusal as whoever asks can read it: a page for a browser, a problem document (RFC 9457) for the rest. */
export const sendRefusal = (
  reply: FastifyReply,
  code: RefusalCode,
  options: { readonly detail?: string | undefined; readonly correlationId?: string | undefined } = {},
): FastifyReply => {
  const refusal = refusals[code];
  reply.header('Latchkey-Error', code).header('Vary', 'Accept');
  if ('challenge' in refusal) reply.header('WWW-Authenticate', challengeOf(refusal.challenge, refusal.title));
  if (refusal.status === 503) reply.header('Retry-After', '2');
  const { correlationId = '' } = options;
  const about = isCorrelationId(correlationId) ? { correlationId } : {};
  if (reply.request.headers.accept?.includes('text/html') === true) {
    return sendTextPage(reply, { status: refusal.status, title: refusal.title, text: advice[refusal.status], ...about });
  }
  throw new Problem(refusal.status, code, refusal.title, options.detail, { extensions: about });
};
