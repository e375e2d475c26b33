import { lookup as resolveName } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { inNetworks } from './network.ts';

/** Addresses that are not the Internet's (IANA special-purpose registries): a request from inside must not be led to them. */
const special = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
];
/** All global unicast there is (RFC 4291 §2.4): what is outside is loopback, local, mapped or translated. */
const globalIpv6 = ['2000::/3'];

const isPublic = (address: string): boolean =>
  !inNetworks(special, address) && (!address.includes(':') || address.startsWith('::ffff:') || inNetworks(globalIpv6, address));

/** Why nothing was asked, or no answer came. A sentence for the administrator, without what an internal server may have said. */
class OutboundError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'OutboundError';
  }
}

export interface Outbound {
  /** What is wrong with the URL, before anybody is asked; undefined if nothing is. */
  readonly problemOf: (url: string) => string | undefined;
  /** Posts, and answers the status alone. Redirects are not followed. Rejects with OutboundError. */
  readonly post: (
    url: string,
    message: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
  ) => Promise<{ readonly status: number }>;
}

const TIMEOUT = 10_000;
const bracketless = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1');

/**
 * The one way out: addresses that customers have chosen are asked only on the public Internet, by https, or in networks that the
 * operator allows. The address is checked after resolution, and the very address that was checked is connected to.
 */
export const createOutbound = (needs: { readonly allowedNetworks: readonly string[] }): Outbound => {
  const isAllowed = (address: string): boolean => inNetworks(needs.allowedNetworks, address);
  const problemOfAddress = (address: string, secure: boolean): string | undefined => {
    if (isAllowed(address)) return undefined;
    if (!isPublic(address))
      return `${address} is not an address of the Internet, and the operator of this server has not allowed it`;
    return secure ? undefined : 'plain http is for networks that the operator of this server has allowed';
  };

  const problemOf = (text: string): string | undefined => {
    const url = URL.parse(text);
    if (url === null || !/^https?:$/.test(url.protocol)) return 'it must be an https:// URL';
    if (url.username !== '' || url.password !== '') return 'it must not hold a user name or password';
    const host = bracketless(url.hostname);
    if (isIP(host) !== 0) return problemOfAddress(host, url.protocol === 'https:');
    return url.protocol === 'https:' || needs.allowedNetworks.length > 0
      ? undefined
      : 'plain http is for networks that the operator of this server has allowed';
  };

  return {
    problemOf,
    post: (text, { headers, body }) =>
      new Promise((resolve, reject) => {
        const problem = problemOf(text);
        if (problem !== undefined) {
          reject(new OutboundError(`${problem}.`));
          return;
        }
        const url = new URL(text);
        const secure = url.protocol === 'https:';
        // Every address must do: a name that has a public and a private one would get the private one at the second try.
        const lookup: LookupFunction = (hostname, options, done) => {
          resolveName(hostname, { ...options, all: true }, (error, addresses) => {
            if (error) return done(error, '', 0);
            const [first] = addresses;
            const refusal = addresses.map(({ address }) => problemOfAddress(address, secure)).find((each) => each !== undefined);
            if (refusal !== undefined || first === undefined) {
              return done(new OutboundError(`${refusal ?? 'the name has no address'}.`), '', 0);
            }
            return options.all === true ? done(null, [...addresses]) : done(null, first.address, first.family);
          });
        };
        const fail = (error: unknown): void => {
          const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
          reject(
            error instanceof OutboundError ? error : new OutboundError(`No answer from ${url.host}${code}.`, { cause: error }),
          );
        };
        const request = (secure ? requestHttps : requestHttp)(
          url,
          { method: 'POST', agent: false, lookup, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
          (response) => {
            resolve({ status: response.statusCode ?? 0 });
            response.destroy(); // What it says is of no interest.
          },
        );
        const timer = setTimeout(
          () => request.destroy(new OutboundError(`No answer from ${url.host} within ${TIMEOUT / 1000} s.`)),
          TIMEOUT,
        );
        request.once('close', () => clearTimeout(timer));
        request.once('error', fail);
        request.end(body);
      }),
  };
};
