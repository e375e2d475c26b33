/** Our canonical form against xml-crypto's, which is another reading of the same specification. */
import { DOMParser, type Element } from '@xmldom/xmldom';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExclusiveCanonicalization } from 'xml-crypto';
import { canonicalize } from '../../core/saml/src/xml/canonicalize.ts';
import type { XmlElement } from '../../core/saml/src/xml/element.ts';
import { children } from '../../core/saml/src/xml/query.ts';
import { readXml } from '../../core/saml/src/xml/read.ts';
import { xmlDocument } from '../kit/xml-documents.ts';

type Dom = Parameters<ExclusiveCanonicalization['process']>[0];

function parse(text: string): Element {
  const root = new DOMParser({ onError: () => undefined }).parseFromString(text, 'text/xml').documentElement;
  if (root === null) throw new TypeError('no root');
  return root;
}

function theirs(element: Element, inclusiveNamespacesPrefixList: string[] = []): string {
  // Proof for the cast: xmldom's elements are what xml-crypto works on; the types come from two declarations of the DOM.
  return new ExclusiveCanonicalization().process(element as unknown as Dom, { inclusiveNamespacesPrefixList });
}

/** Without what xml-crypto gets wrong: see below. */
const document = xmlDocument.map((text) => text.replaceAll('a&#x26;b', 'ab').replaceAll(/\s+xmlns=(""|'')/g, ''));

describe('exclusive canonicalization', () => {
  test("is xml-crypto's on random documents", () => {
    fc.assert(
      fc.property(document, (text) => {
        expect(canonicalize(readXml(text))).toBe(theirs(parse(text)));
      }),
      { numRuns: 1000 },
    );
  });

  test("is xml-crypto's on elements inside random documents", () => {
    fc.assert(
      fc.property(document, (text) => {
        const ours: XmlElement[] = children(readXml(text));
        const dom = Array.from(parse(text).childNodes).filter((node) => node.nodeType === node.ELEMENT_NODE);
        // Proof for the cast: filtered by nodeType.
        expect(ours.map((element) => canonicalize(element))).toEqual(dom.map((element) => theirs(element as Element)));
      }),
      { numRuns: 500 },
    );
  });

  test("is xml-crypto's with a PrefixList", () => {
    const text = '<a><b xmlns:xs="u:1" xmlns:q="u:2"><q:c xmlns:xs="u:3"/></b></a>';
    expect(canonicalize(readXml(text), { inclusivePrefixes: ['xs'] })).toBe(theirs(parse(text), ['xs']));
  });

  test('xml-crypto does not escape a namespace URI, as c14n §2.3 wants; ours does', () => {
    const text = '<a xmlns="http://z.example/?a&amp;b"></a>';
    expect(canonicalize(readXml(text))).toBe(text);
    expect(theirs(parse(text))).toBe('<a xmlns="http://z.example/?a&b"></a>');
  });

  test('xml-crypto undoes the default namespace again and again, which exc-c14n §3 does not; ours does not', () => {
    const text = '<a xmlns="u:x"><b xmlns=""><c></c></b></a>';
    expect(canonicalize(readXml(text))).toBe(text);
    expect(theirs(parse(text))).toBe('<a xmlns="u:x"><b xmlns=""><c xmlns=""></c></b></a>');
  });

  test('xml-crypto orders attributes by namespace and name in one string, which c14n §2.2 does not; ours does not', () => {
    const text = '<e xmlns:p="u:x" xmlns:q="u:xa" q:a="" p:z=""></e>';
    expect(canonicalize(readXml(text))).toBe('<e xmlns:p="u:x" xmlns:q="u:xa" p:z="" q:a=""></e>');
    expect(theirs(parse(text))).toBe(text);
  });
});
