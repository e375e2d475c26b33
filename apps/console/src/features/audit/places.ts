/** Where what an event is about is looked at: the page of its noun, below the organization. */
const pages: Readonly<Record<string, string>> = {
  administrator: 'administration/administrators',
  department: 'directory/departments',
  device: 'devices',
  'device-token': 'devices/tokens',
  domain: 'sign-in/domains',
  group: 'directory/groups',
  import: 'directory/imports',
  user: 'directory/users',
};

/** The page that shows an actor or subject, and what is open in it; undefined if there is none. */
export const placeOf = (who: string): { readonly path: string; readonly open: string } | undefined => {
  const [noun = '', ...id] = who.split(':');
  const path = pages[noun];
  return path === undefined || id.length === 0 ? undefined : { path, open: id.join(':') };
};

/** `device:dev_019a…` as `device …3f2a81`: ids end at random. */
export const shorten = (who: string): string => who.replace(/:[a-z]{2,4}_[0-9a-f]{26}([0-9a-f]{6})$/, ' …$1');
