import { bindings, nameIDFormats, writeEntityDescriptor } from '@latchkey/saml';
import { idpEntityId, idpSsoUrl, spAcsUrl, spEntityId } from './addresses.ts';

interface Certified {
  readonly certificate: string;
}

/** saml-metadata §2.4.3: what an application must know of the organization's IdP. */
export const idpMetadata = (
  origin: string,
  organizationId: string,
  keys: { readonly idpEc: Certified; readonly idpRsa: Certified },
) =>
  writeEntityDescriptor({
    entityID: idpEntityId(origin, organizationId),
    idp: {
      wantAuthnRequestsSigned: true,
      // RSA first: applications that take only one key are signed for with that.
      keys: [keys.idpRsa, keys.idpEc].map(({ certificate }) => ({ use: 'signing', certificate })),
      nameIDFormats: [nameIDFormats.emailAddress, nameIDFormats.unspecified, nameIDFormats.persistent, nameIDFormats.transient],
      singleSignOnServices: [bindings.soap, bindings.httpRedirect, bindings.httpPost].map((binding) => ({
        binding,
        location: idpSsoUrl(origin, organizationId),
      })),
      singleLogoutServices: [],
    },
  });

/** saml-metadata §2.4.4: what an IdP must know of the organization's own SP. */
export const spMetadata = (origin: string, organizationId: string, idp: string, keys: { readonly spEc: Certified }) =>
  writeEntityDescriptor({
    entityID: spEntityId(origin, organizationId, idp),
    sp: {
      authnRequestsSigned: true,
      wantAssertionsSigned: true,
      keys: [{ use: 'signing', certificate: keys.spEc.certificate }],
      nameIDFormats: [nameIDFormats.unspecified],
      assertionConsumerServices: [
        { binding: bindings.paos, location: spAcsUrl(origin, organizationId, idp), index: 0, isDefault: true },
      ],
      singleLogoutServices: [],
    },
  });
