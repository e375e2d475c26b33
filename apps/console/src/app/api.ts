import type { ProblemDocument } from '@latchkey/contract';

type Refusal = Pick<ProblemDocument, 'status' | 'code' | 'title'> & {
  readonly [Member in 'detail' | 'correlationId' | 'errors']?: ProblemDocument[Member] | undefined;
};

/** A refusal of the server, or that it could not be reached: what, how to mend it, and the id that finds it in log and audit. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string | undefined;
  readonly correlationId: string | undefined;
  /** Where in the request: JSON Pointers after `body`, as the server's checks give them. */
  readonly errors: readonly { readonly pointer?: unknown; readonly path?: unknown; readonly message: string }[];

  constructor(problem: Refusal) {
    super(problem.title);
    this.name = 'ApiProblem';
    this.status = problem.status;
    this.code = problem.code;
    this.detail = problem.detail;
    this.correlationId = problem.correlationId;
    this.errors = problem.errors ?? [];
  }
}

interface RequestOptions {
  /** A file goes as it is. */
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What the shell does when the server wants the password again, and when the session is over. */
interface Interruptions {
  /** Resolves to whether the administrator has proved to be the same. */
  readonly reauthenticate: () => Promise<boolean>;
  readonly signedOut: () => void;
}
let interruptions: Interruptions | undefined;
export const onInterruption = (handlers: Interruptions): void => {
  interruptions = handlers;
};

const problemOf = async (response: Response): Promise<ApiProblem> => {
  const fallback: Refusal = {
    status: response.status,
    code: 'unknown',
    title: `HTTP ${response.status}`,
    correlationId: response.headers.get('latchkey-correlation') ?? undefined,
  };
  try {
    const problem: Partial<ProblemDocument> = await response.json();
    return new ApiProblem({ ...fallback, ...problem });
  } catch {
    return new ApiProblem(fallback); // a proxy's page, most likely
  }
};

const send = async (method: Method, path: string, { body, ifMatch, signal }: RequestOptions): Promise<Response> => {
  try {
    return await fetch(`/api/v1${path}`, {
      method,
      credentials: 'same-origin',
      headers: {
        Accept: 'application/json',
        ...(method === 'GET' ? {} : { 'Latchkey-Console': '1' }),
        ...(body === undefined ? {} : { 'Content-Type': body instanceof File ? body.type : 'application/json' }),
        ...(ifMatch === undefined ? {} : { 'If-Match': ifMatch }),
      },
      ...(body === undefined ? {} : { body: body instanceof File ? body : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiProblem({ status: 0, code: 'unreachable', title: String(error) });
  }
};

/** How often the session has got a new id: with each step of signing in, and each time both factors are shown once more. */
let renewals = 0;
let renewing: Promise<unknown> = Promise.resolve();

const sendOwn = async (method: Method, path: string, options: RequestOptions): Promise<Response> => {
  const response = await send(method, path, options);
  if (response.ok) renewals += 1;
  return response;
};

/** Calls the admin API below /api/v1. The answer has the shape that the contract gives the route. @throws ApiProblem */
export const call = async <Body>(method: Method, path: string, options: RequestOptions = {}): Promise<Body> => {
  const known = renewals;
  const isOwn = path.startsWith('/console/');
  const sent = isOwn && method === 'POST' ? sendOwn(method, path, options) : send(method, path, options);
  if (isOwn && method === 'POST') renewing = sent.catch(() => undefined);
  const response = await sent;
  if (!response.ok) {
    const problem = await problemOf(response);
    if (problem.code === 'reauthentication_needed' && (await interruptions?.reauthenticate())) {
      return call(method, path, options);
    }
    if (problem.status === 401 && !isOwn) {
      // It was on its way with the id that the session has just lost.
      await renewing;
      if (renewals !== known) return call(method, path, options);
      interruptions?.signedOut();
    }
    throw problem;
  }
  const text = await response.text();
  // The server has checked it against the contract's schema when it wrote it.
  return (text === '' ? undefined : JSON.parse(text)) as Body;
};

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
  /** On the first page of a list that can be searched. */
  readonly total?: number | undefined;
  readonly totalIsEstimate?: boolean | undefined;
}

/** `?a=b` of what is given and not empty. */
export const queryString = (values: Readonly<Record<string, string | number | undefined>>): string => {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
};
