/** Cookies of one site visit: kept in memory, each sent to the origin it came from only. */
export interface CookieJar {
  readonly header: (url: URL) => Readonly<Record<string, string>>;
  readonly take: (url: URL, setCookie: readonly string[] | undefined) => void;
}

interface Cookie {
  readonly value: string;
  readonly path: string;
}

/** RFC 6265 §5.1.4. */
const pathMatches = (requestPath: string, cookiePath: string): boolean =>
  requestPath === cookiePath ||
  (requestPath.startsWith(cookiePath) && (cookiePath.endsWith('/') || requestPath[cookiePath.length] === '/'));

const defaultPath = (pathname: string): string => pathname.slice(0, Math.max(1, pathname.lastIndexOf('/')));

export const createCookieJar = (): CookieJar => {
  const jars = new Map<string, Map<string, Cookie>>();
  return {
    header: (url) => {
      const pairs = [...(jars.get(url.origin) ?? [])]
        .filter(([, { path }]) => pathMatches(url.pathname, path))
        .map(([name, { value }]) => `${name}=${value}`);
      return pairs.length === 0 ? {} : { cookie: pairs.join('; ') };
    },
    take: (url, setCookie) => {
      const jar = jars.get(url.origin) ?? new Map<string, Cookie>();
      jars.set(url.origin, jar);
      for (const line of setCookie ?? []) {
        const [pair = '', ...attributes] = line.split(';');
        const split = pair.indexOf('=');
        if (split < 1) continue;
        const name = pair.slice(0, split).trim();
        const given = new Map(
          attributes.map((attribute) => {
            const [key = '', ...value] = attribute.split('=');
            return [key.trim().toLowerCase(), value.join('=').trim()];
          }),
        );
        const maxAge = given.get('max-age');
        const expires = given.get('expires');
        const over = maxAge === undefined ? expires !== undefined && Date.parse(expires) <= Date.now() : Number(maxAge) <= 0;
        const path = given.get('path');
        if (over) jar.delete(name);
        else
          jar.set(name, { value: pair.slice(split + 1).trim(), path: path?.startsWith('/') ? path : defaultPath(url.pathname) });
      }
    },
  };
};
