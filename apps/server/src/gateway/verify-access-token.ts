import { DeviceError, type JsonObject, type PublicJwk, readJws, verifyJws } from '@latchkey/device';
import { GatewayRefusal } from './refusal.ts';

/** What a verified access token says (RFC 9068). */
export interface AccessToken {
  readonly audience: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  readonly userId: string;
  readonly sessionId: string;
  readonly deviceId: string;
  /** Thumbprint of the key it is bound to (RFC 9449 §6.1); undefined for a bearer token. */
  readonly jkt: string | undefined;
}

export interface AccessTokenNeeds {
  readonly origin: string;
  readonly organizationKeys: (
    organizationId: string,
  ) => Promise<{ readonly tokenVerify: readonly { readonly kid: string; readonly publicJwk: PublicJwk }[] }>;
  readonly importKey: (jwk: PublicJwk) => { readonly verify: (text: string, signature: string) => boolean };
  readonly sha256: (text: string) => string;
  readonly now: () => number;
}

const MAX_TOKENS = 20_000;

const refuse = (why: string, cause?: unknown): GatewayRefusal => new GatewayRefusal('token_invalid', why, { cause });

const textOf = (payload: JsonObject, name: string): string => {
  const value = payload[name];
  if (typeof value !== 'string' || value === '') throw refuse(`${name} is not text`);
  return value;
};

const jktOf = ({ cnf }: JsonObject): string | undefined => {
  if (cnf === undefined) return undefined;
  const jkt = typeof cnf === 'object' && cnf !== null && 'jkt' in cnf ? cnf.jkt : undefined;
  // RFC 7800 §3.1: a confirmation that is not understood must not be passed over.
  if (typeof jkt !== 'string') throw refuse('cnf holds no jkt');
  return jkt;
};

const readClaims = (payload: JsonObject): AccessToken => {
  const { exp } = payload;
  if (typeof exp !== 'number') throw refuse('exp is not a number');
  return {
    audience: textOf(payload, 'aud'),
    expiresAt: exp,
    userId: textOf(payload, 'sub'),
    sessionId: textOf(payload, 'sid'),
    deviceId: textOf(payload, 'device_id'),
    jkt: jktOf(payload),
  };
};

interface Verified {
  readonly organizationId: string;
  /** Of the key it is signed with. */
  readonly kid: string;
  readonly claims: AccessToken;
  /** What a proof names it by (RFC 9449 §4.2, `ath`). */
  readonly digest: string;
}

/**
 * Verifies access tokens of an organization by its own keys. Each is verified once and then known by its text until it expires, so that a
 * request costs one signature: that of its proof. That the session still lives is not the token's to say.
 */
export const accessTokenVerifier = (needs: AccessTokenNeeds): ((organizationId: string, token: string) => Promise<Verified>) => {
  const keys = new Map<string, ReturnType<AccessTokenNeeds['importKey']>>();
  const kept = new Map<string, Verified>();

  const verify = async (organizationId: string, token: string): Promise<Verified> => {
    const { tokenVerify } = await needs.organizationKeys(organizationId);
    try {
      const jws = readJws(token);
      const own = tokenVerify.find(({ kid }) => kid === jws.kid);
      if (own === undefined) throw refuse('kid is not that of a key of ours');
      const { kid, publicJwk } = own;
      const key = keys.get(kid) ?? needs.importKey(publicJwk);
      keys.set(kid, key);
      // RFC 9068 §4: typ keeps every other JWT of ours from being one of these.
      const payload = verifyJws(jws, 'at+jwt', key);
      if (payload.iss !== `${needs.origin}/oidc/${organizationId}`) throw refuse('iss is not this organization');
      return { organizationId, kid, claims: readClaims(payload), digest: needs.sha256(token) };
    } catch (error) {
      if (error instanceof DeviceError) throw refuse(error.message, error);
      throw error;
    }
  };

  return async (organizationId, token) => {
    const known = kept.get(token);
    // Verified for one organization is not verified for another, and what a key has signed is not once it is removed.
    const holds =
      known?.organizationId === organizationId &&
      (await needs.organizationKeys(organizationId)).tokenVerify.some(({ kid }) => kid === known.kid);
    const verified = holds ? known : await verify(organizationId, token);
    kept.delete(token);
    if (needs.now() >= verified.claims.expiresAt * 1000) throw refuse('it has expired');
    // A Map is in the order of insertion: what is used is put last, what is first is dropped.
    kept.set(token, verified);
    const [oldest] = kept.keys();
    if (kept.size > MAX_TOKENS && oldest !== undefined) kept.delete(oldest);
    return verified;
  };
};
