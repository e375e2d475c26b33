/** device-binding §3: how well device and user are proven. */
export type EvidenceLevel = 'E0' | 'E1' | 'E2' | 'E3' | 'E4';

export type DeviceState = 'pending' | 'denied' | 'registered' | 'unregistered' | 'removal_pending' | 'removed' | 'quarantined';

/** A P-256 public key (RFC 7517). */
export interface PublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/** What a proof must present; renewed by every sign-in. */
export interface JoinState {
  readonly counter: number;
  readonly id: string;
}

/** What an agent says of its machine. */
export type Parameters = Readonly<Record<string, string>>;

/** An enrolled machine with its own key. Times are milliseconds since 1970, UTC. */
export interface Device {
  readonly id: string;
  readonly jkt: string;
  readonly publicKey: PublicJwk;
  /** `user@domain` as the agent gave it; bound at enrollment. */
  readonly userName: string;
  /** The account, once the first assertion has been accepted. */
  readonly userId: string | undefined;
  readonly state: DeviceState;
  readonly stateReason: string;
  readonly evidence: EvidenceLevel;
  readonly tokenId: string;
  readonly parameters: Parameters;
  readonly joinState: JoinState;
  readonly previousJoinId: string;
  readonly badProofs: number;
  readonly badProofsSince: number;
  readonly remoteAddress: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly lastSeenAt: number;
}
