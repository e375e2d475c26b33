import { z } from 'zod';

/** The bodies of the agent API, as docs/reference/agent-protocol.md describes them. */

const text = (max: number) => z.string().min(1).max(max);
/** Ids and parts of tokens, as this server makes them. */
const id = z.string().regex(/^[\w-]{1,128}$/, 'must be 1 to 128 letters, digits, - and _');
const thumbprint = z.string().regex(/^[\w-]{43}$/, 'must be a thumbprint (RFC 7638)');

/** The optional parameters that the organization collects (core/device: `keepCollected`); missing: all of them. */
const collect = z.array(z.string()).optional();

const joinState = z.object({ counter: z.int().min(0), id: z.string() });

const device = z.object({
  id: z.string(),
  jkt: z.string(),
  userName: z.string(),
  evidence: z.enum(['E0', 'E1', 'E2', 'E3', 'E4']),
  state: z.enum(['pending', 'denied', 'registered', 'unregistered', 'removal_pending', 'removed', 'quarantined']),
});
export type AgentDevice = z.output<typeof device>;

const idp = z.object({ entityId: z.string(), ssoUrl: z.string(), certificates: z.array(z.string()) });
export type AgentIdp = z.output<typeof idp>;

/** `GET /.well-known/latchkey`. */
export const discoverySchema = z.object({
  cloudName: z.string(),
  origin: z.string(),
  version: z.string(),
  challenge: z.string(),
  enroll: z.string(),
  keepalive: z.string(),
  session: z.string(),
  token: z.string(),
  signOut: z.string(),
  unenroll: z.string(),
});
export type Discovery = z.output<typeof discoverySchema>;

/** `POST /agent/v1/challenge`: by the lookup part of a device token before there is a device, by its id afterwards. */
export const challengeRequestSchema = z.union([
  z.strictObject({ token: id, jkt: thumbprint }),
  z.strictObject({ device: id, jkt: thumbprint }),
]);
export type ChallengeRequest = z.output<typeof challengeRequestSchema>;

export const challengeAnswerSchema = z.object({ nonce: z.string(), audience: z.string(), expiresIn: z.int(), collect });
export type ChallengeAnswer = z.output<typeof challengeAnswerSchema>;

export const enrollmentRequestSchema = z.strictObject({ enrollment: text(16_384) });
export type EnrollmentRequest = z.output<typeof enrollmentRequestSchema>;

export const enrollmentAnswerSchema = z.object({
  status: z.enum(['registered', 'pending']),
  device,
  organization: z.string(),
  joinState: joinState.optional(),
  idp,
  renewAfter: z.int(),
  keepaliveAfter: z.int(),
  retryAfter: z.int().optional(),
  collect,
});
export type EnrollmentAnswer = z.output<typeof enrollmentAnswerSchema>;

/** `parameters` are read by `parseParameters` of core/device, which drops what it does not know. */
export const keepaliveRequestSchema = z.object({ parameters: z.record(z.string(), z.unknown()).optional() });
export type KeepaliveRequest = z.output<typeof keepaliveRequestSchema>;

export const keepaliveAnswerSchema = z.object({
  status: device.shape.state,
  device,
  joinState: joinState.optional(),
  idp,
  renewAfter: z.int(),
  keepaliveAfter: z.int(),
  retryAfter: z.int().optional(),
  collect,
});
export type KeepaliveAnswer = z.output<typeof keepaliveAnswerSchema>;

/** What our own SP says of a good sign-in. */
export const signInAnswerSchema = z.object({
  session: z.object({ id: z.string(), expiresAt: z.string() }),
  user: z.object({ id: z.string(), userName: z.string() }),
  device,
});
export type SignInAnswer = z.output<typeof signInAnswerSchema>;

export const accessTokenRequestSchema = z.strictObject({
  session: id,
  application: text(1024).regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be plain text'),
  /** `DPoP` if it is missing; `Bearer` only for an application that lets such tokens in. */
  tokenType: z.enum(['DPoP', 'Bearer']).optional(),
});
export type AccessTokenRequest = z.output<typeof accessTokenRequestSchema>;

export const accessTokenAnswerSchema = z.object({
  access_token: z.string(),
  token_type: z.enum(['DPoP', 'Bearer']),
  expires_in: z.int(),
});
export type AccessTokenAnswer = z.output<typeof accessTokenAnswerSchema>;

/** `POST /agent/v1/sign-out` and `/agent/v1/unenroll`. */
export const leaveAnswerSchema = z.object({ status: device.shape.state });
export type LeaveAnswer = z.output<typeof leaveAnswerSchema>;
