/** What the process ends with; `docs/guides/admin.md` lists them. */
export const exit = { ok: 0, failure: 1, usage: 2, unreachable: 3, drift: 4 } as const;
export type ExitCode = (typeof exit)[keyof typeof exit];

/** What went wrong, in a sentence, and what to do next. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;
  /** The server's word for it, for programs. */
  readonly code: string;
  readonly correlationId: string | undefined;

  constructor(
    message: string,
    more: {
      readonly exitCode?: ExitCode;
      readonly hint?: string | undefined;
      readonly code?: string;
      readonly correlationId?: string | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: more.cause });
    this.name = 'CliError';
    this.exitCode = more.exitCode ?? exit.failure;
    this.hint = more.hint;
    this.code = more.code ?? 'failed';
    this.correlationId = more.correlationId;
  }
}

export const usage = (message: string, hint?: string): CliError =>
  new CliError(message, { exitCode: exit.usage, hint, code: 'usage' });
