import { bindings, nameIDFormats, writeEntityDescriptor } from '@latchkey/saml';
import { idpEntityId, idpSsoUrl, spAcsUrl, spEntityId } from './addresses.ts';

/** saml-metadata §2.4.3: what an application must know of the organization's IdP. */
export const idpMetadata = (origin: string, organizationId: string, keys: { readonly idpCertificates: readonly string[] }) =>
  writeEntityDescriptor({
    entityID: idpEntityId(origin, organizationId),
    idp: {
      wantAuthnRequestsSigned: true,
      keys: keys.idpCertificates.map((certificate) => ({ use: 'signing', certificate })),
      nameIDFormats: [nameIDFormats.emailAddress, nameIDFormats.unspecified, nameIDFormats.persistent, nameIDFormats.transient],
      singleSignOnServices: [bindings.soap, bindings.httpRedirect, bindings.httpPost].map((binding) => ({
        binding,
        location: idpSsoUrl(origin, organizationId),
      })),
      singleLogoutServices: [],
    },
  });

/** saml-metadata §2.4.4: what an IdP must know of the organization's own SP. */
export const spMetadata = (
  origin: string,
  organizationId: string,
  idp: string,
  keys: { readonly spCertificates: readonly string[] },
) =>
  writeEntityDescriptor({
    entityID: spEntityId(origin, organizationId, idp),
    sp: {
      authnRequestsSigned: true,
      wantAssertionsSigned: true,
      keys: keys.spCertificates.map((certificate) => ({ use: 'signing', certificate })),
      nameIDFormats: [nameIDFormats.unspecified],
      assertionConsumerServices: [
        { binding: bindings.paos, location: spAcsUrl(origin, organizationId, idp), index: 0, isDefault: true },
      ],
      singleLogoutServices: [],
    },
  });
