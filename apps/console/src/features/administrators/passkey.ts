/** Options and credentials of WebAuthn Level 3 go over the wire as JSON, and the browser itself turns them (§5.1.8 to §5.1.10). */

/** The server's options, as JSON. */
export type PasskeyOptions = PublicKeyCredentialCreationOptionsJSON & PublicKeyCredentialRequestOptionsJSON;

const toJson = (credential: Credential | null): unknown => {
  if (!(credential instanceof PublicKeyCredential)) throw new DOMException('no credential', 'NotAllowedError');
  return credential.toJSON();
};

/** Asks the browser to show a passkey. @throws DOMException when nobody does */
export const showPasskey = async (options: PasskeyOptions): Promise<unknown> =>
  toJson(await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }));

/** Asks the browser to make a passkey. @throws DOMException when nobody does */
export const makePasskey = async (options: PasskeyOptions): Promise<unknown> =>
  toJson(await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }));
