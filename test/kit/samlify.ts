import { ServiceProvider, setSchemaValidator } from 'samlify';
import { bindings } from '../../core/saml/src/names.ts';
import type { SamlKeyPair } from './saml-keys.ts';
import { SP } from './saml-response.ts';

const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';

/** samlify as a service provider that signs what it asks. It asks for a validator of schemas; what it sends is judged by us. */
export const samlifyServiceProvider = (key: SamlKeyPair) => {
  setSchemaValidator({ validate: () => Promise.resolve('not asked for') });
  return ServiceProvider({
    entityID: SP.entityId,
    authnRequestsSigned: true,
    privateKey: key.privatePem,
    signingCert: key.certificatePem,
    requestSignatureAlgorithm: RSA_SHA256,
    signatureConfig: {
      prefix: 'ds',
      location: { reference: "/*[local-name(.)='AuthnRequest']/*[local-name(.)='Issuer']", action: 'after' },
    },
    assertionConsumerService: [{ Binding: bindings.httpPost, Location: SP.acsUrl }],
  });
};
