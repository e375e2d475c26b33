import { randomUUID } from 'node:crypto';
import { buildDpop, DPOP_TYPE, signJws } from '@latchkey/device';
import { headerOf } from './cloud.ts';
import { AgentError } from './errors.ts';
import type { HttpAnswer, HttpClient } from './http.ts';
import { type DeviceKey, sha256 } from './key.ts';

/**
 * GET of a page with an access token and a proof for this very request (RFC 9449 §7.1). The server's nonce is not known at first: it comes
 * with the first refusal. Follows no redirect: the token is for this site.
 */
export const fetchPage = async (
  { http, key }: { readonly http: HttpClient; readonly key: DeviceKey },
  { url, accessToken }: { readonly url: URL; readonly accessToken: string },
): Promise<HttpAnswer> => {
  const attempt = (nonce?: string): Promise<HttpAnswer> => {
    const proof = buildDpop({
      htm: 'GET',
      htu: url.href,
      ath: sha256(accessToken),
      jti: randomUUID(),
      iat: Math.floor(Date.now() / 1000),
      nonce: '',
    });
    // Without a value it is left out (RFC 9449 §4.2: only what the server has given).
    const dpop = signJws({ typ: DPOP_TYPE, jwk: key.jwk }, { ...proof, nonce }, key);
    return http.request({ method: 'GET', url, headers: { accept: '*/*', authorization: `DPoP ${accessToken}`, dpop } });
  };
  const first = await attempt();
  const nonce = headerOf(first, 'dpop-nonce');
  const again = first.status === 401 && headerOf(first, 'www-authenticate')?.includes('"use_dpop_nonce"') && nonce !== undefined;
  const answer = again ? await attempt(nonce) : first;
  if (answer.status < 300 || answer.status >= 400) return answer;
  throw new AgentError('redirect_refused', `${url.origin} redirects ${url.pathname}, which an agent does not follow.`, {
    hint: `It leads to ${headerOf(answer, 'location') ?? 'nowhere'}.`,
  });
};
