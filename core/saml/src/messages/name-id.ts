import { SamlError } from '../errors.ts';
import type { NameID } from '../message.ts';
import { nameIDFormats } from '../names.ts';
import type { XmlElement } from '../xml/element.ts';
import { attr, text } from '../xml/query.ts';
import { escapeText } from '../xml/write.ts';
import { expectAttributes } from './schema.ts';
import { attribute } from './write.ts';

/** saml-core §2.2.3; `saml` must be declared around it. */
export function writeNameID(name: NameID): string {
  return (
    `<saml:NameID${attribute('Format', name.format)}${attribute('NameQualifier', name.nameQualifier)}` +
    `${attribute('SPNameQualifier', name.spNameQualifier)}>${escapeText(name.value)}</saml:NameID>`
  );
}

export function parseNameID(element: XmlElement): NameID {
  expectAttributes(element, 'Format', 'NameQualifier', 'SPNameQualifier', 'SPProvidedID');
  const format = attr(element, 'Format');
  const nameQualifier = attr(element, 'NameQualifier');
  const spNameQualifier = attr(element, 'SPNameQualifier');
  return {
    value: text(element),
    ...(format !== undefined && { format }),
    ...(nameQualifier !== undefined && { nameQualifier }),
    ...(spNameQualifier !== undefined && { spNameQualifier }),
  };
}

/** saml-core §2.2.5: the entityID of who wrote the message. */
export function parseIssuer(element: XmlElement): string {
  expectAttributes(element, 'Format', 'NameQualifier', 'SPNameQualifier', 'SPProvidedID');
  const format = attr(element, 'Format');
  const value = text(element);
  if (value === '' || (format !== undefined && format !== nameIDFormats.entity)) {
    throw new SamlError('issuer_unknown', 'Issuer must be an entityID');
  }
  return value;
}
