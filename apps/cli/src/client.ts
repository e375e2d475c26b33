import type { ProblemDocument } from '@latchkey/contract';
import { CliError, exit, usage } from './errors.ts';

export interface Answer<Body> {
  readonly body: Body;
  readonly etag: string | undefined;
}

/** Calls the admin API with one key. `Body` is what the contract says of the route. */
export type Call = <Body>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  more?: {
    readonly body?: unknown;
    /** A file, as it is, instead of `body`. */
    readonly upload?: { readonly type: string; readonly file: Blob };
    readonly ifMatch?: string;
    readonly query?: Readonly<Record<string, string | number | undefined>>;
    /** Wait as long as the server works on it. */
    readonly patient?: boolean;
    /** Why an operator reads data of an organization. */
    readonly breakGlass?: string;
  },
) => Promise<Answer<Body>>;

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The origin of a server, from what a person has typed. A key is never sent in the clear. */
export const readUrl = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : URL.canParse(`https://${text}`) ? new URL(`https://${text}`) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw usage(`"${text}" is not a URL.`, 'Write it like https://id.acme.com.');
  if (url.protocol === 'http:' && !loopback.test(url.hostname)) {
    throw usage(`${url.origin} would carry your key in the clear.`, 'Use https://; plain http:// is for this machine only.');
  }
  return url.origin;
};

const unreachable = (origin: string, error: unknown): CliError => {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message || error.message : String(error);
  return new CliError(`The server at ${origin} cannot be reached.`, {
    exitCode: exit.unreachable,
    code: 'unreachable',
    hint: `Is it running, and is the address right? (${reason})`,
    cause: error,
  });
};

// By hand: loading the schema library takes longer than everything else this program does.
const isProblem = (value: unknown): value is Pick<ProblemDocument, 'title' | 'detail' | 'code' | 'correlationId' | 'status'> => {
  if (typeof value !== 'object' || value === null) return false;
  const { title, detail, code, correlationId, status } = value as Readonly<Record<string, unknown>>; // an object, as checked
  return (
    [title, code, correlationId].every((each) => typeof each === 'string') &&
    (detail === undefined || typeof detail === 'string') &&
    typeof status === 'number'
  );
};

/** Sends one request; an answer that is not a success is thrown as the server's own words. */
export const send = async (
  origin: string,
  key: string | undefined,
  method: string,
  path: string,
  more: Parameters<Call>[2] = {},
): Promise<Response> => {
  const url = new URL(path, origin);
  for (const [name, value] of Object.entries(more.query ?? {}))
    if (value !== undefined) url.searchParams.set(name, String(value));
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      redirect: 'manual',
      ...(more.patient === true ? {} : { signal: AbortSignal.timeout(60_000) }),
      headers: {
        accept: 'application/json',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(more.breakGlass === undefined ? {} : { 'latchkey-break-glass': more.breakGlass }),
        ...(more.ifMatch === undefined ? {} : { 'if-match': more.ifMatch }),
        ...(more.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(more.upload === undefined ? {} : { 'content-type': more.upload.type }),
      },
      ...(more.body === undefined ? {} : { body: JSON.stringify(more.body) }),
      ...(more.upload === undefined ? {} : { body: more.upload.file }),
    });
  } catch (error) {
    throw unreachable(origin, error);
  }
  if (response.ok) return response;
  const text = await response.text().catch(() => '');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (isProblem(value)) {
    const { title, detail, code, correlationId, status } = value;
    const onlyForLogin = status === 401 ? 'Sign in again: latchkey login' : undefined;
    throw new CliError(title, {
      code,
      correlationId,
      exitCode: status === 503 ? exit.unreachable : exit.failure,
      hint: detail ?? onlyForLogin,
    });
  }
  if ([502, 503, 504].includes(response.status)) throw unreachable(origin, new Error(`HTTP ${response.status}`));
  throw new CliError(`${origin} does not answer like a Latchkey server (HTTP ${response.status}).`, {
    hint: 'Check the address: latchkey login --url https://...',
  });
};

export const client =
  (origin: string, key: string | undefined): Call =>
  async <Body>(method: string, path: string, more: Parameters<Call>[2]) => {
    const response = await send(origin, key, method, `/api/v1${path}`, more);
    const text = await response.text();
    return {
      // The server and this program share the schemas of core/contract, by which it has written the answer.
      body: (text === '' ? undefined : JSON.parse(text)) as Body,
      etag: response.headers.get('etag') ?? undefined,
    };
  };
