import fc from 'fast-check';

/** Text that XML 1.0 can carry, with what needs care often. */
export const xmlText: fc.Arbitrary<string> = fc.string({
  maxLength: 8,
  unit: fc.oneof(
    fc.constantFrom('&', '<', '>', '"', "'", '\t', '\n', '\r', ' ', ']]>', 'é', '😀', '\uFFFD', '\uE000'),
    fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }),
  ),
});

const prefix = fc.constantFrom('', 'p', 'q', 'r');
const uri = fc.constantFrom('urn:x', 'urn:y', 'http://z.example/a&b');
const name = fc.constantFrom('a', 'b', 'c');
const space = fc.constantFrom(' ', '\n', '\t ', '  ');

interface Node {
  readonly prefix: string;
  readonly name: string;
  readonly declarations: readonly (readonly [prefix: string, uri: string])[];
  readonly attributes: readonly (readonly [prefix: string, name: string, value: string])[];
  readonly space: string;
  readonly quote: string;
  readonly style: 'plain' | 'references' | 'cdata';
  readonly children: readonly (Node | string)[];
}

const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.record({
    prefix,
    name,
    declarations: fc.uniqueArray(fc.tuple(prefix, fc.oneof(uri, fc.constant(''))), {
      maxLength: 3,
      selector: ([declared]) => declared,
    }),
    attributes: fc.array(fc.tuple(fc.oneof(prefix, fc.constant('xml')), name, xmlText), { maxLength: 4 }),
    space,
    quote: fc.constantFrom('"', "'"),
    style: fc.constantFrom('plain', 'references', 'cdata'),
    children: fc.array(fc.oneof({ depthSize: 'small' }, xmlText, tie('node')), { maxLength: 4 }),
  }),
}));

/** Well-formed documents with namespaces, written in any of the ways XML allows, seldom canonical. */
export const xmlDocument: fc.Arbitrary<string> = node.map((root) =>
  write(root, { xml: 'http://www.w3.org/XML/1998/namespace', '': '' }),
);

type Scope = Readonly<Record<string, string>>;

function write(element: Node, outer: Scope): string {
  const scope: Record<string, string> = { ...outer };
  const declared = new Map<string, string>();
  for (const [prefix, uri] of element.declarations) {
    if (uri !== '' || prefix === '') declared.set(prefix, uri);
  }
  // What is used must be bound.
  for (const prefix of [element.prefix, ...element.attributes.map(([prefix]) => prefix)]) {
    if (!(prefix in scope) && !declared.has(prefix)) declared.set(prefix, `urn:${prefix}`);
  }
  for (const [prefix, uri] of declared) scope[prefix] = uri;
  const parts: string[] = [];
  const seen = new Set<string>();
  for (const [prefix, name, value] of element.attributes) {
    const key = prefix === '' ? name : `${scope[prefix]} ${name}`;
    if (seen.has(key)) continue;
    seen.add(key);
    parts.push(`${qualified(prefix, name)}=${element.quote}${writeReferences(value, element.style !== 'plain')}${element.quote}`);
  }
  for (const [prefix, uri] of declared) {
    parts.push(`${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}=${element.quote}${writeReferences(uri, false)}${element.quote}`);
  }
  const name = qualified(element.prefix, element.name);
  const tag = [name, ...parts].join(element.space);
  const content = element.children.map((child) =>
    typeof child === 'string' ? writeText(child, element.style) : write(child, scope),
  );
  if (content.length === 0) return `<${tag}${element.space}/>`;
  return `<${tag}>${content.join('')}</${name}${element.space}>`;
}

function qualified(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}:${name}`;
}

function writeText(value: string, style: Node['style']): string {
  if (style !== 'cdata') return writeReferences(value, style === 'references');
  // A carriage return can only be written as a reference.
  return value
    .split('\r')
    .map((part) => `<![CDATA[${part.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`)
    .join('&#13;');
}

function writeReferences(value: string, all: boolean): string {
  const pattern = all ? /[^A-Za-z]/gu : /[&<>"'\t\n\r]/g;
  return value.replace(pattern, (character) => `&#x${character.codePointAt(0)?.toString(16)};`);
}
