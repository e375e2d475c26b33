import {
  checkDpop,
  DeviceError,
  DPOP_TYPE,
  type EvidenceLevel,
  meetsEvidence,
  platformOf,
  readJws,
  refusalOfState,
  verifyJws,
} from '@latchkey/device';
import { type CompiledSettings, sessionEnd } from '@latchkey/settings';
import { recent } from '../recent.ts';
import type { OriginalRequest } from './original-request.ts';
import { nonceReader } from './read-nonce.ts';
import type { Requirements } from './read-requirements.ts';
import { GatewayRefusal, type RefusalCode } from './refusal.ts';
import type { Replays } from './replays.ts';
import type { GatewayApplication, GatewayStorage, Standing } from './store.ts';
import { type AccessToken, type AccessTokenNeeds, accessTokenVerifier } from './verify-access-token.ts';

/** Who is let through, for the application behind the proxy. */
export interface Identity {
  readonly userName: string;
  readonly userId: string;
  readonly groups: readonly string[];
  readonly deviceId: string;
  readonly evidence: EvidenceLevel;
  readonly organizationId: string;
  readonly sessionId: string;
}

export type Verdict = (
  | { readonly kind: 'allowed'; readonly identity: Identity }
  | { readonly kind: 'refused'; readonly refusal: GatewayRefusal }
) & {
  /** For the device's next proof. */
  readonly nonce: string | undefined;
};

export interface VerifyRequestNeeds extends AccessTokenNeeds {
  readonly storage: GatewayStorage;
  readonly activeSettings: (organizationId: string) => Promise<CompiledSettings | undefined>;
  readonly deviceKey: (
    deviceId: string,
  ) => Promise<{ readonly organizationId: string; readonly verify: (text: string, signature: string) => boolean } | undefined>;
  readonly nonces: {
    readonly create: (organizationId: string, holder: string) => string;
    readonly read: (nonce: string, organizationId: string, holder: string) => number | undefined;
  };
  readonly replays: Replays;
  readonly monotonicNow: () => number;
  /** Refusals of one device for one reason that were audited in this minute: 0 seconds to wait, or more. */
  readonly audited: { readonly take: (key: string) => number };
}

export interface AskedRequest {
  readonly requirements: Requirements;
  readonly original: OriginalRequest;
  /** The one header of this name, or undefined. */
  readonly authorization: string | undefined;
  readonly dpop: string | undefined;
  /** For the audit. */
  readonly caller: () => { readonly remoteAddress: string; readonly correlationId: string };
}

/** 2 s at most (design), less the time that answers take: a revocation is in force everywhere within them. */
const MAX_AGE = 1500;
const MAX_SESSIONS = 50_000;
const MAX_APPLICATIONS = 1000;
/** A nonce that has less than this to go is replaced: the next request need not come back for one. */
const NONCE_REST = 30_000;

const isId = (text: string): boolean => /^[\w-]{1,128}$/.test(text);

interface Site {
  readonly organizationId: string;
  readonly active: boolean;
  readonly application: GatewayApplication | undefined;
}

const refuse = (code: RefusalCode, why: string): GatewayRefusal => new GatewayRefusal(code, why);

/** RFC 9110 §11.4: the scheme in any case, then one token. */
const readCredentials = (authorization: string | undefined): { readonly bound: boolean; readonly token: string } => {
  if (authorization === undefined) throw refuse('sign_in_needed', 'no Authorization header, or several');
  const [, scheme = '', token = ''] = /^(dpop|bearer) +([\w.~+/=-]+)$/i.exec(authorization) ?? [];
  if (token === '') throw refuse('sign_in_needed', 'Authorization is neither DPoP nor Bearer with a token');
  return { bound: scheme.toLowerCase() === 'dpop', token };
};

/** What neither device nor user can change by themselves, as it stands now. */
const judgeStanding = (
  standing: Standing | undefined,
  asked: {
    readonly token: AccessToken;
    readonly site: Site;
    readonly settings: CompiledSettings | undefined;
    readonly now: number;
  },
): Standing => {
  const { token, site, settings, now } = asked;
  if (!site.active) throw refuse('organization_suspended', site.organizationId);
  if (standing === undefined) throw refuse('session_ended', `session ${token.sessionId} is not known`);
  const { session, user, device } = standing;
  if (user.id !== token.userId || device.id !== token.deviceId || (token.jkt !== undefined && device.jkt !== token.jkt)) {
    throw refuse('token_invalid', 'user, device or key are not those of the session');
  }
  if (user.state !== 'active') throw refuse('user_disabled', `user ${user.id} is ${user.state}`);
  const code = refusalOfState(device.state);
  if (code !== undefined) throw refuse(code, `device ${device.id} is ${device.state}`);
  if (session.endedAt !== undefined || now >= sessionEnd(settings, session))
    throw refuse('session_ended', `session ${session.id}`);
  return standing;
};

const judgeRequirements = ({ device, groups }: Standing, application: GatewayApplication, requirements: Requirements): void => {
  for (const wanted of [application.minEvidence, requirements.evidence]) {
    if (!meetsEvidence(device.evidence, wanted))
      throw refuse('evidence_too_low', `${device.evidence} where ${wanted} is asked for`);
  }
  if (
    requirements.groups.length > 0 &&
    !groups.some(({ id, name }) => requirements.groups.includes(name) || requirements.groups.includes(id))
  ) {
    throw refuse('group_needed', `not in ${requirements.groups.join(', ')}`);
  }
  const platform = platformOf(device.parameters.osName ?? '');
  if (requirements.platforms.length > 0 && !requirements.platforms.some((each) => each === platform)) {
    throw refuse('platform_refused', `${platform ?? 'no platform'} where ${requirements.platforms.join(', ')} is asked for`);
  }
};

/**
 * Judges one request to a site behind a proxy. Verified in this order: the site, the access token, the device's proof for this very request
 * (RFC 9449 §7.1), then how session, user, device and organization stand now, then what the proxy asks for. Whatever it throws means that
 * it cannot know.
 */
export const requestVerifier = (needs: VerifyRequestNeeds): ((asked: AskedRequest) => Promise<Verdict>) => {
  const { storage, nonces, replays } = needs;
  const limits = { maxAge: MAX_AGE, monotonicNow: needs.monotonicNow };
  const sites = recent<Site | undefined>({ ...limits, maxEntries: MAX_APPLICATIONS });
  const standings = recent<Standing | undefined>({ ...limits, maxEntries: MAX_SESSIONS });
  const verifyAccessToken = accessTokenVerifier(needs);
  const readNonce = nonceReader({ read: nonces.read, now: needs.now });

  const findSite = ({ organization, name }: Requirements['application']): Promise<Site | undefined> =>
    sites(`${organization} ${name}`, async () => {
      const byId = name.startsWith('app_');
      const organizationId = byId ? isId(name) && (await storage.server.findApplicationOrganization(name)) : organization;
      if (!organizationId || !isId(organizationId) || (organization !== '' && organization !== organizationId)) return undefined;
      const { read } = storage.organization(organizationId);
      const [found, application] = await Promise.all([
        storage.server.findOrganization(organizationId),
        byId ? read.findApplication(name) : read.findApplicationByIdentifier(name),
      ]);
      return found && { organizationId, active: found.state === 'active', application };
    });

  /** The proof by the key that the token is bound to. Throws `DeviceError`. */
  const checkProof = async (
    asked: AskedRequest,
    proven: { readonly organizationId: string; readonly token: AccessToken; readonly digest: string; readonly holder: string },
  ): Promise<{ readonly jti: string; readonly until: number }> => {
    const { organizationId, token, digest, holder } = proven;
    if (asked.dpop === undefined) throw new DeviceError('proof_malformed', 'the header DPoP is missing, or there are several');
    // The key that was enrolled, not the one in the proof; that its thumbprint is the token's is checked with the session.
    const key = await needs.deviceKey(token.deviceId);
    if (key?.organizationId !== organizationId) throw new DeviceError('proof_device', 'the device is not of this organization');
    const { method: htm, url: htu } = asked.original;
    const proof = checkDpop(verifyJws(readJws(asked.dpop), DPOP_TYPE, key), { htm, htu, ath: digest });
    const until = readNonce(proof.nonce, organizationId, holder);
    if (until === undefined) throw new DeviceError('use_dpop_nonce', 'nonce is not ours for this device, or too old');
    return { jti: proof.jti, until };
  };

  const audit = async (
    { caller, original }: AskedRequest,
    { site, token, refusal }: { readonly site: Site; readonly token: AccessToken; readonly refusal: GatewayRefusal },
  ): Promise<void> => {
    const about = site.application?.id ?? '';
    // A page has a hundred parts, all refused alike.
    if (needs.audited.take(`${token.sessionId} ${about} ${refusal.code}`) > 0) return;
    await storage.organization(site.organizationId).transaction((store) =>
      store.appendAuditEvent({
        actor: `device:${token.deviceId}`,
        action: 'gateway.refused',
        outcome: 'refused',
        reason: refusal.code,
        subject: `application:${about}`,
        ...caller(),
        details: {
          why: refusal.why,
          session: token.sessionId,
          userId: token.userId,
          method: original.method,
          url: original.url.slice(0, 512),
        },
      }),
    );
  };

  return async (asked) => {
    let nonce: string | undefined;
    let proven: { readonly site: Site; readonly token: AccessToken } | undefined;
    try {
      const { requirements, original } = asked;
      const site = await findSite(requirements.application);
      if (site?.application === undefined) throw refuse('application_unknown', requirements.application.name);
      const { organizationId, application } = site;
      if (application.kind !== 'gateway') {
        throw refuse('proxy_misconfigured', `application ${application.id} is not one behind the gateway`);
      }
      if (original.origin !== application.identifier) {
        throw refuse('proxy_misconfigured', `${original.origin} was asked for, the application is ${application.identifier}`);
      }
      if (!application.enabled) throw refuse('application_disabled', application.id);

      const credentials = readCredentials(asked.authorization);
      const { claims: token, digest } = await verifyAccessToken(organizationId, credentials.token);
      if (token.audience !== application.identifier) throw refuse('token_invalid', 'aud is another application');
      if (!credentials.bound) {
        if (!application.allowBearer) throw refuse('bearer_refused', 'the application takes no bearer tokens');
        // RFC 9449 §7.2: a bound token must not be taken as a bearer token.
        if (token.jkt !== undefined) throw refuse('bearer_refused', 'the access token is bound to a key');
      } else {
        if (token.jkt === undefined) throw refuse('token_invalid', 'the access token is bound to no key');
        const holder = `gateway ${replays.scope} ${token.jkt}`;
        const createNonce = (): string => nonces.create(organizationId, holder);
        try {
          const { jti, until } = await checkProof(asked, { organizationId, token, digest, holder });
          if (!(await replays.useOnce(organizationId, `gateway ${token.jkt} ${jti}`, until))) {
            throw new DeviceError('proof_replayed', 'jti was used before');
          }
          if (until - needs.now() < NONCE_REST) nonce = createNonce();
        } catch (error) {
          if (!(error instanceof DeviceError)) throw error;
          nonce = createNonce();
          const code = error.code === 'use_dpop_nonce' ? 'use_dpop_nonce' : 'request_refused';
          throw new GatewayRefusal(code, error.message, { cause: error });
        }
      }
      proven = { site, token };

      const [found, settings] = await Promise.all([
        standings(`${organizationId} ${token.sessionId}`, () =>
          storage.organization(organizationId).read.findStanding(token.sessionId),
        ),
        needs.activeSettings(organizationId),
      ]);
      const standing = judgeStanding(found, { token, site, settings, now: needs.now() });
      const { user, device, session } = standing;
      judgeRequirements(standing, application, requirements);
      return {
        kind: 'allowed',
        nonce,
        identity: {
          userName: user.userName,
          userId: user.id,
          groups: standing.groups.map(({ name }) => name),
          deviceId: device.id,
          evidence: device.evidence,
          organizationId,
          sessionId: session.id,
        },
      };
    } catch (error) {
      if (!(error instanceof GatewayRefusal)) throw error;
      if (proven !== undefined) await audit(asked, { ...proven, refusal: error });
      return { kind: 'refused', refusal: error, nonce };
    }
  };
};
