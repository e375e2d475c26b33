import type { DomainReadinessView, LockedOutUserView, ReadinessView, WayInView } from '@latchkey/contract';
import { foldUserName } from '@latchkey/directory';
import { type CompiledSettings, compile, type Route, route } from '@latchkey/settings';
import { readDraft } from './read-draft.ts';
import type { LockedOutUser, ReadinessPort, UserCount, WaysIn } from './readiness-store.ts';

/** A device that was not seen for so long may be gone. */
const NOT_SEEN = 30 * 86_400_000;
/** The last sign-ins that are looked at for who has vouched. */
const SIGN_INS = 1000;
const ACCEPTED = 'sign_in.accepted';

interface Compared {
  readonly activeVersion: number | null;
  readonly revision: number;
  readonly provedDomains: readonly string[];
  readonly live: CompiledSettings | undefined;
  readonly drafted: CompiledSettings | undefined;
}

const compare = async (read: ReadinessPort): Promise<Compared> => {
  const [draft, active, provedDomains] = await Promise.all([readDraft(read), read.findActiveVersion(), read.listProvedDomains()]);
  const live = active && compile(active.document, { provedDomains });
  return {
    activeVersion: active?.version ?? null,
    revision: draft.revision,
    provedDomains,
    live,
    // Before the first save there is nothing that would be activated.
    drafted: draft.revision === 0 ? live : compile(draft.document, { provedDomains }),
  };
};

const viewOf = (target: Route): WayInView =>
  target.kind === 'none'
    ? { kind: 'none', idp: null, reason: target.reason }
    : { kind: target.kind, idp: target.idp.id, reason: null };

/** How many come in: nobody, who has an enrolled device, or everybody the other identity provider knows. */
const comeIn: Readonly<Record<Route['kind'], (count: UserCount) => number>> = {
  none: () => 0,
  device: ({ withDevice }) => withDevice,
  external: ({ users }) => users,
};

/** How many come in by what is live and not by the draft: by a device those who have one, whatever else is. */
const lose = (live: Route, drafted: Route, count: UserCount): number =>
  Math.max(0, comeIn[live.kind](count) - comeIn[drafted.kind](count));

const none: UserCount = { users: 0, withDevice: 0, seen: 0 };

const isText = (value: unknown): value is string => typeof value === 'string';

/** By domain and identity provider, how often somebody came in lately. */
const countSignIns = (events: readonly { readonly details: Readonly<Record<string, unknown>> }[]) => {
  const counts = new Map<string, Map<string, number>>();
  for (const { userName, idp } of events.map(({ details }) => details)) {
    if (!isText(userName) || !isText(idp)) continue;
    const { domain } = foldUserName(userName);
    const ofDomain = counts.get(domain) ?? new Map<string, number>();
    counts.set(domain, ofDomain.set(idp, (ofDomain.get(idp) ?? 0) + 1));
  }
  return counts;
};

/** Who could sign in if the draft were activated now, domain by domain; past 10,000 users or devices estimated. */
export const judgeReadiness = async (read: ReadinessPort, now: number): Promise<ReadinessView> => {
  const seenSince = now - NOT_SEEN;
  const [compared, users, devices, signIns] = await Promise.all([
    compare(read),
    read.countUsersByDomain(seenSince),
    read.countDevicesByDomain(seenSince),
    read.searchAuditEvents({ action: ACCEPTED, order: 'newest', limit: SIGN_INS }),
  ]);
  const cameIn = countSignIns(signIns.items);
  const names = [...new Set([...compared.provedDomains, ...users.domains.keys()])].toSorted();
  const domains = names.map((domain): DomainReadinessView => {
    const [live, drafted] = [route(compared.live, domain), route(compared.drafted, domain)];
    const count = users.domains.get(domain) ?? none;
    const its = devices.domains.get(domain);
    return {
      domain,
      live: viewOf(live),
      drafted: viewOf(drafted),
      ...count,
      lockedOut: count.users - comeIn[drafted.kind](count),
      newlyLockedOut: lose(live, drafted, count),
      devices: its?.devices ?? 0,
      devicesNotSeen: its?.notSeen ?? 0,
      signIns: [...(cameIn.get(domain) ?? [])].map(([idp, times]) => ({ idp, count: times })),
    };
  });
  const sum = (name: 'users' | 'lockedOut' | 'newlyLockedOut'): number => domains.reduce((total, each) => total + each[name], 0);
  return {
    activeVersion: compared.activeVersion,
    revision: compared.revision,
    users: sum('users'),
    lockedOut: sum('lockedOut'),
    newlyLockedOut: sum('newlyLockedOut'),
    isEstimate: users.isEstimate || devices.isEstimate,
    signInsLookedAt: signIns.items.length,
    domains,
  };
};

const waysIn = (settings: CompiledSettings | undefined, domains: readonly string[]): WaysIn => ({
  device: domains.filter((domain) => route(settings, domain).kind === 'device'),
  external: domains.filter((domain) => route(settings, domain).kind === 'external'),
});

/** Which users `searchLockedOut` is to find: those the draft gives no way in. */
export const lockedOutFilter = async (
  read: ReadinessPort,
  { domain, newly }: { readonly domain: string | undefined; readonly newly: boolean },
) => {
  const { live, drafted, provedDomains } = await compare(read);
  return {
    settings: live,
    filter: {
      live: waysIn(live, provedDomains),
      drafted: waysIn(drafted, provedDomains),
      ...(domain === undefined ? {} : { domain: domain.toLowerCase() }),
      newly,
    },
  };
};

/** One of them, with when the audit last saw that user come in. */
export const viewLockedOut = async (
  read: ReadinessPort,
  settings: CompiledSettings | undefined,
  user: LockedOutUser,
): Promise<LockedOutUserView> => {
  const { domain } = foldUserName(user.userName);
  const kind = route(settings, domain).kind;
  const { items } = await read.searchAuditEvents({ action: ACCEPTED, subject: `user:${user.id}`, order: 'newest', limit: 1 });
  const [last] = items;
  return {
    ...user,
    newly: kind === 'external' || (kind === 'device' && user.devices > 0),
    lastSignIn:
      last === undefined ? null : { at: new Date(last.at).toISOString(), idp: isText(last.details.idp) ? last.details.idp : '' },
  };
};
