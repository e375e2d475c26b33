import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

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
  user: 'directory',
  administrator: 'administrators',
};

const RESET = 'reset';

/** What has to be asked anew after an event: the first part of query keys, or `reset` for everything. */
export const listOf = (data: string): string | undefined => {
  const { type }: { type?: unknown } = JSON.parse(data);
  if (type === RESET) return RESET;
  return typeof type === 'string' ? lists[type] : undefined;
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
    events.onmessage = ({ data }) => {
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
