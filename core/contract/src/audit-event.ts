/** An audit event as the use cases write it; storage adds id and time. */
export interface NewAuditEvent {
  /** `api-key:<id>`, `administrator:<id>`, `device:<id>`, `operator`, `system`, `anonymous`. */
  readonly actor: string;
  /** What was done, as `noun.verb`: `device.enrolled`, `sign_in.accepted`, `settings.activated`. */
  readonly action: string;
  readonly outcome: 'success' | 'refused';
  /** The code of a refusal; '' on success. */
  readonly reason: string;
  /** What it was done to: `device:<id>`, `user:<id>`, `device-token:<id>`, ... */
  readonly subject: string;
  readonly remoteAddress: string;
  /** The id that a device or a person sees, and that this event is found by. */
  readonly correlationId: string;
  readonly details: Readonly<Record<string, unknown>>;
}
