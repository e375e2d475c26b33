/**
 * A refusal for the admin and agent APIs (RFC 9457): thrown by routes, written by the error handler of `http/server.ts`.
 * `title` is one plain sentence for a person, `detail` says where and how to mend it.
 */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string | undefined;
  /** Further members of the problem document, such as `openUrl` or `errors`. */
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    title: string,
    detail?: string,
    options: { readonly extensions?: Readonly<Record<string, unknown>>; readonly cause?: unknown } = {},
  ) {
    super(detail === undefined ? `${code}: ${title}` : `${code}: ${title} ${detail}`, { cause: options.cause });
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.title = title;
    this.detail = detail;
    this.extensions = options.extensions ?? {};
  }
}

/** The document as it goes over the wire. */
export const problemDocument = (problem: Problem, correlationId: string): Record<string, unknown> => ({
  type: `urn:latchkey:problem:${problem.code}`,
  title: problem.title,
  status: problem.status,
  code: problem.code,
  ...(problem.detail === undefined ? {} : { detail: problem.detail }),
  correlationId,
  ...problem.extensions,
});

/** To an administrator, before something dangerous: both factors were not shown in the last minutes. */
export const reauthenticationNeeded = (): Problem =>
  new Problem(
    403,
    'reauthentication_needed',
    'Show once more who you are.',
    'What is dangerous may be done for ten minutes after both factors were shown: POST /api/v1/console/re-authenticate.',
  );
