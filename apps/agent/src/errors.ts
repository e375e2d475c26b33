import type { DeviceErrorCode } from '@latchkey/device';

/** Exit codes, for MDM compliance scripts and service managers: docs/guides/agent.md. */
export const EXIT = { ok: 0, failure: 1, usage: 2, unreachable: 3, refused: 4, pending: 5, notEnrolled: 6 } as const;

/** Every way the agent itself stops, with its exit code. What the server refuses is `refused` with the server's own code. */
const exitCodes = {
  usage: EXIT.usage,
  facts_missing: EXIT.usage,
  state_broken: EXIT.failure,
  state_busy: EXIT.failure,
  key_broken: EXIT.failure,
  already_enrolled: EXIT.failure,
  plain_http: EXIT.failure,
  redirect_refused: EXIT.failure,
  answer_too_large: EXIT.failure,
  answer_malformed: EXIT.failure,
  origin_mismatch: EXIT.failure,
  not_ecp: EXIT.failure,
  ecp_request: EXIT.failure,
  ecp_consumer_origin: EXIT.failure,
  ecp_response: EXIT.failure,
  ecp_consumer: EXIT.failure,
  ecp_in_response_to: EXIT.failure,
  ecp_signature: EXIT.failure,
  unreachable: EXIT.unreachable,
  refused: EXIT.refused,
  pending: EXIT.pending,
  not_enrolled: EXIT.notEnrolled,
} as const;

export type AgentErrorCode = keyof typeof exitCodes;

/** What the server said when it refused. */
export interface Refusal {
  readonly code: DeviceErrorCode | (string & {});
  readonly correlationId?: string;
  readonly retryAfter?: number;
  readonly openUrl?: string;
}

interface Circumstances {
  readonly hint?: string;
  readonly refusal?: Refusal;
  readonly cause?: unknown;
}

/** One plain sentence, and where there is one, how to mend it. */
export class AgentError extends Error {
  readonly code: AgentErrorCode;
  readonly hint: string | undefined;
  readonly refusal: Refusal | undefined;

  constructor(code: AgentErrorCode, message: string, circumstances: Circumstances = {}) {
    super(message, { cause: circumstances.cause });
    this.name = 'AgentError';
    this.code = code;
    this.hint = circumstances.hint;
    this.refusal = circumstances.refusal;
  }

  get exitCode(): number {
    return exitCodes[this.code];
  }
}

/** The error as lines for a person: sentence, hint, ids. */
export const describeError = (error: unknown): string => {
  if (error instanceof Error && 'syscall' in error) return `${error.message} (file system)`;
  if (!(error instanceof AgentError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const ids = error.refusal
    ? ` (${[error.refusal.code, error.refusal.correlationId].filter((part) => part !== undefined && part !== '').join(', ')})`
    : ` (${error.code})`;
  return error.message + ids + (error.hint === undefined ? '' : `\n${error.hint}`);
};
