import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent } from 'react';

/** What lists are about, by the word that an event's type begins with; whatever is not here is asked for when it is looked at. */
const lists: Readonly<Record<string, string>> = {
  application: 'applications',
  department: 'directory',
  device: 'devices',
  enrollment: 'devices',
  device_token: 'device-tokens',
  group: 'directory',
  import: 'directory',
  settings: 'settings',
  domain: 'domains',
  organization: 'organizations',
  session: 'sessions',
  user: 'directory',
  administrator: 'administrators',
  api_key: 'api-keys',
  retention: 'retention',
  role: 'administrators',
  signing_key: 'signing-keys',
};

const RESET = 'reset';

/** What has to be asked anew after an event: the first part of query keys, or `reset` for everything. */
export const listOf = (data: string): string | undefined => {
  const { type }: { type?: unknown } = JSON.parse(data);
  if (type === RESET) return RESET;
  return typeof type === 'string' ? lists[type] : undefined;
};

/** An event of the audit as it is told of: by its id there, and what was done. */
export interface Heard {
  readonly eventId: string;
  readonly action: string;
}
const listeners = new Set<(heard: Heard) => void>();

/** For pages that say what is new instead of moving under the reader. */
export const useHeard = (listener: (heard: Heard) => void): void => {
  const latest = useEffectEvent(listener);
  useEffect(() => {
    const hear = (heard: Heard) => latest(heard);
    listeners.add(hear);
    return () => void listeners.delete(hear);
  }, []);
};

/** Milliseconds within which many events are one. */
const GATHER = 300;

/** Follows what happens in the organization, for as long as its pages are open: what others do shows up by itself. */
export const useLive = (organization: string | undefined): void => {
  const queryClient = useQueryClient();
  useEffect(() => {
    if (organization === undefined) return;
    const stale = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const events = new EventSource(`/api/v1/organizations/${organization}/events`);
    events.onmessage = ({ data, lastEventId }) => {
      const { action }: { action?: unknown } = JSON.parse(String(data));
      for (const hear of listeners) hear({ eventId: lastEventId, action: String(action) });
      const list = listOf(String(data));
      if (list === undefined) return;
      // The browser was away for too long to be told of each.
      if (list === RESET) return void queryClient.invalidateQueries();
      stale.add(list);
      timer ??= setTimeout(() => {
        timer = undefined;
        // Whatever a list shows, the overview counts.
        for (const each of [...stale, 'overview']) void queryClient.invalidateQueries({ queryKey: [each, organization] });
        stale.clear();
      }, GATHER);
    };
    return () => {
      events.close();
      clearTimeout(timer);
    };
  }, [organization, queryClient]);
};
