import type { EvidenceLevel } from '@latchkey/device';
import { bindings, type Endpoint, readMetadata, SamlError, type VerificationKey, type XmlReader } from '@latchkey/saml';
import type { Application } from './application.ts';

/** A service provider as the IdP knows it. */
export interface ServiceProvider {
  /** '' for the organization's own. */
  readonly applicationId: string;
  readonly entityId: string;
  readonly assertionConsumerServices: readonly Endpoint[];
  readonly keys: readonly VerificationKey[];
  readonly wantResponseSigned: boolean;
  readonly enabled: boolean;
  readonly minEvidence: EvidenceLevel;
  readonly foreign: boolean;
}

interface MetadataNeeds {
  readonly read: XmlReader;
  readonly importCertificate: (certificate: string) => VerificationKey;
  readonly now: () => number;
}

const invalid = (detail: string, cause?: unknown): SamlError => new SamlError('metadata_invalid', detail, { cause });

/** What the IdP needs of a service provider's metadata. Requests must be signed, so a certificate must be there. */
export const readServiceProvider = (
  needs: MetadataNeeds,
  metadata: string,
): Pick<ServiceProvider, 'entityId' | 'assertionConsumerServices' | 'keys'> => {
  const { entityID, sp } = readMetadata(metadata, needs.read, { now: new Date(needs.now()) });
  if (sp === undefined) throw invalid('the metadata describes no service provider (SPSSODescriptor)');
  const keys = sp.keys
    .filter(({ use }) => use !== 'encryption')
    .map(({ certificate }) => {
      try {
        return needs.importCertificate(certificate);
      } catch (cause) {
        throw invalid('a certificate of the metadata cannot be read', cause);
      }
    })
    .filter(({ type, size }) => (type === 'rsa' ? size >= 2048 : size === 256 || size === 384));
  if (keys.length === 0) {
    throw invalid('the metadata has no signing certificate (RSA of 2048 bits or more, P-256 or P-384): requests must be signed');
  }
  if (!sp.assertionConsumerServices.some(({ binding }) => binding === bindings.paos)) {
    throw invalid('the metadata has no AssertionConsumerService for PAOS: agents sign in by the enhanced client profile (ECP)');
  }
  return { entityId: entityID, assertionConsumerServices: sp.assertionConsumerServices, keys };
};

/**
 * Finds a service provider by its entityID: the organization's own, or a registered one. The row is read each time, so that
 * switching off works at once; its metadata is parsed once.
 */
export const serviceProviderFinder = (
  needs: MetadataNeeds & {
    readonly ownServiceProvider: (organizationId: string) => Promise<ServiceProvider>;
    readonly findApplication: (organizationId: string, identifier: string) => Promise<Application | undefined>;
  },
): ((organizationId: string, entityId: string) => Promise<ServiceProvider | undefined>) => {
  const parsed = new Map<string, ReturnType<typeof readServiceProvider>>();
  return async (organizationId, entityId) => {
    const own = await needs.ownServiceProvider(organizationId);
    if (entityId === own.entityId) return own;
    const application = await needs.findApplication(organizationId, entityId);
    if (application === undefined || application.kind !== 'saml') return undefined;
    const key = `${application.id} ${application.createdAt}`;
    const known = parsed.get(key) ?? readServiceProvider(needs, application.metadata);
    parsed.set(key, known);
    return {
      ...known,
      applicationId: application.id,
      wantResponseSigned: false,
      enabled: application.enabled,
      minEvidence: application.minEvidence,
      foreign: true,
    };
  };
};
