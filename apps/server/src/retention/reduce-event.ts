/** What in an event's details tells who it was, or at which machine. */
const personal: ReadonlySet<string> = new Set([
  'userName',
  'displayName',
  'email',
  'loginName',
  'hostName',
  'serial',
  'machineId',
  'externalDeviceId',
  'parameters',
  'remoteAddress',
]);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const withoutNames = (details: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(details)
      .filter(([name]) => !personal.has(name))
      .map(([name, value]) => [name, isRecord(value) ? withoutNames(value) : value]),
  );

/** Who acts on purpose stands for it as long as the event is kept; for what machines and strangers cause, ids are enough. */
const answersForIt = (actor: string): boolean => /^(administrator|api-key|operator)\b/.test(actor);

/**
 * An event without its sign-in details: never with the address it came from, and without names where a device caused it. Ids stay: who is still
 * here can be looked up by them.
 */
export const reduceEvent = <Event extends { readonly actor: string; readonly details: Readonly<Record<string, unknown>> }>(
  event: Event,
): Event & { readonly remoteAddress: '' } => ({
  ...event,
  remoteAddress: '',
  details: answersForIt(event.actor) ? event.details : withoutNames(event.details),
});
