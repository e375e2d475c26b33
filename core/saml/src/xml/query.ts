import { SamlError } from '../errors.ts';
import type { XmlElement } from './element.ts';

/** The element children, all of them or those of one name. Text between them is not looked at. */
export function children(element: XmlElement, namespace?: string, localName?: string): XmlElement[] {
  const found: XmlElement[] = [];
  for (const node of element.children) {
    if (typeof node === 'string') continue;
    if (localName !== undefined && node.localName !== localName) continue;
    if (namespace !== undefined && node.namespace !== namespace) continue;
    found.push(node);
  }
  return found;
}

/** The one element child of that name, if there is one. Two are an error: which would be meant? */
export function child(element: XmlElement, namespace: string, localName: string): XmlElement | undefined {
  let found: XmlElement | undefined;
  for (const node of element.children) {
    if (typeof node === 'string' || node.localName !== localName || node.namespace !== namespace) continue;
    if (found !== undefined)
      throw new SamlError('message_malformed', `${element.localName.slice(0, 64)} has more than one ${localName}`);
    found = node;
  }
  return found;
}

/** The value of an attribute in no namespace. */
export function attr(element: XmlElement, name: string): string | undefined {
  for (const attribute of element.attributes) {
    if (attribute.localName === name && attribute.namespace === '') return attribute.value;
  }
  return undefined;
}

/** The whole text of an element that may hold nothing else; '' when it is empty. */
export function text(element: XmlElement): string {
  const only = element.children[0];
  if (only === undefined) return '';
  if (typeof only === 'string' && element.children.length === 1) return only;
  throw new SamlError('message_malformed', `${element.localName.slice(0, 64)} must hold text only`);
}
