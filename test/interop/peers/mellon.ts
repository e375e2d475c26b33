import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../kit/free-port.ts';
import { fetchText, makeKey, type Peer, type PeerSettings, startApache } from './apache.ts';
import { makeFolder, readLogs, removeFolder } from './process.ts';

const page = `user=<!--#echo var="REMOTE_USER" -->
nameID=<!--#echo var="MELLON_NAME_ID" -->
issuer=<!--#echo var="MELLON_IDP" -->
userName=<!--#echo var="MELLON_userName" -->
deviceId=<!--#echo var="MELLON_deviceId" -->
`;

const base64Of = (certificate: string): string =>
  readFileSync(certificate, 'utf8')
    .replace(/-----.*-----/g, '')
    .trim();

/** As `mellon_create_metadata` writes it, with a NameIDFormat and the PAOS endpoint that it leaves out. */
const spMetadata = (names: { entityID: string; endpoint: string; certificate: string }): string => `<?xml version="1.0"?>
<EntityDescriptor entityID="${names.entityID}" xmlns="urn:oasis:names:tc:SAML:2.0:metadata">
  <SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing">
      <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
        <ds:X509Data>
          <ds:X509Certificate>${base64Of(names.certificate)}</ds:X509Certificate>
        </ds:X509Data>
      </ds:KeyInfo>
    </KeyDescriptor>
    <NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</NameIDFormat>
    <AssertionConsumerService index="0" isDefault="true" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${names.endpoint}/postResponse"/>
    <AssertionConsumerService index="1" Binding="urn:oasis:names:tc:SAML:2.0:bindings:PAOS" Location="${names.endpoint}/paosResponse"/>
  </SPSSODescriptor>
</EntityDescriptor>
`;

/** mod_auth_mellon in its own Apache. */
export const startMellon = async ({ origin, idp }: PeerSettings): Promise<Peer> => {
  const folder = makeFolder('mellon');
  const port = await freePort();
  const endpoint = `${origin}/mellon`;
  const entityID = `${endpoint}/metadata`;
  const { key, certificate } = makeKey(folder, 'mellon');
  writeFileSync(join(folder, 'idp.xml'), idp.metadata);
  writeFileSync(join(folder, 'sp.xml'), spMetadata({ entityID, endpoint, certificate }));
  try {
    const apache = await startApache({
      folder,
      origin,
      port,
      module: ['auth_mellon_module', 'mod_auth_mellon'],
      config: `<Location />
  MellonEnable info
  MellonEndpointPath /mellon
  MellonSPMetadataFile ${folder}/sp.xml
  MellonSPPrivateKeyFile ${key}
  MellonSPCertFile ${certificate}
  MellonIdPMetadataFile ${folder}/idp.xml
  MellonSignatureMethod rsa-sha256
  MellonUser NAME_ID
  MellonIdP IDP
  MellonSecureCookie Off
</Location>
<Location /secret>
  AuthType Mellon
  MellonEnable auth
  Require valid-user
</Location>`,
      page,
    });
    return {
      origin,
      port,
      entityID,
      protectedUrl: `${origin}/secret/`,
      assertionConsumerServiceURL: `${endpoint}/paosResponse`,
      metadata: await fetchText(`http://127.0.0.1:${port}/mellon/metadata`),
      logs: () => readLogs(folder),
      stop: async () => {
        await apache.stop();
        removeFolder(folder);
      },
    };
  } catch (error) {
    removeFolder(folder);
    throw error;
  }
};
