import { equalInConstantTime } from '../keys/node-crypto.ts';
import { randomOctets } from '../random-octets.ts';

/** device-binding §6. */
export const NONCE_SECONDS = 60;

/** The server's nonces (RFC 9449 §8). No row is kept until one is used: they carry their expiry and a MAC. */
export interface Nonces {
  /** `holder` is the device id, or the thumbprint of its key before there is one. */
  readonly create: (organizationId: string, holder: string) => string;
  /** When a nonce of ours for this organization and holder ends, or undefined. That it is used once is the store's to say. */
  readonly read: (nonce: string, organizationId: string, holder: string) => number | undefined;
}

const BODY_OCTETS = 22;
const BODY_LENGTH = 30;

export const createNonces = (needs: {
  readonly mac: (purpose: string, text: string) => string;
  readonly now: () => number;
}): Nonces => {
  const macOf = (body: string, organizationId: string, holder: string): string =>
    needs.mac('nonce', `${body} ${organizationId} ${holder}`);
  return {
    create: (organizationId, holder) => {
      const bytes = randomOctets(BODY_OCTETS);
      bytes.writeUIntBE(needs.now() + NONCE_SECONDS * 1000, 16, 6);
      const body = bytes.toString('base64url');
      return body + macOf(body, organizationId, holder);
    },
    read: (nonce, organizationId, holder) => {
      const body = nonce.slice(0, BODY_LENGTH);
      if (!equalInConstantTime(nonce.slice(BODY_LENGTH), macOf(body, organizationId, holder))) return undefined;
      const expiresAt = Buffer.from(body, 'base64url').readUIntBE(16, 6);
      return needs.now() < expiresAt ? expiresAt : undefined;
    },
  };
};
