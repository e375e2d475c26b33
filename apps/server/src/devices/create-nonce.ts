import { expiringIds } from '../expiring-id.ts';

/** device-binding §6. */
export const NONCE_SECONDS = 60;

/** The server's nonces (RFC 9449 §8). */
export interface Nonces {
  /** `holder` is the device id, or the thumbprint of its key before there is one. */
  readonly create: (organizationId: string, holder: string) => string;
  /** When a nonce of ours for this organization and holder ends, or undefined. That it is used once is the store's to say. */
  readonly read: (nonce: string, organizationId: string, holder: string) => number | undefined;
}

export const createNonces = (needs: {
  readonly mac: (purpose: string, text: string) => string;
  readonly now: () => number;
}): Nonces => expiringIds({ ...needs, purpose: 'nonce', seconds: NONCE_SECONDS });
