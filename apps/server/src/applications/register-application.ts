import type { EvidenceLevel } from '@latchkey/device';
import type { Application } from './application.ts';
import type { ApplicationOrganization, Caller } from './store.ts';

/** An application to be: a service provider by its metadata, an audience by its identifier, or a site by its origin. */
export type NewApplication = { readonly name: string; readonly minEvidence?: EvidenceLevel } & (
  | { readonly kind: 'saml'; readonly metadata: string }
  | { readonly kind: 'api'; readonly identifier: string }
  | { readonly kind: 'gateway'; readonly identifier: string; readonly allowBearer: boolean }
);

export type Registration =
  | { readonly kind: 'registered'; readonly application: Application }
  | { readonly kind: 'taken'; readonly identifier: string };

/**
 * Registers what people sign in to. SAML metadata is read in full before it is kept; what cannot be used is refused with a
 * `SamlError('metadata_invalid')` that says why.
 */
export const registerApplication = async (
  needs: {
    readonly organization: ApplicationOrganization;
    /** Reads a service provider's metadata, or throws. */
    readonly readMetadata: (metadata: string) => { readonly entityID: string };
    /** Identifiers that are ours: the organization's own SP and IdP. */
    readonly reserved: (identifier: string) => boolean;
    readonly newId: (prefix: string) => string;
    readonly now: () => number;
  },
  input: Caller & { readonly application: NewApplication },
): Promise<Registration> => {
  const { application: wanted, ...caller } = input;
  const identifier = wanted.kind === 'saml' ? needs.readMetadata(wanted.metadata).entityID : wanted.identifier;
  if (needs.reserved(identifier)) return { kind: 'taken', identifier };
  const application: Application = {
    id: needs.newId('app'),
    name: wanted.name,
    kind: wanted.kind,
    identifier,
    metadata: wanted.kind === 'saml' ? wanted.metadata : '',
    enabled: true,
    minEvidence: wanted.minEvidence ?? 'E0',
    allowBearer: wanted.kind === 'gateway' && wanted.allowBearer,
    createdAt: needs.now(),
  };
  return needs.organization.transaction(async (store) => {
    if (!(await store.insertApplication(application))) return { kind: 'taken', identifier };
    const { metadata: _metadata, ...after } = application;
    await store.appendAuditEvent({
      ...caller,
      action: 'application.registered',
      outcome: 'success',
      reason: '',
      subject: `application:${application.id}`,
      details: { after },
    });
    return { kind: 'registered', application };
  });
};
