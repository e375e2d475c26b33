import { formatToken, LOOKUP_LENGTH, parseToken, SECRET_LENGTH } from '@latchkey/device';
import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import { sourceOf } from './endpoint.ts';
import type { ScimStorage, ScimToken } from './store.ts';

/** Prefixed for secret scanners, with a checksum, like a device token. */
const prefix = 'lkp_';

/** So that a new one can be given to the client before the old one ends. */
const maxLive = 2;

export interface TokenNeeds {
  readonly storage: ScimStorage;
  /** Keyed hash of a whole token. */
  readonly hashScimToken: (token: string) => string;
  readonly equal: (one: string, other: string) => boolean;
  readonly randomText: (length: number) => string;
  readonly newId: (prefix: string) => string;
  readonly now: () => number;
}

/** The identity provider must be there, in the draft at least. */
const checkIdp = async (needs: Pick<TokenNeeds, 'storage'>, organizationId: string, idp: string): Promise<void> => {
  const draft = await needs.storage.organization(organizationId).read.findDraft();
  if (draft?.document.identityProviders.some(({ id }) => id === idp) === true) return;
  throw new Problem(404, 'idp_unknown', `There is no identity provider "${idp}".`, 'Add it first: latchkey idp add --help');
};

/** Makes a bearer token of a provisioning source, good at once. What is returned as `secret` exists nowhere else. */
export const createScimToken = async (
  needs: TokenNeeds,
  act: Act,
  input: {
    readonly organizationId: string;
    readonly idp: string;
    readonly description: string;
    readonly expiresInSeconds: number;
  },
): Promise<{ readonly token: ScimToken; readonly secret: string }> => {
  const { organizationId, idp, description } = input;
  await checkIdp(needs, organizationId, idp);
  const lookup = needs.randomText(LOOKUP_LENGTH);
  const secret = formatToken(prefix, { lookup, secret: needs.randomText(SECRET_LENGTH) });
  return needs.storage.organization(organizationId).transaction(async (store) => {
    const at = needs.now();
    if ((await store.countLiveScimTokens(idp, at)) >= maxLive) {
      throw new Problem(
        409,
        'too_many_scim_tokens',
        `An identity provider has at most ${maxLive} live SCIM tokens.`,
        'Give the newer one to the client, revoke the older one (latchkey scim token revoke), and try again.',
      );
    }
    const token: ScimToken = {
      id: needs.newId('sct'),
      idp,
      description,
      lookup,
      hash: needs.hashScimToken(secret),
      hint: secret.slice(-4),
      createdAt: at,
      createdBy: act.actor,
      expiresAt: at + input.expiresInSeconds * 1000,
      revokedAt: null,
      lastUsedAt: null,
    };
    await store.insertScimToken(token);
    await store.appendAuditEvent({
      ...act,
      action: 'scim_token.created',
      outcome: 'success',
      reason: '',
      subject: `scim-token:${token.id}`,
      details: { source: sourceOf(idp), description, hint: token.hint, expiresAt: new Date(token.expiresAt).toISOString() },
    });
    return { token, secret };
  });
};

/** Nobody provisions with it any more, at once. Revoking it again changes nothing. */
export const revokeScimToken = async (
  needs: Pick<TokenNeeds, 'storage' | 'now'>,
  act: Act,
  input: { readonly organizationId: string; readonly idp: string; readonly tokenId: string },
): Promise<ScimToken> =>
  needs.storage.organization(input.organizationId).transaction(async (store) => {
    const token = await store.findScimTokenById(input.idp, input.tokenId);
    if (token === undefined) throw new Problem(404, 'scim_token_unknown', 'There is no such SCIM token.');
    const at = needs.now();
    if (!(await store.revokeScimToken(token.id, at))) return token;
    await store.appendAuditEvent({
      ...act,
      action: 'scim_token.revoked',
      outcome: 'success',
      reason: '',
      subject: `scim-token:${token.id}`,
      details: { source: sourceOf(token.idp), description: token.description, hint: token.hint },
    });
    return { ...token, revokedAt: at };
  });

/** The live token that an `Authorization` header carries, if it is one of this identity provider. */
export const findBearer = async (
  needs: Pick<TokenNeeds, 'storage' | 'hashScimToken' | 'equal' | 'now'>,
  input: { readonly organizationId: string; readonly idp: string; readonly authorization: string | undefined },
): Promise<ScimToken | undefined> => {
  const [, text] = /^Bearer +([\w]+) *$/i.exec(input.authorization ?? '') ?? [];
  if (text === undefined) return undefined;
  let lookup: string;
  try {
    lookup = parseToken(prefix, text).lookup;
  } catch {
    return undefined;
  }
  const token = await needs.storage.organization(input.organizationId).read.findScimToken(lookup);
  if (token === undefined || !needs.equal(token.hash, needs.hashScimToken(text))) return undefined;
  const isLive = token.revokedAt === null && token.expiresAt > needs.now() && token.idp === input.idp;
  return isLive ? token : undefined;
};
