import { actionsOf, isEnding } from './describe-sign-in.ts';
import type { AuditEvent, AuditFilter, FoundEvents, SignInPort } from './store.ts';

export interface SignInFilter {
  readonly kind?: 'sign_in' | 'enrollment' | undefined;
  readonly result?: 'accepted' | 'refused' | undefined;
  readonly actor?: string | undefined;
  readonly from?: number | undefined;
  readonly until?: number | undefined;
}

/**
 * Sign-ins and enrollments, newest first: the events of a few actions, each read by its index, merged. What is asserted to our own service
 * provider is left out: that tells itself how it went on.
 */
export const listSignIns = async (
  read: Pick<SignInPort, 'searchAuditEvents'>,
  ownServiceProvider: string,
  { kind, result, ...filter }: SignInFilter,
  { limit, after }: { readonly limit: number; readonly after?: string },
): Promise<FoundEvents> => {
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as AuditFilter; // members of it
  const cut = { order: 'newest', limit: limit + 1, ...(after === undefined ? {} : { after }) } as const;
  const found = await Promise.all(
    actionsOf({ kind, result }).map((action) => read.searchAuditEvents({ ...given, action, ...cut })),
  );
  // Of each action everything is known down to where its page ended; ids begin with their time.
  const horizon =
    found
      .flatMap(({ next }) => next ?? [])
      .toSorted()
      .at(-1) ?? '';
  const known = found
    .flatMap(({ items }) => items)
    .filter(({ id }) => id >= horizon)
    .toSorted((a, b) => (a.id < b.id ? 1 : -1));
  const shown = known.slice(0, limit);
  const last = shown.at(-1)?.id;
  return {
    items: shown.filter(({ action, details }) => action !== 'sign_in.asserted' || details.sp !== ownServiceProvider),
    next: known.length > limit ? last : horizon === '' ? undefined : horizon,
  };
};

/** So many events may have one correlation id, or belong to one sign-in. */
const MOST = 200;
/** A sign-in is two requests to the server, a moment apart: so far is looked. */
const WITHIN = 10 * 60_000;

/** What a device shows the id of: how its attempt ended, or whatever else is known by that id. */
export const findByCorrelation = async (
  read: Pick<SignInPort, 'searchAuditEvents'>,
  correlationId: string,
): Promise<readonly AuditEvent[]> => {
  const { items } = await read.searchAuditEvents({ correlationId, order: 'newest', limit: MOST });
  const ofDevices = items.filter(({ actor }) => /^device(-token)?:/.test(actor));
  const ended = ofDevices.filter(isEnding);
  return ended.length > 0 ? ended : ofDevices;
};

/**
 * Everything that belongs to an event: what has its correlation id, and, as a sign-in is asked for at one address and delivered to another,
 * what the same device did about the same AuthnRequest. Oldest first.
 */
export const tellSignIn = async (
  read: Pick<SignInPort, 'searchAuditEvents'>,
  { id, at, actor, correlationId, details }: AuditEvent,
): Promise<readonly AuditEvent[]> => {
  const cut = { order: 'oldest', limit: MOST } as const;
  const [correlated, around] = await Promise.all([
    read.searchAuditEvents({ ...cut, correlationId }),
    details.request === undefined ? undefined : read.searchAuditEvents({ ...cut, actor, from: at - WITHIN, until: at + WITHIN }),
  ]);
  const same = (around?.items ?? []).filter((each) => each.details.request === details.request && each.id !== id);
  const all = new Map([...correlated.items, ...same].map((event) => [event.id, event]));
  return [...all.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
};
