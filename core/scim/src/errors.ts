import { messageUrns } from './names.ts';

/**
 * Every way a request can be refused, with the HTTP status that RFC 7644 makes part of the message (§3.12, Table 8 and 9; RFC 9865 §2.1).
 * `scimType: false` marks those for which the RFCs define no scimType: only the status tells.
 */
const scimErrors = {
  invalidFilter: { status: 400, scimType: true },
  tooMany: { status: 400, scimType: true },
  uniqueness: { status: 409, scimType: true },
  mutability: { status: 400, scimType: true },
  invalidSyntax: { status: 400, scimType: true },
  invalidPath: { status: 400, scimType: true },
  noTarget: { status: 400, scimType: true },
  invalidValue: { status: 400, scimType: true },
  invalidVers: { status: 400, scimType: true },
  sensitive: { status: 403, scimType: true },
  invalidCursor: { status: 400, scimType: true },
  expiredCursor: { status: 400, scimType: true },
  invalidCount: { status: 400, scimType: true },
  unauthorized: { status: 401, scimType: false },
  forbidden: { status: 403, scimType: false },
  notFound: { status: 404, scimType: false },
  methodNotAllowed: { status: 405, scimType: false },
  conflict: { status: 409, scimType: false },
  preconditionFailed: { status: 412, scimType: false },
  payloadTooLarge: { status: 413, scimType: false },
  unsupportedMediaType: { status: 415, scimType: false },
  tooManyRequests: { status: 429, scimType: false },
  internal: { status: 500, scimType: false },
  notImplemented: { status: 501, scimType: false },
  unavailable: { status: 503, scimType: false },
} as const;

export type ScimErrorCode = keyof typeof scimErrors;

/** A refusal. `detail` says what is wrong, where, and how to mend it; it is safe for the peer. */
export class ScimError extends Error {
  readonly code: ScimErrorCode;
  readonly detail: string;
  readonly status: number;
  readonly scimType: string | undefined;

  constructor(code: ScimErrorCode, detail: string, options?: { cause?: unknown }) {
    super(`${code}: ${detail}`, options);
    this.name = 'ScimError';
    this.code = code;
    this.detail = detail;
    this.status = scimErrors[code].status;
    this.scimType = scimErrors[code].scimType ? code : undefined;
  }
}

/** RFC 7644 §3.12: `status` is a string. */
export interface ErrorBody {
  readonly schemas: readonly [typeof messageUrns.error];
  readonly status: string;
  readonly scimType?: string;
  readonly detail: string;
}

export const errorBody = ({ status, scimType, detail }: ScimError): ErrorBody => ({
  schemas: [messageUrns.error],
  status: String(status),
  ...(scimType === undefined ? {} : { scimType }),
  detail,
});
