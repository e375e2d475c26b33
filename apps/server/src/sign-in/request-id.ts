import { equalInConstantTime } from '../keys/node-crypto.ts';
import { randomOctets } from '../random-octets.ts';

/** device-binding §6. */
const REQUEST_SECONDS = 300;

const BODY_OCTETS = 22;
const BODY_LENGTH = 30;

/** IDs of our AuthnRequests carry their expiry and a MAC: an answer is known to be to a request of ours without a row for each. */
export interface RequestIds {
  readonly create: (organizationId: string, idp: string) => string;
  readonly isOpen: (id: string, organizationId: string, idp: string) => boolean;
}

export const createRequestIds = (needs: {
  readonly mac: (purpose: string, text: string) => string;
  readonly now: () => number;
}): RequestIds => {
  const macOf = (body: string, organizationId: string, idp: string): string =>
    needs.mac('saml-request', `${body} ${organizationId} ${idp}`);
  return {
    create: (organizationId, idp) => {
      const bytes = randomOctets(BODY_OCTETS);
      bytes.writeUIntBE(needs.now() + REQUEST_SECONDS * 1000, 16, 6);
      const body = bytes.toString('base64url');
      // saml-core §1.3.4: an xs:ID begins with a letter or an underscore.
      return `_${body}${macOf(body, organizationId, idp)}`;
    },
    isOpen: (id, organizationId, idp) => {
      const body = id.slice(1, 1 + BODY_LENGTH);
      if (!equalInConstantTime(id, `_${body}${macOf(body, organizationId, idp)}`)) return false;
      return needs.now() < Buffer.from(body, 'base64url').readUIntBE(16, 6);
    },
  };
};
