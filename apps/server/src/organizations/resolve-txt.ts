import { Resolver } from 'node:dns/promises';

/** The TXT records of a name; `unknown` if nobody could be asked. */
export type ResolveTxt = (name: string) => Promise<readonly string[] | 'unknown'>;

const timeoutMilliseconds = 3_000;
const tries = 2;

/** Asks these name servers, or those of the machine. */
export const txtResolver = (servers: readonly string[]): ResolveTxt => {
  const resolver = new Resolver({ timeout: timeoutMilliseconds, tries });
  if (servers.length > 0) resolver.setServers(servers);
  return async (name) => {
    try {
      // RFC 7208 §3.3: the strings of one record are one text.
      return (await resolver.resolveTxt(name)).map((strings) => strings.join(''));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException; // node:dns throws nothing else
      return code === 'ENOTFOUND' || code === 'ENODATA' ? [] : 'unknown';
    }
  };
};
