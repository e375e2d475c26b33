import { SamlError } from '../errors.ts';
import { namespaces } from '../names.ts';
import type { XmlElement } from '../xml/element.ts';
import { attr, text } from '../xml/query.ts';

/** The children of an element, taken in schema order: what is asked for next is either there or it is not. */
export interface Sequence {
  readonly optional: (namespace: string, localName: string) => XmlElement | undefined;
  readonly required: (namespace: string, localName: string) => XmlElement;
  readonly all: (namespace: string, localName: string) => XmlElement[];
  /** Nothing may be left. */
  readonly end: () => void;
}

export function sequence(parent: XmlElement): Sequence {
  const elements = elementsOf(parent);
  let next = 0;

  const optional = (namespace: string, localName: string): XmlElement | undefined => {
    const element = elements[next];
    if (element === undefined || element.localName !== localName || element.namespace !== namespace) return undefined;
    next += 1;
    return element;
  };
  const required = (namespace: string, localName: string): XmlElement => {
    const element = optional(namespace, localName);
    if (element !== undefined) return element;
    const found = elements[next];
    throw malformed(parent, found === undefined ? `lacks ${localName}` : `has ${found.localName} where ${localName} is due`);
  };
  const all = (namespace: string, localName: string): XmlElement[] => {
    const found: XmlElement[] = [];
    for (let element = optional(namespace, localName); element !== undefined; element = optional(namespace, localName)) {
      found.push(element);
    }
    return found;
  };
  const end = (): void => {
    const left = elements[next];
    if (left !== undefined) throw malformed(parent, `must not have ${left.localName} here`);
  };
  return { optional, required, all, end };
}

/** The element children of an element whose content is elements only. */
export function elementsOf(parent: XmlElement): XmlElement[] {
  const elements: XmlElement[] = [];
  for (const node of parent.children) {
    if (typeof node !== 'string') elements.push(node);
    else if (/[^ \t\r\n]/.test(node)) throw malformed(parent, 'must not hold text');
  }
  return elements;
}

export function isElement(element: XmlElement, namespace: string, localName: string): boolean {
  return element.localName === localName && element.namespace === namespace;
}

/**
 * No attribute but these. A `samlp:ID` beside `ID` is what two parsers may read differently (attribute pollution), so attributes
 * of foreign namespaces are refused but for `xsi:`, which changes nothing of what is read here.
 */
export function expectAttributes(element: XmlElement, ...allowed: readonly string[]): void {
  for (const { namespace, localName } of element.attributes) {
    const known = namespace === '' ? allowed.includes(localName) : namespace === namespaces.xsi;
    if (!known) throw malformed(element, `must not have the attribute ${localName.slice(0, 64)}`);
  }
}

export function requiredAttribute(element: XmlElement, name: string): string {
  const value = attr(element, name);
  if (value === undefined || value === '') throw malformed(element, `lacks the attribute ${name}`);
  return value;
}

/** saml-core §1.3.4: an xs:ID; we keep to its ASCII part. */
export function idAttribute(element: XmlElement, name = 'ID'): string {
  const value = requiredAttribute(element, name);
  if (!/^[A-Za-z_][\w.-]{0,255}$/.test(value))
    throw malformed(element, `has a ${name} that is no NCName of at most 256 characters`);
  return value;
}

export function expectVersion(element: XmlElement): void {
  const version = attr(element, 'Version');
  if (version !== '2.0') throw new SamlError('version_unsupported', `${element.localName} must have Version "2.0"`);
}

/** saml-core §1.3.3: xs:dateTime in UTC. Digits below the millisecond are cut off. */
export function dateTimeAttribute(element: XmlElement, name: string): Date | undefined {
  const value = attr(element, name);
  if (value === undefined) return undefined;
  const parts = DATE_TIME.exec(value);
  if (parts !== null) {
    const [, year, month, day, hour, minute, second, fraction = ''] = parts;
    const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
    const date = new Date(
      Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), milliseconds),
    );
    // The 30th of February is a day to JavaScript, but another one.
    if (date.getUTCDate() === Number(day)) return date;
  }
  throw malformed(element, `has a ${name} that is no time in UTC (2026-11-22T10:00:00Z)`);
}

const DATE_TIME = /^([1-9]\d{3})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,32}))?Z$/;

export function requiredDateTime(element: XmlElement, name: string): Date {
  const value = dateTimeAttribute(element, name);
  if (value === undefined) throw malformed(element, `lacks the attribute ${name}`);
  return value;
}

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

export function booleanAttribute(element: XmlElement, name: string): boolean | undefined {
  const value = attr(element, name);
  if (value === undefined) return undefined;
  const boolean = Object.hasOwn(BOOLEANS, value) ? BOOLEANS[value] : undefined;
  if (boolean === undefined) throw malformed(element, `has a ${name} that is neither true nor false`);
  return boolean;
}

export function unsignedShortAttribute(element: XmlElement, name: string): number | undefined {
  const value = attr(element, name);
  if (value === undefined) return undefined;
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65535)
    throw malformed(element, `has a ${name} that is no number from 0 to 65535`);
  return Number(value);
}

/** An xs:anyURI: white space around it says nothing (XML Schema 2 §4.3.6). */
export function uriText(element: XmlElement): string {
  const value = text(element).trim();
  if (value === '') throw malformed(element, 'is empty');
  return value;
}

export function malformed(element: XmlElement, what: string): SamlError {
  return new SamlError('message_malformed', `${element.localName} ${what}`);
}
