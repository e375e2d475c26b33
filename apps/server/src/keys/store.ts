export type SigningKeyPurpose = 'idp-ec' | 'idp-rsa' | 'sp-ec' | 'token';

/** A signing key as it is kept: the private part encrypted under the master key. */
export interface StoredSigningKey {
  readonly id: string;
  readonly purpose: SigningKeyPurpose;
  /** `MasterKey.encrypt('signing-key:<id>', PKCS#8 DER)`. */
  readonly privateKey: string;
  /** Base64 DER. */
  readonly certificate: string;
  readonly createdAt: number;
}

export interface SigningKeyPort {
  readonly listSigningKeys: () => Promise<readonly StoredSigningKey[]>;
}
