import { SamlError } from '../errors.ts';
import { namespaces } from '../names.ts';
import type { XmlElement } from '../xml/element.ts';

const NOTHING: ReadonlySet<string> = new Set(['xml']);

/** Refuses an element that uses a namespace prefix declared outside of it: cut out of its document it would mean something else. */
export function expectSelfContained(element: XmlElement, declaredAbove: ReadonlySet<string> = NOTHING): void {
  const declared =
    element.namespaces.length === 0
      ? declaredAbove
      : new Set([...declaredAbove, ...element.namespaces.map(({ prefix }) => prefix)]);
  if (element.prefix !== '' || element.namespace !== '') expectDeclared(element.prefix, declared);
  for (const { prefix, namespace, localName, value } of element.attributes) {
    if (prefix !== '') expectDeclared(prefix, declared);
    // A type is a name with a prefix, too.
    if (namespace === namespaces.xsi && localName === 'type' && value.includes(':')) {
      expectDeclared(value.slice(0, value.indexOf(':')).trim(), declared);
    }
  }
  for (const node of element.children) {
    if (typeof node !== 'string') expectSelfContained(node, declared);
  }
}

function expectDeclared(prefix: string, declared: ReadonlySet<string>): void {
  if (!declared.has(prefix)) {
    throw new SamlError(
      'binding_malformed',
      `the message uses the prefix "${prefix.slice(0, 64)}" that only its envelope declares`,
    );
  }
}
