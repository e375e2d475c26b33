import type { Area } from '@latchkey/contract';
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** Who calls the admin API: an API key, or an administrator by the console's cookie. For the operators or for one organization. */
export type Caller = {
  readonly by: 'api-key' | 'administrator';
  /** Of the key, or of the administrator. */
  readonly id: string;
  /** What its scopes, or the role, allow. */
  readonly may: (area: Area, what: 'read' | 'write') => boolean;
} & ({ readonly kind: 'operator' } | { readonly kind: 'organization'; readonly organizationId: string });

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
    /** Its answer shows only what the caller may see: no one area is needed. */
    judgedByContent?: boolean;
    /** An administrator must have shown both factors in the last minutes. */
    dangerous?: boolean;
    /** A page asks for it by itself: it does not keep a session from falling idle. */
    background?: boolean;
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
  if (request.caller === undefined) throw new Problem(401, 'unauthorized', 'An API key is needed, or a session of the console.');
  return request.caller;
};

export const actorOf = ({ by, id }: Caller): string => `${by}:${id}`;

export const actOf = (request: FastifyRequest): Act => ({
  actor: actorOf(callerOf(request)),
  remoteAddress: request.ip,
  correlationId: request.id,
});
