import type { XmlElement } from '../../core/saml/src/xml/element.ts';
import { readXml } from '../../core/saml/src/xml/read.ts';

/** Numbers from 0 to 1 that a seed decides (mulberry32): a run can be repeated. */
export type Random = () => number;

export const randomFrom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export const below = (random: Random, count: number): number => Math.floor(random() * count);

/** An earlier change has left nothing for this one, such as text in a document that lost all of it. */
export class NothingToPick extends Error {}

export const pick = <Item>(random: Random, items: readonly Item[]): Item => {
  const item = items[below(random, items.length)];
  if (item === undefined) throw new NothingToPick();
  return item;
};

/** An element that can be changed. */
export interface Element {
  kind: 'element';
  prefix: string;
  localName: string;
  /** Qualified name and value; declarations of namespaces among them. */
  attributes: [string, string][];
  children: Node[];
}
export interface Text {
  kind: 'text';
  value: string;
}
/** Markup as it stands: comments, processing instructions, what is no XML at all. */
export interface Raw {
  kind: 'raw';
  text: string;
}
export type Node = Element | Text | Raw;

/** A whole document: what stands before the root, and the nodes around it. */
export interface Document {
  prolog: string;
  root: Element;
  after: string;
}

const toElement = (element: XmlElement): Element => ({
  kind: 'element',
  prefix: element.prefix,
  localName: element.localName,
  attributes: [
    ...element.namespaces.map(({ prefix, uri }): [string, string] => [prefix === '' ? 'xmlns' : `xmlns:${prefix}`, uri]),
    ...element.attributes.map(({ prefix, localName, value }): [string, string] => [
      prefix === '' ? localName : `${prefix}:${localName}`,
      value,
    ]),
  ],
  children: element.children.map((node) => (typeof node === 'string' ? { kind: 'text', value: node } : toElement(node))),
});

export const parse = (xml: string): Document => ({ prolog: '', root: toElement(readXml(xml)), after: '' });

export const copy = (element: Element): Element => structuredClone(element);

/** Every element with its parent, in document order. */
export const walk = (root: Element): { readonly element: Element; readonly parent: Element | undefined }[] => {
  const found: { element: Element; parent: Element | undefined }[] = [];
  const visit = (element: Element, parent: Element | undefined): void => {
    found.push({ element, parent });
    for (const child of element.children) if (child.kind === 'element') visit(child, element);
  };
  visit(root, undefined);
  return found;
};

export const find = (root: Element, localName: string): Element | undefined =>
  walk(root).find(({ element }) => element.localName === localName)?.element;

export const attribute = (element: Element, name: string): string | undefined =>
  element.attributes.find(([own]) => own === name)?.[1];

export const setAttribute = (element: Element, name: string, value: string): void => {
  const own = element.attributes.find(([each]) => each === name);
  if (own === undefined) element.attributes.push([name, value]);
  else own[1] = value;
};

/** How a tree is written. `free` is the share of places where a writer that is not ours would choose otherwise. */
export const write = ({ prolog, root, after }: Document, random: Random, free: number): string => {
  const odd = (): boolean => random() < free;
  const reference = (character: string): string =>
    random() < 0.5 ? `&#${character.codePointAt(0)};` : `&#x${character.codePointAt(0)?.toString(16)};`;
  const text = (value: string): string => {
    if (value !== '' && !value.includes(']]>') && !/\r/.test(value) && random() < free / 4) return `<![CDATA[${value}]]>`;
    let out = '';
    for (const character of value) {
      if (character === '&') out += '&amp;';
      else if (character === '<') out += '&lt;';
      else if (character === '>') out += random() < 0.5 ? '&gt;' : '&#62;';
      else if (character === '\r') out += '&#xD;';
      else out += random() < free / 40 ? reference(character) : character;
    }
    return out;
  };
  const quoted = (value: string): string => {
    const quote = odd() ? "'" : '"';
    let out = '';
    for (const character of value) {
      if (character === '&') out += '&amp;';
      else if (character === '<') out += '&lt;';
      else if (character === quote || '\t\n\r'.includes(character)) out += reference(character);
      else out += random() < free / 40 ? reference(character) : character;
    }
    return quote + out + quote;
  };
  const space = (): string => (odd() ? pick(random, ['  ', '\n', '\t', '\r\n', ' \n   ']) : ' ');
  const node = (each: Node): string => {
    if (each.kind === 'text') return text(each.value);
    if (each.kind === 'raw') return each.text;
    const name = each.prefix === '' ? each.localName : `${each.prefix}:${each.localName}`;
    const attributes = odd() ? shuffled(each.attributes, random) : each.attributes;
    let out = `<${name}`;
    for (const [own, value] of attributes) out += `${space()}${own}${odd() ? ' = ' : '='}${quoted(value)}`;
    if (each.children.length === 0 && odd()) return `${out}${odd() ? ' ' : ''}/>`;
    return `${out}${odd() ? ' ' : ''}>${each.children.map(node).join('')}</${name}${odd() ? '\n' : ''}>`;
  };
  return prolog + node(root) + after;
};

const shuffled = <Item>(items: readonly Item[], random: Random): Item[] =>
  items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
