import { SamlError, type SamlErrorCode } from '../errors.ts';
import { compareByCodePoint, endOfName, ILLEGAL_CHARACTER, isSpace } from './characters.ts';
import type { XmlAttribute, XmlElement, XmlNamespace } from './element.ts';

/** Far above any honest message, far below what hurts (classes 36 and 37 of the attacks: deep, large, many). */
export const XML_LIMITS = {
  /** UTF-16 units: 256 Ki, and no 256 KiB of UTF-8 has more. */
  length: 262_144,
  depth: 64,
  /** Elements and runs of text. */
  nodes: 2000,
  attributesOfElement: 64,
  namespacesInScope: 64,
} as const;

const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';
const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/';

/**
 * Reads a document, strictly: XML 1.0 with namespaces, without DOCTYPE, comments, processing instructions and entities, because
 * parsers differ in those and every difference has been an attack. Returns the root element or throws `SamlError`.
 */
export function readXml(text: string): XmlElement {
  if (text.length > XML_LIMITS.length) throw new SamlError('xml_too_large', `more than ${XML_LIMITS.length} characters`);
  if (!text.isWellFormed()) throw new SamlError('xml_encoding', 'unpaired surrogate');
  const illegal = ILLEGAL_CHARACTER.exec(text);
  if (illegal !== null) throw new SamlError('xml_malformed', `illegal character at ${illegal.index}`);
  const scan: Scan = {
    text,
    references: text.includes('&'),
    breaks: text.includes('\n') || text.includes('\t') || text.includes('\r'),
    returns: text.includes('\r'),
    cdataEnds: text.includes(']]>'),
    at: skipDeclaration(text),
    less: 0,
    prefix: '',
    localName: '',
    verbatim: true,
    nodes: 0,
    ids: undefined,
    prefixes: ['xml', ''],
    uris: [XML_NAMESPACE, ''],
  };
  return readDocument(scan);
}

/** What the reader knows while it walks over the text once. */
interface Scan {
  readonly text: string;
  // Looked up once for the whole text, which is many times cheaper than a look at each character of each run.
  readonly references: boolean;
  readonly breaks: boolean;
  readonly returns: boolean;
  readonly cdataEnds: boolean;
  at: number;
  /** Where the next markup begins after the one at `at`; -1 if none does. No tag may reach beyond. */
  less: number;
  /** The name that was read last. */
  prefix: string;
  localName: string;
  /** Whether the tag so far is its own canonical form. */
  verbatim: boolean;
  nodes: number;
  ids: Set<string> | undefined;
  /** Namespaces in scope, innermost last; two arrays of one length. */
  readonly prefixes: string[];
  readonly uris: string[];
}

/** `XmlElement` while it is being read; always the same shape. */
interface OpenElement {
  prefix: string;
  localName: string;
  namespace: string;
  attributes: readonly XmlAttribute[];
  namespaces: readonly XmlNamespace[];
  children: (XmlElement | string)[];
  parent: XmlElement | undefined;
  start: number;
  end: number;
  source: string;
  verbatim: boolean;
}

interface OpenAttribute {
  prefix: string;
  localName: string;
  namespace: string;
  value: string;
}

const NO_ATTRIBUTES: readonly XmlAttribute[] = [];
const NO_NAMESPACES: readonly XmlNamespace[] = [];
const NO_CHILDREN: (XmlElement | string)[] = [];

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const SLASH = 0x2f;
const COLON = 0x3a;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const SPACE = 0x20;
const EXCLAMATION = 0x21;
const QUESTION = 0x3f;
const CDATA = '<![CDATA[';

// XML 1.0 §2.8; another version or encoding would be read differently by somebody else (class 34).
const DECLARATION =
  /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(["'])([^"'<>]*)\1(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(["'])([^"'<>]*)\3)?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(["'])(?:yes|no)\5)?[ \t\r\n]*\?>/;

function skipDeclaration(text: string): number {
  if (text.charCodeAt(0) === 0xfeff) throw new SamlError('xml_encoding', 'byte order mark');
  if (!text.startsWith('<?xml')) return 0;
  const declaration = DECLARATION.exec(text);
  if (declaration === null) throw new SamlError('xml_forbidden', 'processing instruction or malformed XML declaration at 0');
  if (declaration[2] !== '1.0') throw new SamlError('xml_forbidden', 'XML version other than 1.0');
  if (declaration[4] !== undefined && declaration[4].toLowerCase() !== 'utf-8') {
    throw new SamlError('xml_encoding', 'encoding other than UTF-8');
  }
  return declaration[0].length;
}

function readDocument(scan: Scan): XmlElement {
  const { text } = scan;
  skipSpace(scan);
  if (text.charCodeAt(scan.at) !== LESS) fail('xml_malformed', 'text before the root element', scan.at);
  let root: OpenElement | undefined;
  let open: OpenElement | undefined;
  let depth = 0;
  // Text of CDATA sections and between them is one string.
  let pending = '';
  for (;;) {
    // Here `scan.at` is always at a '<'.
    const start = scan.at;
    const next = text.charCodeAt(start + 1);
    scan.less = text.indexOf('<', start + 1);
    if (next === SLASH) {
      if (open === undefined) fail('xml_malformed', 'end tag without an element', start);
      if (pending !== '') {
        addText(scan, open, pending);
        pending = '';
      }
      readEndTag(scan, open);
      depth--;
      if (open.namespaces.length > 0) leaveScope(scan, open.namespaces.length);
      // Proof for the cast: every parent set below is itself an OpenElement.
      const parent = open.parent as OpenElement | undefined;
      if (parent !== undefined && (!open.verbatim || open.prefix !== parent.prefix)) parent.verbatim = false;
      open = parent;
    } else if (next === EXCLAMATION) {
      if (open === undefined || !text.startsWith(CDATA, start)) fail('xml_forbidden', 'DOCTYPE or comment', start);
      pending += readCdata(scan);
      open.verbatim = false;
    } else if (next === QUESTION) {
      fail('xml_forbidden', 'processing instruction', start);
    } else {
      if (open !== undefined && pending !== '') {
        addText(scan, open, pending);
        pending = '';
      }
      const element = readStartTag(scan, open);
      if (open === undefined) root = element;
      else addChild(open, element);
      if (element.end === 0) {
        open = element;
        if (++depth > XML_LIMITS.depth) fail('xml_limit', `more than ${XML_LIMITS.depth} levels`, start);
      } else {
        if (element.namespaces.length > 0) leaveScope(scan, element.namespaces.length);
        if (open !== undefined) open.verbatim = false;
      }
    }
    if (open === undefined) break;
    if (scan.less === -1) fail('xml_malformed', 'text ends inside an element', text.length);
    if (scan.less > scan.at) pending = pending === '' ? readText(scan, open) : pending + readText(scan, open);
    scan.at = scan.less;
  }
  skipSpace(scan);
  if (scan.at !== text.length) fail('xml_malformed', 'something after the root element', scan.at);
  // Proof that it is set: the loop ends only after an element without a parent was read.
  return root as XmlElement;
}

function readStartTag(scan: Scan, parent: OpenElement | undefined): OpenElement {
  const { text } = scan;
  const start = scan.at;
  countNode(scan);
  scan.at = start + 1;
  readName(scan);
  const { prefix, localName } = scan;
  let attributes: OpenAttribute[] | undefined;
  let namespaces: XmlNamespace[] | undefined;
  let prefixed = false;
  let lastName = '';
  let end = 0;
  scan.verbatim = true;
  for (;;) {
    const before = scan.at;
    let code = text.charCodeAt(before);
    if (code === GREATER) {
      scan.at++;
      break;
    }
    if (isSpace(code)) {
      skipSpace(scan);
      if (code !== SPACE || scan.at > before + 1) scan.verbatim = false;
      code = text.charCodeAt(scan.at);
      if (code === GREATER) {
        scan.at++;
        scan.verbatim = false;
        break;
      }
    }
    if (code === SLASH) {
      scan.verbatim = false;
      if (text.charCodeAt(scan.at + 1) !== GREATER) fail('xml_malformed', "'/' without '>'", scan.at);
      scan.at += 2;
      end = scan.at;
      break;
    }
    if (scan.at === before) fail('xml_malformed', 'character that does not belong into a tag', before);
    readName(scan);
    const { prefix: attributePrefix, localName: attributeName } = scan;
    const value = readAttributeValue(scan);
    if (attributePrefix === 'xmlns' || (attributePrefix === '' && attributeName === 'xmlns')) {
      const namespace = readNamespace(attributePrefix === '' ? '' : attributeName, value, before);
      namespaces ??= [];
      for (const other of namespaces)
        if (other.prefix === namespace.prefix) fail('xml_malformed', 'namespace declared twice', before);
      namespaces.push(namespace);
      if (scan.prefixes.length + namespaces.length > XML_LIMITS.namespacesInScope) {
        fail('xml_limit', `more than ${XML_LIMITS.namespacesInScope} namespaces in scope`, before);
      }
    } else {
      const attribute = { prefix: attributePrefix, localName: attributeName, namespace: '', value };
      if (attributes === undefined) attributes = [attribute];
      else {
        if (scan.verbatim && compareByCodePoint(lastName, attributeName) > 0) scan.verbatim = false;
        attributes.push(attribute);
      }
      lastName = attributeName;
      if (attributes.length > XML_LIMITS.attributesOfElement) {
        fail('xml_limit', `more than ${XML_LIMITS.attributesOfElement} attributes`, before);
      }
      if (attributePrefix !== '') prefixed = true;
    }
  }
  if (namespaces !== undefined) enterScope(scan, namespaces);
  const namespace = resolve(scan, prefix, start);
  if (attributes !== undefined) {
    if (prefixed) {
      for (const attribute of attributes) {
        if (attribute.prefix !== '') attribute.namespace = resolve(scan, attribute.prefix, start);
      }
    }
    checkAttributes(scan, attributes, start);
  }
  return {
    prefix,
    localName,
    namespace,
    attributes: attributes ?? NO_ATTRIBUTES,
    namespaces: namespaces ?? NO_NAMESPACES,
    children: NO_CHILDREN,
    parent,
    start,
    end,
    source: text,
    verbatim: scan.verbatim && namespaces === undefined && !prefixed,
  };
}

function readEndTag(scan: Scan, open: OpenElement): void {
  const { text } = scan;
  let at = scan.at + 2;
  if (open.prefix !== '') {
    if (!text.startsWith(open.prefix, at) || text.charCodeAt(at + open.prefix.length) !== COLON) wrongEnd(at);
    at += open.prefix.length + 1;
  }
  if (!text.startsWith(open.localName, at)) wrongEnd(at);
  at += open.localName.length;
  scan.at = at;
  if (text.charCodeAt(at) !== GREATER) {
    open.verbatim = false;
    skipSpace(scan);
    if (text.charCodeAt(scan.at) !== GREATER) wrongEnd(at);
  }
  open.end = ++scan.at;
}

function wrongEnd(at: number): never {
  fail('xml_malformed', 'end tag of another element', at);
}

/** A qualified name, into `scan.prefix` and `scan.localName`. */
function readName(scan: Scan): void {
  const { text } = scan;
  const start = scan.at;
  let end = endOfName(text, start);
  if (end === start) fail('xml_malformed', 'name expected', start);
  scan.prefix = '';
  scan.localName = text.slice(start, end);
  if (text.charCodeAt(end) === COLON) {
    const local = end + 1;
    end = endOfName(text, local);
    if (end === local) fail('xml_malformed', 'name expected', local);
    scan.prefix = scan.localName;
    scan.localName = text.slice(local, end);
  }
  scan.at = end;
}

/** From after the name to after the closing quote. */
function readAttributeValue(scan: Scan): string {
  const { text } = scan;
  if (text.charCodeAt(scan.at) !== EQUALS || text.charCodeAt(scan.at + 1) !== QUOTE) {
    scan.verbatim = false;
    skipSpace(scan);
    if (text.charCodeAt(scan.at) !== EQUALS) fail('xml_malformed', "'=' expected", scan.at);
    scan.at++;
    skipSpace(scan);
  } else scan.at++;
  const quote = text.charCodeAt(scan.at);
  if (quote !== QUOTE && quote !== APOSTROPHE) fail('xml_malformed', 'quote expected', scan.at);
  const start = ++scan.at;
  const end = text.indexOf(quote === QUOTE ? '"' : "'", start);
  if (end === -1) fail('xml_malformed', 'attribute value without an end', start);
  if (scan.less !== -1 && scan.less < end) fail('xml_malformed', "'<' in an attribute value", scan.less);
  scan.at = end + 1;
  let value = text.slice(start, end);
  if (scan.breaks && BREAK.test(value)) {
    scan.verbatim = false;
    // XML 1.0 §2.11, then §3.3.3: white space becomes spaces, references to it do not.
    value = value.replace(/\r\n|[\t\n\r]/g, ' ');
  }
  if (scan.references && value.includes('&')) {
    scan.verbatim = false;
    value = expand(value, start);
  }
  return value;
}

const BREAK = /[\t\n\r]/;

/** From where the text begins to the next '<'. */
function readText(scan: Scan, element: OpenElement): string {
  let value = scan.text.slice(scan.at, scan.less);
  if (scan.cdataEnds && value.includes(']]>')) fail('xml_malformed', "']]>' in text", scan.at);
  if (value.includes('>')) element.verbatim = false;
  if (scan.returns && value.includes('\r')) {
    element.verbatim = false;
    value = joinLines(value);
  }
  if (scan.references && value.includes('&')) {
    element.verbatim = false;
    value = expand(value, scan.at);
  }
  return value;
}

function readCdata(scan: Scan): string {
  const start = scan.at + CDATA.length;
  const end = scan.text.indexOf(']]>', start);
  if (end === -1) fail('xml_malformed', 'CDATA section without an end', scan.at);
  scan.at = end + 3;
  scan.less = scan.text.indexOf('<', scan.at);
  const value = scan.text.slice(start, end);
  return scan.returns ? joinLines(value) : value;
}

/** XML 1.0 §2.11. */
function joinLines(value: string): string {
  return value.replace(/\r\n?/g, '\n');
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Resolves character references and the five predefined entities; there are no others without a DOCTYPE. */
function expand(value: string, start: number): string {
  let ampersand = value.indexOf('&');
  let result = '';
  let from = 0;
  while (ampersand !== -1) {
    const semicolon = value.indexOf(';', ampersand);
    const name = semicolon === -1 ? '' : value.slice(ampersand + 1, semicolon);
    const character = name.startsWith('#') ? characterOf(name) : Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
    if (character === undefined) fail('xml_forbidden', 'entity or reference that XML 1.0 does not define in', start);
    result += value.slice(from, ampersand) + character;
    from = semicolon + 1;
    ampersand = value.indexOf('&', from);
  }
  return result + value.slice(from);
}

/** `name` begins with '#'; undefined if it is no character of XML 1.0 (§4.1, Legal Character). */
function characterOf(name: string): string | undefined {
  const digits = /^#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,8}))$/.exec(name);
  if (digits === null) return undefined;
  const code = digits[1] !== undefined ? Number.parseInt(digits[1], 16) : Number(digits[2]);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  const character = String.fromCodePoint(code);
  return ILLEGAL_CHARACTER.test(character) ? undefined : character;
}

function addText(scan: Scan, element: OpenElement, value: string): void {
  countNode(scan);
  addChild(element, value);
}

function addChild(element: OpenElement, node: XmlElement | string): void {
  if (element.children === NO_CHILDREN) element.children = [node];
  else element.children.push(node);
}

function countNode(scan: Scan): void {
  if (++scan.nodes > XML_LIMITS.nodes) fail('xml_limit', `more than ${XML_LIMITS.nodes} nodes`, scan.at);
}

// A relative URI makes other canonicalizers fail and sign nothing (class 21), so does one that is no URI.
const ABSOLUTE_URI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]*$/;

/** Namespaces in XML 1.0 §3 and §5. */
function readNamespace(prefix: string, uri: string, at: number): XmlNamespace {
  if (uri === '') {
    if (prefix !== '') fail('xml_malformed', 'prefix without a namespace', at);
  } else if (!ABSOLUTE_URI.test(uri)) {
    fail('xml_malformed', 'namespace that is no absolute URI', at);
  }
  if (prefix === 'xmlns' || uri === XMLNS_NAMESPACE || (prefix === 'xml') !== (uri === XML_NAMESPACE)) {
    fail('xml_malformed', 'reserved prefix or namespace', at);
  }
  return { prefix, uri };
}

function enterScope(scan: Scan, namespaces: readonly XmlNamespace[]): void {
  for (const { prefix, uri } of namespaces) {
    scan.prefixes.push(prefix);
    scan.uris.push(uri);
  }
}

function leaveScope(scan: Scan, count: number): void {
  scan.prefixes.length -= count;
  scan.uris.length -= count;
}

function resolve(scan: Scan, prefix: string, at: number): string {
  const { prefixes, uris } = scan;
  for (let index = prefixes.length - 1; index >= 0; index--) {
    if (prefixes[index] === prefix) return uris[index] ?? '';
  }
  return fail('xml_malformed', `prefix ${prefix.slice(0, 64)} is not bound`, at);
}

function checkAttributes(scan: Scan, attributes: readonly OpenAttribute[], at: number): void {
  let hasId = false;
  for (let index = 0; index < attributes.length; index++) {
    // Proof for both casts: the indices are below the length.
    const attribute = attributes[index] as OpenAttribute;
    const { localName, namespace } = attribute;
    for (let earlier = 0; earlier < index; earlier++) {
      const other = attributes[earlier] as OpenAttribute;
      if (other.localName === localName && other.namespace === namespace) fail('xml_malformed', 'attribute given twice', at);
    }
    if (localName.length !== 2 || (localName !== 'ID' && localName !== 'Id' && localName !== 'id')) continue;
    // Somebody else would look there for what a signature refers to (classes 10 and 22).
    if (namespace !== '' || hasId) fail('xml_duplicate_id', 'second or namespaced ID attribute', at);
    hasId = true;
    scan.ids ??= new Set();
    if (scan.ids.has(attribute.value)) fail('xml_duplicate_id', 'ID that another element has', at);
    scan.ids.add(attribute.value);
  }
}

function skipSpace(scan: Scan): void {
  const { text } = scan;
  let { at } = scan;
  while (isSpace(text.charCodeAt(at))) at++;
  scan.at = at;
}

function fail(code: SamlErrorCode, what: string, at: number): never {
  throw new SamlError(code, `${what} at ${at}`);
}
