import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../kit/free-port.ts';
import { fetchText, makeKey, type Peer, type PeerSettings, startApache } from './apache.ts';
import { makeFolder, type Running, readLogs, removeFolder, start, waitUntil } from './process.ts';

const page = `user=<!--#echo var="REMOTE_USER" -->
nameID=<!--#echo var="nameID" -->
issuer=<!--#echo var="Shib-Identity-Provider" -->
userName=<!--#echo var="userName" -->
deviceId=<!--#echo var="deviceId" -->
`;

const settings = (names: { folder: string; listener: number; entityID: string; idpEntityID: string }): string =>
  `<SPConfig xmlns="urn:mace:shibboleth:3.0:native:sp:config" clockSkew="60" logger="${names.folder}/shibd.logger">
  <InProcess logger="${names.folder}/native.logger"/>
  <TCPListener address="127.0.0.1" port="${names.listener}" acl="127.0.0.1"/>
  <ApplicationDefaults entityID="${names.entityID}" REMOTE_USER="nameID" signing="true" encryption="false"
    signingAlg="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" digestAlg="http://www.w3.org/2001/04/xmlenc#sha256">
    <Sessions lifetime="28800" timeout="3600" relayState="ss:mem" checkAddress="false" handlerSSL="false" cookieProps="http"
              redirectLimit="exact">
      <SSO entityID="${names.idpEntityID}" ECP="true">SAML2</SSO>
      <Handler type="MetadataGenerator" Location="/Metadata" signing="false"/>
    </Sessions>
    <Errors supportContact="root@localhost"/>
    <MetadataProvider type="XML" validate="true" path="${names.folder}/idp.xml"/>
    <AttributeExtractor type="XML" validate="true" reloadChanges="false" path="${names.folder}/attribute-map.xml"/>
    <CredentialResolver type="File" key="${names.folder}/shibboleth.key" certificate="${names.folder}/shibboleth.crt"/>
  </ApplicationDefaults>
  <SecurityPolicyProvider type="XML" validate="true" path="/etc/shibboleth/security-policy.xml"/>
  <ProtocolProvider type="XML" validate="true" reloadChanges="false" path="/etc/shibboleth/protocols.xml"/>
</SPConfig>
`;

const attributeMap = `<Attributes xmlns="urn:mace:shibboleth:2.0:attribute-map" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
${[
  '1.1:nameid-format:unspecified',
  '1.1:nameid-format:emailAddress',
  '2.0:nameid-format:persistent',
  '2.0:nameid-format:transient',
]
  .map(
    (format) =>
      `  <Attribute name="urn:oasis:names:tc:SAML:${format}" id="nameID"><AttributeDecoder xsi:type="NameIDAttributeDecoder" formatter="$Name"/></Attribute>`,
  )
  .join('\n')}
${['userName', 'deviceId']
  .map((name) => `  <Attribute name="${name}" nameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic" id="${name}"/>`)
  .join('\n')}
</Attributes>
`;

const logger = (file: string): string => `log4j.rootCategory=INFO, file
log4j.appender.file=org.apache.log4j.FileAppender
log4j.appender.file.fileName=${file}
log4j.appender.file.layout=org.apache.log4j.PatternLayout
log4j.appender.file.layout.ConversionPattern=%d{%H:%M:%S} %p %c %x: %m%n
`;

/** Shibboleth SP: shibd, and mod_shib in its own Apache. */
export const startShibboleth = async ({ origin, idp }: PeerSettings): Promise<Peer> => {
  const folder = makeFolder('shibboleth');
  const port = await freePort();
  const listener = await freePort();
  const entityID = `${origin}/shibboleth`;
  makeKey(folder, 'shibboleth');
  writeFileSync(join(folder, 'idp.xml'), idp.metadata);
  writeFileSync(join(folder, 'attribute-map.xml'), attributeMap);
  writeFileSync(join(folder, 'shibd.logger'), logger(join(folder, 'shibd.log')));
  writeFileSync(join(folder, 'native.logger'), logger(join(folder, 'native.log')));
  const file = join(folder, 'shibboleth2.xml');
  writeFileSync(file, settings({ folder, listener, entityID, idpEntityID: idp.entityID }));
  const shibd = start(folder, 'shibd', 'shibd', ['-F', '-c', file, '-p', join(folder, 'shibd.pid')]);
  const running: Running[] = [shibd];
  const stop = async (): Promise<void> => {
    for (const program of running.reverse()) await program.stop();
    removeFolder(folder);
  };
  try {
    const apache = await startApache({
      folder,
      origin,
      port,
      module: ['mod_shib', 'mod_shib'],
      config: `ShibConfig ${file}
<Location /Shibboleth.sso>
  SetHandler shib
</Location>
<Location /secret>
  AuthType shibboleth
  ShibRequestSetting requireSession 1
  Require shib-session
</Location>`,
      page,
    });
    running.push(apache);
    let metadata = '';
    await waitUntil('shibd', folder, shibd, async () => {
      metadata = await fetchText(`http://127.0.0.1:${port}/Shibboleth.sso/Metadata`);
      return true;
    });
    return {
      origin,
      port,
      entityID,
      protectedUrl: `${origin}/secret/`,
      assertionConsumerServiceURL: `${origin}/Shibboleth.sso/SAML2/ECP`,
      metadata,
      logs: () => readLogs(folder),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
