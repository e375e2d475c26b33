import { compareByCodePoint } from './characters.ts';
import type { XmlAttribute, XmlElement } from './element.ts';
import { escapeLegalAttribute, escapeLegalText } from './write.ts';

export interface CanonicalizeOptions {
  /** The PrefixList of InclusiveNamespaces; '' or '#default' for the default namespace. */
  readonly inclusivePrefixes?: readonly string[];
  /** The descendant to leave out: the signature itself, for the enveloped-signature transform (xmldsig-core §6.6.4). */
  readonly without?: XmlElement;
}

/** Exclusive XML Canonicalization 1.0 without comments of an element and all it holds. */
export function canonicalize(element: XmlElement, options?: CanonicalizeOptions): string {
  const rendered: Rendered = {
    prefixes: [],
    uris: [],
    inclusive: (options?.inclusivePrefixes ?? []).map((prefix) => (prefix === '#default' ? '' : prefix)),
    without: options?.without,
  };
  return write(rendered, element);
}

/** The namespaces that the open output elements have written, innermost last; two arrays of one length. */
interface Rendered {
  readonly prefixes: string[];
  readonly uris: string[];
  readonly inclusive: readonly string[];
  readonly without: XmlElement | undefined;
}

function write(rendered: Rendered, element: XmlElement): string {
  if (element.verbatim && standsAlready(rendered, element)) return element.source.slice(element.start, element.end);
  const { prefix, attributes, children } = element;
  const outer = rendered.prefixes.length;
  // exc-c14n §3: a namespace is written where it is visibly used, unless an output ancestor has written just that.
  render(rendered, prefix, element.namespace);
  for (const attribute of attributes) {
    if (attribute.prefix !== '') render(rendered, attribute.prefix, attribute.namespace);
  }
  if (rendered.inclusive.length > 0) renderInclusive(rendered, element);

  const name = prefix === '' ? element.localName : `${prefix}:${element.localName}`;
  let out = `<${name}`;
  const count = rendered.prefixes.length - outer;
  if (count > 0) {
    if (count > 1) sortNamespaces(rendered, outer);
    for (let index = outer; index < outer + count; index++) {
      const declared = rendered.prefixes[index];
      const uri = escapeLegalAttribute(rendered.uris[index] ?? '');
      out += declared === '' ? ` xmlns="${uri}"` : ` xmlns:${declared}="${uri}"`;
    }
  }
  if (attributes.length > 0) {
    for (const { prefix, localName, value } of sorted(attributes)) {
      out += prefix === '' ? ` ${localName}="` : ` ${prefix}:${localName}="`;
      out += `${escapeLegalAttribute(value)}"`;
    }
  }
  out += '>';
  for (const node of children) {
    if (typeof node === 'string') out += escapeLegalText(node);
    else if (node !== rendered.without) out += write(rendered, node);
  }
  if (count > 0) {
    rendered.prefixes.length = outer;
    rendered.uris.length = outer;
  }
  return `${out}</${name}>`;
}

/** Whether the markup of a verbatim element can be copied here. */
function standsAlready({ prefixes, uris, inclusive, without }: Rendered, { prefix, namespace, start, end }: XmlElement): boolean {
  if (inclusive.length > 0 || (without !== undefined && without.start >= start && without.start < end)) return false;
  for (let index = prefixes.length - 1; index >= 0; index--) {
    if (prefixes[index] === prefix) return uris[index] === namespace;
  }
  return namespace === '';
}

function render(rendered: Rendered, prefix: string, uri: string): void {
  const { prefixes, uris } = rendered;
  // c14n §2.3: the xml prefix is never declared.
  if (prefix === 'xml') return;
  for (let index = prefixes.length - 1; index >= 0; index--) {
    if (prefixes[index] !== prefix) continue;
    if (uris[index] === uri) return;
    prefixes.push(prefix);
    uris.push(uri);
    return;
  }
  // exc-c14n §3: xmlns="" is written only to undo a default namespace that was written.
  if (uri === '') return;
  prefixes.push(prefix);
  uris.push(uri);
}

/** exc-c14n §3, InclusiveNamespaces: what is in scope under a listed prefix is written as if it were used. */
function renderInclusive(rendered: Rendered, element: XmlElement): void {
  for (const prefix of rendered.inclusive) {
    const uri = uriInScope(element, prefix);
    if (uri !== undefined) render(rendered, prefix, uri);
  }
}

function uriInScope(element: XmlElement, prefix: string): string | undefined {
  for (let scope: XmlElement | undefined = element; scope !== undefined; scope = scope.parent) {
    for (const namespace of scope.namespaces) if (namespace.prefix === prefix) return namespace.uri;
  }
  return prefix === '' ? '' : undefined;
}

/** c14n §2.2: namespaces by prefix, the default first. Sorts the tail from `from` on, in place. */
function sortNamespaces({ prefixes, uris }: Rendered, from: number): void {
  for (let index = from + 1; index < prefixes.length; index++) {
    for (let at = index; at > from && compareByCodePoint(prefixes[at - 1] ?? '', prefixes[at] ?? '') > 0; at--) {
      swap(prefixes, at);
      swap(uris, at);
    }
  }
}

function swap(list: string[], at: number): void {
  const before = list[at - 1] ?? '';
  list[at - 1] = list[at] ?? '';
  list[at] = before;
}

/** c14n §2.2: attributes by namespace URI, then by local name. Most already are. */
function sorted(attributes: readonly XmlAttribute[]): readonly XmlAttribute[] {
  for (let index = 1; index < attributes.length; index++) {
    // Proof for the casts: both indices are below the length.
    if (compareAttributes(attributes[index - 1] as XmlAttribute, attributes[index] as XmlAttribute) > 0) {
      return [...attributes].sort(compareAttributes);
    }
  }
  return attributes;
}

function compareAttributes(one: XmlAttribute, other: XmlAttribute): number {
  return compareByCodePoint(one.namespace, other.namespace) || compareByCodePoint(one.localName, other.localName);
}
