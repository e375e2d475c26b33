import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { oneHeader, originalRequest } from './original-request.ts';
import { type Requirements, readRequirements } from './read-requirements.ts';
import { GatewayRefusal, isRefusalCode, type RefusalCode } from './refusal.ts';
import { sendRefusal } from './send-refusal.ts';
import { type Identity, requestVerifier, type Verdict, type VerifyRequestNeeds } from './verify-request.ts';

export interface GatewayNeeds extends VerifyRequestNeeds {
  /** Whether the other end of the connection may say what was asked of it. */
  readonly isTrustedProxy: (remoteAddress: string | undefined) => boolean;
  readonly countDecision: (outcome: 'allowed' | 'refused', reason: RefusalCode | '') => void;
  readonly sample: (code: string, details: Readonly<Record<string, unknown>>) => void;
}

/** Printable ASCII, whatever a name holds: the rest, `%` and `,`, as the octets of its UTF-8 (RFC 3986 §2.1). */
const headerText = (text: string): string => text.replace(/[^\x20-\x7e]|[%,]/gu, (character) => encodeURIComponent(character));

/** Every one of them is always sent, so that a proxy that copies them overwrites what a client has forged. */
const identityHeaders = (identity: Identity): Readonly<Record<string, string>> => ({
  'X-Latchkey-User': headerText(identity.userName),
  'X-Latchkey-User-Id': identity.userId,
  'X-Latchkey-Groups': identity.groups.map(headerText).join(','),
  'X-Latchkey-Device': identity.deviceId,
  'X-Latchkey-Evidence': identity.evidence,
  'X-Latchkey-Organization': identity.organizationId,
  'X-Latchkey-Session': identity.sessionId,
});

/** Configurations of proxies are few, and asked for again and again. */
const MAX_QUERIES = 1000;

const requirementReader = (): ((url: string) => Requirements) => {
  const known = new Map<string, Requirements>();
  return (url) => {
    const query = url.slice(url.indexOf('?') + 1 || url.length);
    const found = known.get(query);
    if (found !== undefined) return found;
    const made = readRequirements(query);
    if (known.size < MAX_QUERIES) known.set(query, made);
    return made;
  };
};

/** Forward-auth: a proxy asks before it passes a request on to the application behind it. */
export const gatewayRoutes = (needs: GatewayNeeds): FastifyPluginAsync => {
  const verify = requestVerifier(needs);
  const requirementsOf = requirementReader();

  const judge = async (request: FastifyRequest): Promise<Verdict> => {
    if (!needs.isTrustedProxy(request.socket.remoteAddress)) {
      throw new GatewayRefusal('proxy_not_trusted', `${request.socket.remoteAddress} is not in LATCHKEY_TRUSTED_PROXIES`);
    }
    const { rawHeaders } = request.raw;
    const requirements = requirementsOf(request.url);
    return verify({
      requirements,
      original: originalRequest(rawHeaders, requirements.headers),
      authorization: oneHeader(rawHeaders, 'authorization'),
      dpop: oneHeader(rawHeaders, 'dpop'),
      caller: () => ({ remoteAddress: request.ip, correlationId: request.id }),
    });
  };

  const refuse = (request: FastifyRequest, reply: FastifyReply, { code, why }: GatewayRefusal): FastifyReply => {
    needs.countDecision('refused', code);
    needs.sample(`gateway_${code}`, { correlationId: request.id, url: request.url, detail: why });
    // Only who sets up the proxy is told more: the rest is in audit and log.
    return sendRefusal(reply, code, code.startsWith('proxy_') ? { detail: why } : {});
  };

  return async (app: FastifyInstance): Promise<void> => {
    app.get('/gateway/v1/verify', async (request, reply) => {
      let verdict: Verdict;
      try {
        verdict = await judge(request);
      } catch (error) {
        if (error instanceof GatewayRefusal) return refuse(request, reply, error);
        // What cannot be known is never a yes.
        request.log.error({ err: error }, 'the gateway cannot decide');
        needs.countDecision('refused', 'unavailable');
        return sendRefusal(reply, 'unavailable');
      }
      if (verdict.nonce !== undefined) reply.header('DPoP-Nonce', verdict.nonce);
      if (verdict.kind === 'refused') return refuse(request, reply, verdict.refusal);
      needs.countDecision('allowed', '');
      return reply.headers(identityHeaders(verdict.identity)).send();
    });

    // nginx throws away what the subrequest answered but for its status: it comes here with the code for the words.
    app.get('/gateway/v1/refusal', async (request, reply) => {
      const { 'latchkey-error': code, 'latchkey-correlation': correlationId } = request.headers;
      return sendRefusal(reply, isRefusalCode(code) ? code : 'unavailable', {
        correlationId: typeof correlationId === 'string' ? correlationId : undefined,
      });
    });
  };
};
