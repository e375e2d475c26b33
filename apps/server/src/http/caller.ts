import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** Whose API key a request of the admin API carries. */
export type Caller =
  | { readonly kind: 'operator'; readonly keyId: string }
  | { readonly kind: 'organization'; readonly keyId: string; readonly organizationId: string };

/**
 * Who may call a route of the admin API. Each route says one; a route that says none does not start.
 * `organization` is data of the organization in the path, for its own keys; `management` is for these and for operators.
 */
export type Access = 'public' | 'any' | 'operator' | 'organization' | 'management';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | undefined;
  }
  interface FastifyContextConfig {
    access?: Access;
  }
}

/** An act of a caller, as the audit wants to know it. */
export interface Act {
  readonly actor: string;
  readonly remoteAddress: string;
  readonly correlationId: string;
}

/** The caller that the admin API's hook has found out. */
export const callerOf = (request: FastifyRequest): Caller => {
  if (request.caller === undefined) throw new Problem(401, 'unauthorized', 'An API key is needed.');
  return request.caller;
};

export const actOf = (request: FastifyRequest): Act => ({
  actor: `api-key:${callerOf(request).keyId}`,
  remoteAddress: request.ip,
  correlationId: request.id,
});
