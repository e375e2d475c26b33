import { expiringIds } from '../expiring-id.ts';

/** device-binding §6. */
const REQUEST_SECONDS = 300;

/** IDs of our AuthnRequests: an answer is known to be to a request of ours without a row for each. */
export interface RequestIds {
  readonly create: (organizationId: string, idp: string) => string;
  readonly isOpen: (id: string, organizationId: string, idp: string) => boolean;
}

export const createRequestIds = (needs: {
  readonly mac: (purpose: string, text: string) => string;
  readonly now: () => number;
}): RequestIds => {
  const ids = expiringIds({ ...needs, purpose: 'saml-request', seconds: REQUEST_SECONDS });
  return {
    // saml-core §1.3.4: an xs:ID begins with a letter or an underscore.
    create: (organizationId, idp) => `_${ids.create(organizationId, idp)}`,
    isOpen: (id, organizationId, idp) => id.startsWith('_') && ids.read(id.slice(1), organizationId, idp) !== undefined,
  };
};
