import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { xmlDocument } from '../../../../test/kit/xml-documents.ts';
import { type CanonicalizeOptions, canonicalize } from './canonicalize.ts';
import type { XmlElement } from './element.ts';
import { children } from './query.ts';
import { readXml } from './read.ts';

/** The element at a path of indices among element children. */
function at(root: XmlElement, ...path: readonly number[]): XmlElement {
  return path.reduce((element, index) => {
    const next = children(element)[index];
    if (next === undefined) throw new TypeError('no such element');
    return next;
  }, root);
}

/** How many elements say of themselves that they are canonical. */
function copiedIn(element: XmlElement): number {
  return children(element).reduce((sum, each) => sum + copiedIn(each), element.verbatim ? 1 : 0);
}

const ELEM2 = `<n1:elem2 xmlns:n1="http://example.net" xml:lang="en">
     <n3:stuff xmlns:n3="ftp://example.org"></n3:stuff>
  </n1:elem2>`;

interface Vector {
  readonly title: string;
  readonly text: string;
  readonly path?: readonly number[];
  readonly options?: CanonicalizeOptions;
  readonly canonical: string;
}

const VECTORS: readonly Vector[] = [
  {
    title: 'exc-c14n §2.2: elem2 in its first envelope',
    text: `<n0:local xmlns:n0="http://example.com/foo" xmlns:n3="ftp://example.org">
  <n1:elem2 xmlns:n1="http://example.net" xml:lang="en">
     <n3:stuff xmlns:n3="ftp://example.org"/>
  </n1:elem2>
</n0:local>`,
    path: [0],
    canonical: ELEM2,
  },
  {
    title: 'exc-c14n §2.2: elem2 in another envelope is the same text, and xml: attributes do not come in',
    text: `<n2:pdu xmlns:n1="http://example.com" xmlns:n2="http://foo.example" xml:lang="fr" xml:space="retain">
  <n1:elem2 xmlns:n1="http://example.net" xml:lang="en">
     <n3:stuff xmlns:n3="ftp://example.org"/>
  </n1:elem2>
</n2:pdu>`,
    path: [0],
    canonical: ELEM2,
  },
  {
    title: 'c14n §3.3: empty elements, white space in tags, order of namespaces and attributes',
    text: `<doc>
   <e1   />
   <e2   ></e2>
   <e3   name = "elem3"   id="elem3"   />
   <e5 a:attr="out" b:attr="sorted" attr2="all" attr="I'm"
      xmlns:b="http://www.ietf.org"
      xmlns:a="http://www.w3.org"
      xmlns="http://example.org"/>
   <e6 xmlns="" xmlns:a="http://www.w3.org">
      <e7 xmlns="http://www.ietf.org">
         <e8 xmlns="" xmlns:a="http://www.w3.org" a:x="1">
            <e9 xmlns="" xmlns:a="http://www.ietf.org"/>
         </e8>
      </e7>
   </e6>
</doc>`,
    canonical: `<doc>
   <e1></e1>
   <e2></e2>
   <e3 id="elem3" name="elem3"></e3>
   <e5 xmlns="http://example.org" xmlns:a="http://www.w3.org" xmlns:b="http://www.ietf.org" attr="I'm" attr2="all" b:attr="sorted" a:attr="out"></e5>
   <e6>
      <e7 xmlns="http://www.ietf.org">
         <e8 xmlns="" xmlns:a="http://www.w3.org" a:x="1">
            <e9></e9>
         </e8>
      </e7>
   </e6>
</doc>`,
  },
  {
    title: 'c14n §3.4: character modifications',
    text: `<doc>
   <text>First line&#x0d;&#10;Second line</text>
   <value>&#x32;</value>
   <compute><![CDATA[value>"0" && value<"10" ?"valid":"error"]]></compute>
   <compute expr='value>"0" &amp;&amp; value&lt;"10" ?"valid":"error"'>valid</compute>
   <norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/>
</doc>`,
    canonical: `<doc>
   <text>First line&#xD;
Second line</text>
   <value>2</value>
   <compute>value&gt;"0" &amp;&amp; value&lt;"10" ?"valid":"error"</compute>
   <compute expr="value>&quot;0&quot; &amp;&amp; value&lt;&quot;10&quot; ?&quot;valid&quot;:&quot;error&quot;">valid</compute>
   <norm attr=" '    &#xD;&#xA;&#x9;   ' "></norm>
</doc>`,
  },
  {
    title: 'exc-c14n §3: a namespace is written where it is used, again in each branch, and not where it is only declared',
    text: '<a xmlns:p="u:p" xmlns:q="u:q"><p:b><p:c/></p:b><p:b q:d=""/></a>',
    canonical: '<a><p:b xmlns:p="u:p"><p:c></p:c></p:b><p:b xmlns:p="u:p" xmlns:q="u:q" q:d=""></p:b></a>',
  },
  {
    title: 'exc-c14n §3: a prefix that only a value uses is not written',
    text: '<a xmlns:xs="u:xs" xmlns:xsi="u:xsi"><b xsi:type="xs:string"/></a>',
    canonical: '<a><b xmlns:xsi="u:xsi" xsi:type="xs:string"></b></a>',
  },
  {
    title: 'exc-c14n §3: a prefix bound again inside is written again, and the outer one after it',
    text: '<p:a xmlns:p="u:1"><p:b xmlns:p="u:2"><p:c xmlns:p="u:1"/></p:b><p:d/></p:a>',
    canonical: '<p:a xmlns:p="u:1"><p:b xmlns:p="u:2"><p:c xmlns:p="u:1"></p:c></p:b><p:d></p:d></p:a>',
  },
  {
    title: 'exc-c14n §3: xmlns="" is written only against a default namespace that was written',
    text: '<a xmlns="u:d"><p:b xmlns:p="u:p" xmlns=""><c/></p:b><d xmlns=""><e/></d></a>',
    canonical: '<a xmlns="u:d"><p:b xmlns:p="u:p"><c xmlns=""></c></p:b><d xmlns=""><e></e></d></a>',
  },
  {
    title: 'exc-c14n §3: the default namespace around the apex is not undone when it was never written',
    text: '<a xmlns="u:d"><b xmlns=""/></a>',
    path: [0],
    canonical: '<b></b>',
  },
  {
    title: 'exc-c14n §3: a default namespace around the apex is written where it is used',
    text: '<a xmlns="u:d"><p:b xmlns:p="u:p"><c/></p:b></a>',
    path: [0],
    canonical: '<p:b xmlns:p="u:p"><c xmlns="u:d"></c></p:b>',
  },
  {
    title: 'PrefixList: a listed prefix is written at the apex though nothing uses it, and once',
    text: '<a xmlns:xs="u:xs" xmlns:q="u:q"><b><c xmlns:xs="u:xs"/></b></a>',
    path: [0],
    options: { inclusivePrefixes: ['xs'] },
    canonical: '<b xmlns:xs="u:xs"><c></c></b>',
  },
  {
    title: 'PrefixList: a listed prefix is written where it is declared, and again when it is bound to something else',
    text: '<a><b xmlns:xs="u:1"><c xmlns:xs="u:2"/></b></a>',
    options: { inclusivePrefixes: ['xs', 'unknown', 'xml'] },
    canonical: '<a><b xmlns:xs="u:1"><c xmlns:xs="u:2"></c></b></a>',
  },
  {
    title: 'PrefixList: #default is the default namespace, written and undone where it changes',
    text: '<a xmlns="u:d"><p:b xmlns:p="u:p"><p:c xmlns=""/></p:b></a>',
    path: [0],
    options: { inclusivePrefixes: ['#default'] },
    canonical: '<p:b xmlns="u:d" xmlns:p="u:p"><p:c xmlns=""></p:c></p:b>',
  },
  {
    title: 'PrefixList: listed and used namespaces are sorted together',
    text: '<a xmlns:z="u:z" xmlns:b="u:b"><m:c xmlns:m="u:m" xmlns:c="u:c" c:x=""/></a>',
    path: [0],
    options: { inclusivePrefixes: ['z', 'b'] },
    canonical: '<m:c xmlns:b="u:b" xmlns:c="u:c" xmlns:m="u:m" xmlns:z="u:z" c:x=""></m:c>',
  },
  {
    title: 'c14n §2.2: attributes by namespace URI, not by prefix; those without come first',
    text: '<e xmlns:a="u:2" xmlns:b="u:1" a:x="" b:y="" b:x="" z="" xml:lang="en"/>',
    canonical: '<e xmlns:a="u:2" xmlns:b="u:1" z="" xml:lang="en" b:x="" b:y="" a:x=""></e>',
  },
  {
    title: 'c14n §2.2: names are ordered by code point, not by UTF-16 unit',
    text: '<e \u{20000}="1" \uF900="2" \uD7FB="3"/>',
    canonical: '<e \uD7FB="3" \uF900="2" \u{20000}="1"></e>',
  },
  {
    title: 'c14n §2.3: namespace URIs are escaped as attribute values',
    text: '<e xmlns="http://x.example/?a&amp;b"/>',
    canonical: '<e xmlns="http://x.example/?a&amp;b"></e>',
  },
];

describe('canonicalize', () => {
  test.each(VECTORS)('$title', ({ text, path, options, canonical }) => {
    expect(canonicalize(at(readXml(text), ...(path ?? [])), options)).toBe(canonical);
  });

  test('xmldsig-core §6.6.4: the signature is left out, the text around it stays', () => {
    const root = readXml('<a> <s>1</s> <b><s>2</s></b></a>');
    expect(canonicalize(root, { without: at(root, 0) })).toBe('<a>  <b><s>2</s></b></a>');
    expect(canonicalize(root, { without: at(root, 1, 0) })).toBe('<a> <s>1</s> <b></b></a>');
  });

  test('canonical text is its own canonical form', () => {
    fc.assert(
      fc.property(xmlDocument, (text) => {
        const canonical = canonicalize(readXml(text));
        expect(canonicalize(readXml(canonical))).toBe(canonical);
      }),
      { numRuns: 1000 },
    );
  });

  test('markup that is copied because it is canonical is what would have been written', () => {
    const written = (element: XmlElement): XmlElement => ({
      ...element,
      verbatim: false,
      children: element.children.map((node) => (typeof node === 'string' ? node : written(node))),
    });
    let copied = 0;
    fc.assert(
      fc.property(xmlDocument, (text) => {
        for (const document of [
          text,
          canonicalize(readXml(text)),
          canonicalize(readXml(text)).replaceAll(/ xmlns="[^"]*"/g, ''),
        ]) {
          const root = readXml(document);
          expect(canonicalize(root)).toBe(canonicalize(written(root)));
          copied += copiedIn(root);
        }
      }),
      { numRuns: 2000 },
    );
    expect(copied).toBeGreaterThan(200);
  });

  test.each([
    ['an empty element', '<a><b/></a>'],
    ['a CDATA section', '<a><b><![CDATA[x]]></b></a>'],
    ['a bare >', '<a><b>></b></a>'],
    ['a reference that need not be', '<a><b>&#65;</b></a>'],
    ['a carriage return', '<a><b>\r</b></a>'],
    ['a line feed in an attribute', '<a><b c="\n"></b></a>'],
    ['a reference in an attribute', '<a><b c="&gt;"></b></a>'],
    ['single quotes', "<a><b c='1'></b></a>"],
    ['space around =', '<a><b c ="1"></b><b c= "1"></b></a>'],
    ['two spaces', '<a><b  c="1"></b></a>'],
    ['a tab', '<a><b\tc="1"></b></a>'],
    ['space at the end of a start tag', '<a><b c="1" ></b></a>'],
    ['space at the end of an end tag', '<a><b></b ></a>'],
    ['attributes in another order', '<a><b d="1" c="2"></b></a>'],
    ['a prefixed attribute', '<p:a xmlns:p="u:x"><p:b p:d="1" c="2"></p:b></p:a>'],
    ['a declaration', '<a><b xmlns:p="u:x"></b></a>'],
    ['another prefix', '<a xmlns:p="u:x"><b><p:c></p:c></b></a>'],
    ['no prefix inside a prefix', '<p:a xmlns:p="u:x"><p:b><c></c></p:b></p:a>'],
  ])('what is not canonical is not copied: %s', (_title, text) => {
    const [inner] = children(readXml(text));
    expect(inner?.verbatim).toBe(false);
    expect(copiedIn(readXml(text))).toBe(text.includes('<p:c>') || text.includes('<c>') ? 1 : 0);
  });

  test('an element alone has the canonical form it has inside its document', () => {
    fc.assert(
      fc.property(xmlDocument, (text) => {
        for (const element of children(readXml(text))) {
          const canonical = canonicalize(element);
          expect(canonicalize(readXml(canonical))).toBe(canonical);
        }
      }),
      { numRuns: 300 },
    );
  });
});
