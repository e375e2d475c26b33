import type { FastifyRequest } from 'fastify';
import { Problem } from '../http/problem.ts';
import type { AdminStorage } from './store.ts';

const header = 'latchkey-break-glass';
const longestReason = 200;

/** Why an operator asks for data of an organization, undefined if none is asked for in that way. */
export const readBreakGlass = (request: FastifyRequest): string | undefined => {
  const value = request.headers[header];
  if (value === undefined) return undefined;
  const reason = String(value).trim();
  if (reason === '' || reason.length > longestReason || !/^[\x20-\x7e]*$/.test(reason)) {
    throw new Problem(
      400,
      'break_glass_reason_invalid',
      'Say why the data of this organization is needed.',
      `The header Latchkey-Break-Glass is a reason of 1 to ${longestReason} characters of ASCII; both logs keep it.`,
    );
  }
  return reason;
};

/** Writes down, in the organization's log and in the operators', that an operator reads data of it. Before anything is handed out. */
export const auditBreakGlass = async (
  needs: { readonly storage: AdminStorage },
  input: {
    readonly actor: string;
    readonly organizationId: string;
    readonly reason: string;
    readonly remoteAddress: string;
    readonly correlationId: string;
    readonly method: string;
    readonly path: string;
  },
): Promise<void> => {
  const { organizationId, remoteAddress, correlationId, reason, method, path } = input;
  if ((await needs.storage.server.findOrganization(organizationId)) === undefined) {
    throw new Problem(404, 'organization_unknown', 'There is no such organization.');
  }
  const event = {
    actor: input.actor,
    action: 'organization.break_glass',
    outcome: 'success',
    reason: '',
    subject: `organization:${organizationId}`,
    remoteAddress,
    correlationId,
    details: { reason, method, path },
  } as const;
  await needs.storage.serverTransaction((store) => store.appendAuditEvent(event));
  await needs.storage.organization(organizationId).transaction((store) => store.appendAuditEvent(event));
};
