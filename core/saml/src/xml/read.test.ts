import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SamlError, type SamlErrorCode } from '../errors.ts';
import { children } from './query.ts';
import { readXml, XML_LIMITS } from './read.ts';

function codeOf(text: string): SamlErrorCode | 'accepted' {
  try {
    readXml(text);
    return 'accepted';
  } catch (error) {
    if (error instanceof SamlError) return error.code;
    throw error;
  }
}

const repeated = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join('');

const REFUSED: readonly (readonly [string, SamlErrorCode, string])[] = [
  // Forbidden markup
  ['class 24 dtd_empty: an empty DOCTYPE', 'xml_forbidden', '<!DOCTYPE a><a/>'],
  ['class 24 dtd_entity: an entity declared', 'xml_forbidden', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
  [
    'class 23 dtd_attlist_ns: a namespace from a default attribute',
    'xml_forbidden',
    '<!DOCTYPE a [<!ATTLIST a xmlns CDATA "u:x">]><a/>',
  ],
  [
    'class 25 dtd_xxe_file: an external entity',
    'xml_forbidden',
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
  ],
  [
    'class 25 dtd_billion_laughs: nested entities',
    'xml_forbidden',
    '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><a>&z;</a>',
  ],
  ['a DOCTYPE inside the root', 'xml_forbidden', '<a><!DOCTYPE a></a>'],
  ['an entity that nobody declared', 'xml_forbidden', '<a>&nbsp;</a>'],
  ['an entity that is a property of every object', 'xml_forbidden', '<a>&constructor;</a>'],
  ['class 30 comment_in_nameid: a comment', 'xml_forbidden', '<a>user@good.example<!---->.evil.example</a>'],
  ['a comment before the root', 'xml_forbidden', '<!-- x --><a/>'],
  ['a comment after the root', 'xml_malformed', '<a/><!-- x -->'],
  ['class 31 pi_in_nameid: a processing instruction', 'xml_forbidden', '<a><?p al?>ice@</a>'],
  ['a processing instruction before the root', 'xml_forbidden', '<?p x?><a/>'],
  ['a second XML declaration', 'xml_forbidden', '<?xml version="1.0"?><?xml version="1.0"?><a/>'],
  ['an XML declaration after white space', 'xml_forbidden', ' <?xml version="1.0"?><a/>'],
  ['an XML declaration without a version', 'xml_forbidden', '<?xml encoding="UTF-8"?><a/>'],
  ['class 34: XML 1.1', 'xml_forbidden', '<?xml version="1.1"?><a/>'],
  // Encoding and characters
  ['class 34: UTF-16 declared', 'xml_encoding', '<?xml version="1.0" encoding="UTF-16"?><a/>'],
  ['class 34: UTF-7 declared', 'xml_encoding', '<?xml version="1.0" encoding="utf-7"?><a/>'],
  ['class 34: a byte order mark', 'xml_encoding', '\uFEFF<a/>'],
  ['class 34: an unpaired surrogate', 'xml_encoding', '<a>\uD800</a>'],
  ['class 34: NUL', 'xml_malformed', '<a>\0</a>'],
  ['a control character', 'xml_malformed', '<a>\x0b</a>'],
  ['U+FFFE', 'xml_malformed', '<a>\uFFFE</a>'],
  ['a reference to NUL', 'xml_forbidden', '<a>&#0;</a>'],
  ['a reference to a surrogate', 'xml_forbidden', '<a>&#xD800;</a>'],
  ['a reference beyond Unicode', 'xml_forbidden', '<a>&#x110000;</a>'],
  ['a reference to U+FFFF', 'xml_forbidden', '<a b="&#xFFFF;"/>'],
  ['a reference with a capital X', 'xml_forbidden', '<a>&#X41;</a>'],
  ['an ampersand alone', 'xml_forbidden', '<a>a & b</a>'],
  ['an ampersand without a semicolon', 'xml_forbidden', '<a>&amp</a>'],
  // Well-formedness
  ['nothing', 'xml_malformed', ''],
  ['text only', 'xml_malformed', 'hello'],
  ['class 35: a second root', 'xml_malformed', '<a/><b/>'],
  ['class 35: text after the root', 'xml_malformed', '<a/>x'],
  ['text before the root', 'xml_malformed', 'x<a/>'],
  ['an element without an end', 'xml_malformed', '<a><b></b>'],
  ['an end tag of another element', 'xml_malformed', '<a></b>'],
  ['an end tag whose name goes on', 'xml_malformed', '<a></ab>'],
  ['an end tag with another prefix for the same namespace', 'xml_malformed', '<p:a xmlns:p="u:x" xmlns:q="u:x"></q:a>'],
  ['an end tag first', 'xml_malformed', '</a>'],
  ['an end tag with an attribute', 'xml_malformed', '<a></a b="">'],
  ['a tag without a name', 'xml_malformed', '<>'],
  ['a space before the name', 'xml_malformed', '< a/>'],
  ['a name that begins with a digit', 'xml_malformed', '<1a/>'],
  ['a name with two colons', 'xml_malformed', '<a:b:c xmlns:a="u:x"/>'],
  ['a prefix without a name', 'xml_malformed', '<a: xmlns:a="u:x"/>'],
  ['a name that begins with a colon', 'xml_malformed', '<:a/>'],
  ['a tag without an end', 'xml_malformed', '<a'],
  ['a slash inside a tag', 'xml_malformed', '<a/ >'],
  ['attributes without a space between', 'xml_malformed', '<a b="1"c="2"/>'],
  ['an attribute without a value', 'xml_malformed', '<a b/>'],
  ['an attribute without quotes', 'xml_malformed', '<a b=1/>'],
  ['an attribute value without an end', 'xml_malformed', '<a b="1/>'],
  ["'<' in an attribute value", 'xml_malformed', '<a b="<"/>'],
  ["']]>' in text", 'xml_malformed', '<a>]]></a>'],
  ['a CDATA section without an end', 'xml_malformed', '<a><![CDATA[</a>'],
  ['a CDATA section outside the root', 'xml_forbidden', '<![CDATA[x]]><a/>'],
  ['an attribute given twice', 'xml_malformed', '<a b="1" b="2"/>'],
  ['an attribute given twice by two prefixes', 'xml_malformed', '<a xmlns:p="u:x" xmlns:q="u:x" p:b="1" q:b="2"/>'],
  // Namespaces
  ['a prefix that is not bound', 'xml_malformed', '<p:a/>'],
  ['a prefix that is no longer bound', 'xml_malformed', '<a><b xmlns:p="u:x"/><p:c/></a>'],
  ['an attribute prefix that is not bound', 'xml_malformed', '<a p:b=""/>'],
  ['a prefix bound to nothing', 'xml_malformed', '<a xmlns:p=""/>'],
  ['a prefix bound twice', 'xml_malformed', '<a xmlns:p="u:x" xmlns:p="u:y"/>'],
  ['the xml prefix bound to something else', 'xml_malformed', '<a xmlns:xml="u:x"/>'],
  ['another prefix bound to the xml namespace', 'xml_malformed', '<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>'],
  ['the default namespace bound to the xml namespace', 'xml_malformed', '<a xmlns="http://www.w3.org/XML/1998/namespace"/>'],
  ['the xmlns prefix bound', 'xml_malformed', '<a xmlns:xmlns="http://www.w3.org/2000/xmlns/"/>'],
  ['a prefix bound to the xmlns namespace', 'xml_malformed', '<a xmlns:p="http://www.w3.org/2000/xmlns/"/>'],
  ['an element with the xmlns prefix', 'xml_malformed', '<xmlns:a/>'],
  ['class 21 void_digest_relative_ns: a relative namespace', 'xml_malformed', '<a xmlns:r="1"/>'],
  ['class 21: a namespace that is no URI', 'xml_malformed', '<a xmlns:r="http://a b"/>'],
  // IDs
  ['class 10 xsw_dup_id: one ID on two elements', 'xml_duplicate_id', '<a ID="x"><b ID="x"/></a>'],
  ['class 10: one ID under two spellings', 'xml_duplicate_id', '<a ID="x"><b id="x"/></a>'],
  ['class 10: one ID, once by reference', 'xml_duplicate_id', '<a ID="x"><b ID="&#x78;"/></a>'],
  ['class 22 attr_pollution_id: a namespaced ID', 'xml_duplicate_id', '<p:a xmlns:p="u:x" ID="x" p:ID="y"/>'],
  ['class 22: a namespaced Id alone', 'xml_duplicate_id', '<p:a xmlns:p="u:x" p:Id="y"/>'],
  ['class 22: xml:id', 'xml_duplicate_id', '<a xml:id="y"/>'],
  ['class 22: ID and Id on one element', 'xml_duplicate_id', '<a ID="x" Id="y"/>'],
  // Limits
  ['class 36 deep_20000: too deep', 'xml_limit', '<a>'.repeat(20_000)],
  ['class 36: one level too deep', 'xml_limit', '<a>'.repeat(XML_LIMITS.depth + 1) + '</a>'.repeat(XML_LIMITS.depth + 1)],
  ['class 36 big_2mb: too long', 'xml_too_large', `<a>${'x'.repeat(2_000_000)}</a>`],
  ['class 36: too many nodes', 'xml_limit', `<a>${'<b/>'.repeat(XML_LIMITS.nodes)}</a>`],
  ['class 36: too many runs of text', 'xml_limit', `<a>${'x<b/>'.repeat(XML_LIMITS.nodes / 2)}</a>`],
  ['class 36: too many attributes', 'xml_limit', `<a ${repeated(20_000, (index) => ` a${index}=""`)}/>`],
  ['class 36: too many namespaces on an element', 'xml_limit', `<a ${repeated(10_000, (index) => ` xmlns:a${index}="u:x"`)}/>`],
  [
    'class 36: too many namespaces in scope',
    'xml_limit',
    repeated(60, (level) => `<a ${repeated(10, (index) => ` xmlns:p${level}-${index}="u:x"`)}>`),
  ],
];

describe('readXml refuses', () => {
  test.each(REFUSED)('%s', (_title, code, text) => {
    expect(codeOf(text)).toBe(code);
  });
});

const ACCEPTED: readonly (readonly [string, string, string])[] = [
  ['class 32 cdata_in_nameid: a CDATA section is text', '<a>x<![CDATA[<&]]>y</a>', 'x<&y'],
  ['class 32 charref_in_nameid: references are characters', '<a>&#97;&#x62;&#x1F600;</a>', 'ab😀'],
  ['the five predefined entities', '<a>&amp;&lt;&gt;&quot;&apos;</a>', '&<>"\''],
  ['a reference is resolved once only', '<a>&amp;lt;</a>', '&lt;'],
  ['line ends become line feeds (XML 1.0 §2.11)', '<a>1\r\n2\r3\n<![CDATA[\r]]></a>', '1\n2\n3\n\n'],
  ['a reference to a carriage return stays one', '<a>&#13;</a>', '\r'],
  ['CDATA sections that make an end between them', '<a><![CDATA[]]]]><![CDATA[>]]></a>', ']]>'],
  ['an XML declaration', "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<a>x</a>\n", 'x'],
  ['a declaration without an encoding', '<?xml version="1.0"?><a>x</a>', 'x'],
  ['names beyond ASCII', '<é·𠀀>x</é·𠀀>', 'x'],
  ['the xml prefix bound to its own namespace', '<a xmlns:xml="http://www.w3.org/XML/1998/namespace">x</a>', 'x'],
  ['spaces where tags allow them', '<a  b = "1"\n>x</a\t>', 'x'],
];

describe('readXml accepts', () => {
  test.each(ACCEPTED)('%s', (_title, text, content) => {
    expect(readXml(text).children.join('')).toBe(content);
    expect(readXml(text).children.length).toBe(1);
  });

  test('white space in an attribute becomes spaces, references to it do not (XML 1.0 §3.3.3)', () => {
    const [attribute] = readXml('<a b="1\t2\n3\r\n4&#9;5&#xA;6&#xD;7"/>').attributes;
    expect(attribute?.value).toBe('1 2 3 4\t5\n6\r7');
  });

  test('the default namespace is for elements only (xml-names §6.2)', () => {
    const element = readXml('<a xmlns="u:x" b="1"><c xmlns=""/></a>');
    expect(element.namespace).toBe('u:x');
    expect(element.attributes[0]?.namespace).toBe('');
    expect(element.children[0]).toMatchObject({ localName: 'c', namespace: '' });
  });

  test('an inner declaration holds inside its element only', () => {
    const element = readXml('<p:a xmlns:p="u:x"><p:b xmlns:p="u:y"><p:c/></p:b><p:d/></p:a>');
    const [b, d] = children(element);
    const c = b && children(b)[0];
    expect([element, b, c, d].map((each) => each?.namespace)).toEqual(['u:x', 'u:y', 'u:y', 'u:x']);
  });

  test('start and end cut the markup of an element out of the text, and parents are set', () => {
    const text = '<?xml version="1.0"?>\r\n<a>\r\n<b c="&#97;"/><d>x</d></a>';
    const root = readXml(text);
    const [b, d] = children(root);
    expect([root, b, d].map((element) => text.slice(element?.start, element?.end))).toEqual([
      '<a>\r\n<b c="&#97;"/><d>x</d></a>',
      '<b c="&#97;"/>',
      '<d>x</d>',
    ]);
    expect(b?.parent).toBe(root);
    expect(root.parent).toBeUndefined();
  });
});

describe('readXml on garbage', () => {
  const fragment = fc.constantFrom(
    ...[
      '<',
      '>',
      '/',
      '=',
      '"',
      "'",
      '&',
      ';',
      '#',
      ':',
      '!',
      '?',
      '[',
      ']',
      '-',
      ' ',
      '\n',
      '\r',
      '\0',
      '\uD800',
      '\uFEFF',
      'é',
    ],
    ...[
      'a',
      'xmlns',
      'xml',
      'ID',
      '<a>',
      '</a>',
      '<a',
      '<p:a xmlns:p="u:x">',
      '</p:a>',
      '&amp;',
      '&#x41;',
      '<![CDATA[',
      ']]>',
      '<?xml version="1.0"?>',
    ],
  );

  test('throws nothing but SamlError', () => {
    fc.assert(
      fc.property(
        fc.array(fragment, { maxLength: 40 }).map((parts) => parts.join('')),
        (text) => void codeOf(text),
      ),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => void codeOf(`<a>${text}</a>`)),
      { numRuns: 1000 },
    );
  });

  test('every prefix of a document is refused', () => {
    const text = '<?xml version="1.0"?><p:a xmlns:p="u:x" ID="1">x&amp;<![CDATA[y]]><b c="d"/></p:a>';
    for (let end = 0; end < text.length; end++) expect(codeOf(text.slice(0, end))).not.toBe('accepted');
    expect(codeOf(text)).toBe('accepted');
  });
});
