import type { NewAuditEvent, SigningKeyPurpose, SigningKeyState } from '@latchkey/contract';

/** A signing key as it is kept: the private part encrypted under the master key. */
export interface StoredSigningKey {
  readonly id: string;
  readonly purpose: SigningKeyPurpose;
  /** `MasterKey.encrypt('signing-key:<id>', PKCS#8 DER)`. */
  readonly privateKey: string;
  /** Base64 DER. */
  readonly certificate: string;
  readonly createdAt: number;
  /** Of each purpose one key is active, and at most one is next and one retiring. */
  readonly state: SigningKeyState;
  readonly stateSince: number;
}

export interface SigningKeyPort {
  readonly listSigningKeys: () => Promise<readonly StoredSigningKey[]>;
}

/** For their rotation. */
export interface SigningKeyChangesPort extends SigningKeyPort {
  readonly insertSigningKeys: (keys: readonly StoredSigningKey[]) => Promise<void>;
  readonly changeSigningKey: (id: string, change: Pick<StoredSigningKey, 'state' | 'stateSince'>) => Promise<void>;
  readonly deleteSigningKey: (id: string) => Promise<void>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

export interface SigningKeyStorage {
  readonly organization: (id: string) => {
    readonly read: SigningKeyPort;
    readonly transaction: <T>(work: (store: SigningKeyChangesPort) => Promise<T>) => Promise<T>;
  };
}
