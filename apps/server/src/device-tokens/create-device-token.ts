import { type DeviceToken, formatDeviceToken, LOOKUP_LENGTH, type Platform, SECRET_LENGTH } from '@latchkey/device';
import { foldDomain } from '@latchkey/directory';
import type { Act } from '../http/caller.ts';
import { parseNetwork } from '../http/network.ts';
import { Problem } from '../http/problem.ts';
import type { DeviceTokenStorage } from './store.ts';

/** reference system §1: live tokens of one organization. */
const maxLive = 16;

/** reference system §1: the creation password is input only. It is checked and forgotten. */
const goodPassword = (password: string): boolean =>
  [...password].length >= 6 && /\p{L}/u.test(password) && /\p{Nd}/u.test(password);

export interface CreateDeviceTokenNeeds {
  readonly storage: DeviceTokenStorage;
  /** Keyed hash of a whole device token. */
  readonly hashToken: (token: string) => string;
  readonly randomText: (length: number) => string;
  readonly newId: (prefix: string) => string;
  readonly now: () => number;
}

const readNetworks = (texts: readonly string[]): readonly string[] => {
  const networks = texts.map((text) => {
    const network = parseNetwork(text);
    if (network !== undefined) return network;
    throw new Problem(400, 'network_invalid', `"${text}" is not a network.`, 'Write it as 192.0.2.0/24 or 2001:db8::/32.');
  });
  return [...new Set(networks)].sort();
};

/** Makes a fleet secret. What is returned as `secret` exists nowhere else: it is kept as a keyed hash. */
export const createDeviceToken = async (
  needs: CreateDeviceTokenNeeds,
  act: Act,
  input: {
    readonly organizationId: string;
    readonly description: string;
    readonly enrollment: DeviceToken['enrollment'];
    readonly password?: string | undefined;
    readonly expiresInSeconds: number;
    readonly maxEnrollments: number | null;
    readonly domains: readonly string[];
    readonly platforms: readonly Platform[];
    readonly networks: readonly string[];
  },
): Promise<{ readonly token: DeviceToken; readonly secret: string }> => {
  if (input.password !== undefined && !goodPassword(input.password)) {
    throw new Problem(
      400,
      'password_weak',
      'The password for creating a token has at least 6 characters, among them a letter and a digit.',
      'Or leave it out: it is not needed, and never asked for again.',
    );
  }
  const networks = readNetworks(input.networks);
  const domains = [...new Set(input.domains.map(foldDomain))].sort();
  const lookup = needs.randomText(LOOKUP_LENGTH);
  const secret = formatDeviceToken({ lookup, secret: needs.randomText(SECRET_LENGTH) });
  return needs.storage.organization(input.organizationId).transaction(async (store) => {
    const at = needs.now();
    const proved = await store.listProvedDomains();
    const foreign = domains.filter((domain) => !proved.includes(domain));
    if (foreign.length > 0) {
      throw new Problem(
        400,
        'domain_not_proved',
        `${foreign.join(', ')}: not a domain of this organization.`,
        proved.length === 0 ? 'It has no domain yet. Ask an operator to grant one.' : `Its domains are: ${proved.join(', ')}.`,
      );
    }
    if ((await store.countLiveDeviceTokens(at)) >= maxLive) {
      throw new Problem(
        409,
        'too_many_device_tokens',
        `An organization has at most ${maxLive} live device tokens.`,
        'Revoke one that is not needed any more; devices it enrolled stay enrolled.',
      );
    }
    const token: DeviceToken = {
      id: needs.newId('tok'),
      organizationId: input.organizationId,
      description: input.description,
      lookup,
      hash: needs.hashToken(secret),
      hint: secret.slice(-4),
      domains,
      enrollment: input.enrollment,
      maxEnrollments: input.maxEnrollments,
      enrollments: 0,
      createdAt: at,
      createdBy: act.actor,
      expiresAt: at + input.expiresInSeconds * 1000,
      revokedAt: null,
      lastUsedAt: null,
      platforms: [...new Set(input.platforms)].sort(),
      networks,
      rotatedTo: null,
    };
    await store.insertDeviceToken(token);
    await store.appendAuditEvent({
      ...act,
      action: 'device_token.created',
      outcome: 'success',
      reason: '',
      subject: `device-token:${token.id}`,
      details: {
        description: token.description,
        hint: token.hint,
        domains: token.domains,
        platforms: token.platforms,
        networks: token.networks,
        enrollment: token.enrollment,
        maxEnrollments: token.maxEnrollments,
        expiresAt: new Date(token.expiresAt).toISOString(),
      },
    });
    return { token, secret };
  });
};
