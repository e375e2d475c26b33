import type { Digest, SigningKey } from '../crypto.ts';
import type { Endpoint, EntityDescriptor, IDPSSODescriptor, KeyDescriptor, SPSSODescriptor } from '../message.ts';
import { attribute, instant } from '../messages/write.ts';
import { namespaces } from '../names.ts';
import { writeSignature } from '../signature/sign.ts';
import { escapeText } from '../xml/write.ts';

const { md, ds, samlp } = namespaces;

/** saml-metadata §2.3.2, written in canonical form: what is hashed is what is sent. */
export function writeEntityDescriptor(
  entity: EntityDescriptor,
  signing?: { readonly id: string; readonly key: SigningKey; readonly digest: Digest },
): string {
  const head =
    `<md:EntityDescriptor xmlns:md="${md}"${attribute('ID', signing?.id)}${attribute('entityID', entity.entityID)}` +
    `${instant('validUntil', entity.validUntil)}>`;
  const tail =
    (entity.idp === undefined ? '' : writeIdp(entity.idp)) +
    (entity.sp === undefined ? '' : writeSp(entity.sp)) +
    '</md:EntityDescriptor>';
  if (signing === undefined) return head + tail;
  return head + writeSignature(head + tail, signing.id, signing.key, signing.digest) + tail;
}

/** saml-metadata §2.4.3. */
function writeIdp(idp: IDPSSODescriptor): string {
  return (
    `<md:IDPSSODescriptor WantAuthnRequestsSigned="${idp.wantAuthnRequestsSigned}" protocolSupportEnumeration="${samlp}">` +
    idp.keys.map(writeKey).join('') +
    idp.singleLogoutServices.map((endpoint) => writeEndpoint('SingleLogoutService', endpoint)).join('') +
    idp.nameIDFormats.map(writeNameIDFormat).join('') +
    idp.singleSignOnServices.map((endpoint) => writeEndpoint('SingleSignOnService', endpoint)).join('') +
    '</md:IDPSSODescriptor>'
  );
}

/** saml-metadata §2.4.4. */
function writeSp(sp: SPSSODescriptor): string {
  return (
    `<md:SPSSODescriptor AuthnRequestsSigned="${sp.authnRequestsSigned}" WantAssertionsSigned="${sp.wantAssertionsSigned}"` +
    ` protocolSupportEnumeration="${samlp}">` +
    sp.keys.map(writeKey).join('') +
    sp.singleLogoutServices.map((endpoint) => writeEndpoint('SingleLogoutService', endpoint)).join('') +
    sp.nameIDFormats.map(writeNameIDFormat).join('') +
    sp.assertionConsumerServices.map((endpoint) => writeEndpoint('AssertionConsumerService', endpoint)).join('') +
    '</md:SPSSODescriptor>'
  );
}

function writeKey({ use, certificate }: KeyDescriptor): string {
  return (
    `<md:KeyDescriptor${attribute('use', use)}><ds:KeyInfo xmlns:ds="${ds}"><ds:X509Data><ds:X509Certificate>` +
    `${escapeText(certificate)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`
  );
}

function writeNameIDFormat(format: string): string {
  return `<md:NameIDFormat>${escapeText(format)}</md:NameIDFormat>`;
}

function writeEndpoint(name: string, { binding, location, responseLocation, index, isDefault }: Endpoint): string {
  return (
    `<md:${name}${attribute('Binding', binding)}${attribute('Location', location)}${attribute('ResponseLocation', responseLocation)}` +
    `${attribute('index', index?.toString())}${attribute('isDefault', isDefault?.toString())}></md:${name}>`
  );
}
