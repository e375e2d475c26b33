import {
  attribute,
  below,
  copy,
  type Document,
  type Element,
  find,
  type Node,
  pick,
  type Random,
  setAttribute,
  type Text,
  walk,
} from './mutants-tree.ts';

const DS = 'http://www.w3.org/2000/09/xmldsig#';
const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';
const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol';

type Mutate = (document: Document, random: Random) => void;

const raw = (text: string): Node => ({ kind: 'raw', text });
const element = (prefix: string, localName: string, attributes: [string, string][], children: Node[]): Element => ({
  kind: 'element',
  prefix,
  localName,
  attributes,
  children,
});

const insert = (into: Element, what: Node, random: Random): void => {
  into.children.splice(below(random, into.children.length + 1), 0, what);
};

const anyElement = ({ root }: Document, random: Random): Element => pick(random, walk(root)).element;

/** An element that is not the root. */
const anyChild = ({ root }: Document, random: Random): { readonly element: Element; readonly parent: Element } => {
  const { element: child, parent } = pick(random, walk(root).slice(1));
  if (parent === undefined) throw new TypeError('only the root has no parent');
  return { element: child, parent };
};

const remove = (parent: Element, child: Node): void => {
  parent.children.splice(parent.children.indexOf(child), 1);
};

const anyText = ({ root }: Document, random: Random): { readonly text: Text; readonly parent: Element } => {
  const texts = walk(root).flatMap(({ element: parent }) =>
    parent.children.flatMap((text) => (text.kind === 'text' && text.value.trim() !== '' ? [{ text, parent }] : [])),
  );
  return pick(random, texts);
};

/** Namespaces that an element needs from above, so that it can stand anywhere. */
const uprooted = (root: Element, wanted: Element): Element => {
  const declared = new Map<string, string>();
  const gather = (each: Element, scope: ReadonlyMap<string, string>): boolean => {
    const own = new Map(scope);
    for (const [name, value] of each.attributes) if (name === 'xmlns' || name.startsWith('xmlns:')) own.set(name, value);
    if (each === wanted) {
      for (const [name, value] of own) declared.set(name, value);
      return true;
    }
    return each.children.some((child) => child.kind === 'element' && gather(child, own));
  };
  gather(root, new Map());
  const twin = copy(wanted);
  for (const [name, value] of declared) if (attribute(twin, name) === undefined) twin.attributes.push([name, value]);
  return twin;
};

/** The element that is signed: the parent of the first signature. */
const signedOf = (
  root: Element,
): { readonly signed: Element; readonly signature: Element; readonly holder: Element | undefined } => {
  const all = walk(root);
  const signature = all.find(({ element: each }) => each.localName === 'Signature');
  const signed = signature?.parent;
  if (signature === undefined || signed === undefined) return { signed: root, signature: root, holder: undefined };
  return { signed, signature: signature.element, holder: all.find(({ element: each }) => each === signed)?.parent };
};

const evilNames = ['ceo@acme.example', 'admin', 'root@other.example', ''];

/** What the attacker would like to have said. */
const spoof = (evil: Element, random: Random): Element => {
  for (const { element: each } of walk(evil)) {
    if (each.localName === 'NameID') each.children = [{ kind: 'text', value: pick(random, evilNames) }];
    if (each.localName === 'AuthnRequest') setAttribute(each, 'AssertionConsumerServiceURL', 'https://evil.example/acs');
  }
  return evil;
};

const withoutSignature = (each: Element): Element => {
  each.children = each.children.filter((child) => child.kind !== 'element' || child.localName !== 'Signature');
  return each;
};

let newIds = 0;
const newId = (name: string): string => {
  newIds += 1;
  return `_${name}${newIds}`;
};

const evilCopy = (root: Element, genuine: Element, random: Random): Element => {
  const evil = spoof(uprooted(root, genuine), random);
  if (random() < 0.9) setAttribute(evil, 'ID', newId('evil'));
  return random() < 0.7 ? withoutSignature(evil) : evil;
};

const containers: readonly ((inner: Node) => Element)[] = [
  (inner) => element('samlp', 'Extensions', [['xmlns:samlp', SAMLP]], [inner]),
  (inner) => element('saml', 'Advice', [['xmlns:saml', SAML]], [inner]),
  (inner) => element('ds', 'Object', [['xmlns:ds', DS]], [inner]),
  (inner) => element('samlp', 'StatusDetail', [['xmlns:samlp', SAMLP]], [inner]),
  (inner) => element('x', 'Wrapper', [['xmlns:x', 'urn:x']], [inner]),
  (inner) => element('', 'Wrapper', [['xmlns', '']], [inner]),
  (inner) => element('saml', 'AttributeValue', [['xmlns:saml', SAML]], [inner]),
  (inner) =>
    element(
      'samlp',
      'Response',
      [
        ['xmlns:samlp', SAMLP],
        ['ID', '_wrapping'],
        ['Version', '2.0'],
      ],
      [inner],
    ),
];

const inside = ({ root }: Document, wanted: Element): Element[] =>
  walk(root)
    .map(({ element: each }) => each)
    .filter((each) => each !== wanted);

const isWithin = (outer: Element, inner: Element): boolean => walk(outer).some(({ element: each }) => each === inner);

const places = (document: Document, moved: Element): Element[] =>
  inside(document, moved).filter((each) => !isWithin(moved, each));

const base64Elements = ['SignatureValue', 'DigestValue', 'X509Certificate', 'SignatureValue'];

/** Changes that leave what is signed as it is, in the canonical form: xmlsec1 still verifies most of these. */
export const harmless: Readonly<Record<string, Mutate>> = {
  'written otherwise': () => undefined,
  comment: (document, random) =>
    insert(
      anyElement(document, random),
      raw(pick(random, ['<!---->', '<!-- x -->', '<!--<saml:NameID>ceo</saml:NameID>-->'])),
      random,
    ),
  'comment in text': (document, random) => {
    const { text, parent } = anyText(document, random);
    const at = below(random, text.value.length + 1);
    parent.children.splice(parent.children.indexOf(text), 1, { kind: 'text', value: text.value.slice(0, at) }, raw('<!---->'), {
      kind: 'text',
      value: text.value.slice(at),
    });
  },
  'CDATA in text': (document, random) => {
    const { text, parent } = anyText(document, random);
    const at = below(random, text.value.length + 1);
    if (text.value.includes(']]>')) return;
    parent.children.splice(
      parent.children.indexOf(text),
      1,
      { kind: 'text', value: text.value.slice(0, at) },
      raw(`<![CDATA[${text.value.slice(at)}]]>`),
    );
  },
  declaration: (document, random) => {
    document.prolog = pick(random, [
      '<?xml version="1.0"?>',
      '<?xml version="1.0" encoding="UTF-8"?>\n',
      "<?xml version='1.0' encoding='utf-8' standalone='yes'?>",
    ]);
  },
  prolog: (document, random) => {
    const { root } = document;
    const name = root.prefix === '' ? root.localName : `${root.prefix}:${root.localName}`;
    document.prolog = pick(random, [
      '<!-- x -->',
      '<?x y?>',
      `<!DOCTYPE ${name}>`,
      `<!DOCTYPE ${name} [<!ENTITY n "ceo">]>`,
      '\n  ',
    ]);
  },
  'after the root': (document, random) => {
    document.after = pick(random, ['\n', '<!-- x -->', '<?x y?>', '   \r\n']);
  },
  'white space in base64': (document, random) => {
    const name = pick(random, base64Elements);
    for (const { element: each } of walk(document.root)) {
      if (each.localName !== name) continue;
      for (const child of each.children) {
        if (child.kind === 'text')
          child.value = child.value.replace(/.{7,60}/g, (line) => line + pick(random, ['\n', ' ', '\r\n', '\t', '']));
      }
    }
  },
  'namespace nobody uses': (document, random) => {
    const each = random() < 0.5 ? document.root : anyElement(document, random);
    setAttribute(
      each,
      `xmlns:${pick(random, ['u', 'unused', 'q9', 'xs', 'ds', 'saml2'])}`,
      pick(random, ['urn:u', DS, SAML, 'http://www.w3.org/2001/XMLSchema']),
    );
  },
  'declaration again below': (document, random) => {
    const inner = anyElement(document, random);
    const twin = uprooted(document.root, inner);
    for (const [name, value] of twin.attributes)
      if (name.startsWith('xmlns') && attribute(inner, name) === undefined && random() < 0.5) setAttribute(inner, name, value);
  },
  'declaration moved up': (document, random) => {
    const all = walk(document.root).filter(
      ({ element: each, parent }) => parent !== undefined && each.attributes.some(([name]) => name.startsWith('xmlns:')),
    );
    if (all.length === 0) return;
    const { element: each, parent } = pick(random, all);
    const [name, value] = pick(
      random,
      each.attributes.filter(([own]) => own.startsWith('xmlns:')),
    );
    const above = random() < 0.5 ? document.root : (parent ?? document.root);
    if ((attribute(above, name) ?? value) !== value) return;
    setAttribute(above, name, value);
    if (random() < 0.7) each.attributes = each.attributes.filter(([own]) => own !== name);
  },
  'key info': (document, random) => {
    const info = find(document.root, 'KeyInfo');
    if (info === undefined) return;
    info.children = pick<Node[]>(random, [
      [],
      [element('ds', 'KeyName', [], [{ kind: 'text', value: 'evil' }])],
      info.children.slice(0, 0),
    ]);
    if (info.prefix !== 'ds') info.children = [];
  },
  'unsigned attribute': ({ root }, random) => {
    setAttribute(
      root,
      pick(random, ['ID', 'Consent', 'IssueInstant', 'Destination', 'InResponseTo', 'Version', 'x']),
      pick(random, ['_other', 'urn:x', '2026-11-22T10:00:00Z', '2.0']),
    );
  },
};

/** The genuine signed element stays whole and something evil is beside it: xmlsec1 still verifies most of these. */
export const wrapping: Readonly<Record<string, Mutate>> = {
  'evil before': (document, random) => {
    const { signed, holder } = signedOf(document.root);
    const evil = evilCopy(document.root, signed, random);
    holder?.children.splice(holder.children.indexOf(signed), 0, evil);
  },
  'evil after': (document, random) => {
    const { signed, holder } = signedOf(document.root);
    holder?.children.splice(holder.children.indexOf(signed) + 1, 0, evilCopy(document.root, signed, random));
  },
  'evil anywhere': (document, random) => {
    const { signed } = signedOf(document.root);
    insert(pick(random, inside(document, signed)) ?? document.root, evilCopy(document.root, signed, random), random);
  },
  'evil in a container': (document, random) => {
    const { signed, holder } = signedOf(document.root);
    const evil = pick(random, containers)(evilCopy(document.root, signed, random));
    insert(holder ?? document.root, evil, random);
  },
  'evil around': (document, random) => {
    const { signed, holder } = signedOf(document.root);
    const evil = evilCopy(document.root, signed, random);
    const genuine = uprooted(document.root, signed);
    insert(
      random() < 0.5 ? evil : pick(random, walk(evil)).element,
      random() < 0.5 ? genuine : pick(random, containers)(genuine),
      random,
    );
    if (holder === undefined) document.root = evil;
    else holder.children.splice(holder.children.indexOf(signed), 1, evil);
  },
  'evil around with the signature': (document, random) => {
    const { signed, signature, holder } = signedOf(document.root);
    const evil = withoutSignature(evilCopy(document.root, signed, random));
    const stolen = uprooted(document.root, signature);
    const genuine = withoutSignature(uprooted(document.root, signed));
    evil.children.splice(1, 0, stolen);
    if (random() < 0.5) stolen.children.push(random() < 0.5 ? genuine : element(stolen.prefix, 'Object', [], [genuine]));
    else insert(evil, genuine, random);
    if (holder === undefined) document.root = evil;
    else holder.children.splice(holder.children.indexOf(signed), 1, evil);
  },
  'genuine in a container': (document, random) => {
    const { signed, holder } = signedOf(document.root);
    const wrapped = pick(random, containers)(uprooted(document.root, signed));
    if (holder === undefined) document.root = wrapped;
    else {
      holder.children.splice(holder.children.indexOf(signed), 1, wrapped);
      if (random() < 0.7) insert(holder, evilCopy(document.root, signed, random), random);
    }
  },
  'genuine moved': (document, random) => {
    const { signed, holder } = signedOf(document.root);
    const genuine = uprooted(document.root, signed);
    if (holder === undefined) return;
    remove(holder, signed);
    insert(anyElement(document, random), genuine, random);
  },
  'root wrapped': (document, random) => {
    document.root = pick(random, containers)(document.root);
  },
  'root twice': (document, random) => {
    const evil = spoof(copy(document.root), random);
    for (const { element: each } of walk(evil))
      if (attribute(each, 'ID') !== undefined && random() < 0.9) setAttribute(each, 'ID', newId('twice'));
    document.root = element('x', 'Both', [['xmlns:x', 'urn:x']], random() < 0.5 ? [document.root, evil] : [evil, document.root]);
  },
  'genuine in a comment': (document, random) => {
    const { signed, holder } = signedOf(document.root);
    insert(holder ?? document.root, raw(`<!-- ${signed.localName} -->`), random);
  },
  'another namespace above': (document, random) => {
    const { signed, holder } = signedOf(document.root);
    const name = pick(random, ['xmlns', 'xmlns:saml', 'xmlns:samlp', 'xmlns:ds', 'xmlns:xs', 'xmlns:xsi']);
    setAttribute(random() < 0.5 ? document.root : (holder ?? signed), name, pick(random, ['urn:evil', SAML, SAMLP, DS]));
  },
};

/** Anything else: most of these no signature survives. */
export const harmful: Readonly<Record<string, Mutate>> = {
  moved: (document, random) => {
    const { element: each, parent } = anyChild(document, random);
    const to = pick(random, places(document, each));
    remove(parent, each);
    insert(to, random() < 0.7 ? uprooted(document.root, each) : each, random);
  },
  duplicated: (document, random) => {
    const { element: each, parent } = anyChild(document, random);
    const twin = uprooted(document.root, each);
    if (random() < 0.5 && attribute(twin, 'ID') !== undefined) setAttribute(twin, 'ID', newId('twin'));
    insert(random() < 0.5 ? parent : anyElement(document, random), twin, random);
  },
  wrapped: (document, random) => {
    const { element: each, parent } = anyChild(document, random);
    parent.children.splice(parent.children.indexOf(each), 1, pick(random, containers)(uprooted(document.root, each)));
  },
  removed: (document, random) => {
    const { element: each, parent } = anyChild(document, random);
    remove(parent, each);
  },
  swapped: (document, random) => {
    const { parent } = anyChild(document, random);
    parent.children = [...parent.children].reverse();
  },
  'prefix renamed': ({ root }, random) => {
    const [from, to] = [pick(random, ['saml', 'samlp', 'ds', 'saml2', 'S', '']), pick(random, ['p', 'ds', 'saml', 'q'])];
    for (const { element: each } of walk(root)) {
      if (each.prefix === from) each.prefix = to;
      each.attributes = each.attributes.map(([name, value]) => [
        name === (from === '' ? 'xmlns' : `xmlns:${from}`) ? `xmlns:${to}` : name,
        value,
      ]);
    }
  },
  'ID changed': (document, random) => {
    const withId = walk(document.root).filter(({ element: each }) => attribute(each, 'ID') !== undefined);
    if (withId.length > 0) setAttribute(pick(random, withId).element, 'ID', newId('changed'));
  },
  'IDs equal': (document, random) => {
    const withId = walk(document.root).filter(({ element: each }) => attribute(each, 'ID') !== undefined);
    const id = attribute(pick(random, withId).element, 'ID') ?? '';
    for (const { element: each } of withId) setAttribute(each, 'ID', id);
  },
  'ID in a namespace': (document, random) => {
    const each = anyElement(document, random);
    setAttribute(
      each,
      pick(random, ['saml:ID', 'samlp:ID', 'xml:id', 'Id', 'id']),
      random() < 0.5 ? '_x' : (attribute(signedOf(document.root).signed, 'ID') ?? ''),
    );
  },
  'reference changed': (document, random) => {
    const reference = find(document.root, 'Reference');
    if (reference !== undefined)
      setAttribute(reference, 'URI', pick(random, ['', '#_evil', '#xpointer(/)', 'file:///etc/passwd', ' #x']));
  },
  'signature moved': (document, random) => {
    const { signed, signature } = signedOf(document.root);
    if (signed === signature) return;
    const moved = uprooted(document.root, signature);
    remove(signed, signature);
    insert(random() < 0.5 ? signed : anyElement(document, random), moved, random);
  },
  'signature twice': (document, random) => {
    const { signed, signature } = signedOf(document.root);
    if (signed !== signature)
      insert(random() < 0.5 ? signed : anyElement(document, random), uprooted(document.root, signature), random);
  },
  'text changed': (document, random) => {
    const { text } = anyText(document, random);
    const at = below(random, text.value.length + 1);
    const what = pick(random, ['x', ' ', '\n', '\u00e9', '.evil.example', '\u200b', '=', '<']);
    text.value = text.value.slice(0, at) + what + text.value.slice(random() < 0.5 ? at : at + 1);
  },
  'text emptied': (document, random) => {
    anyText(document, random).text.value = '';
  },
  'name spoofed': (document, random) => {
    spoof(document.root, random);
  },
  'attribute changed': (document, random) => {
    const each = anyElement(document, random);
    if (each.attributes.length === 0) return;
    const own = pick(random, each.attributes);
    own[1] = pick(random, ['', 'x', `${own[1]}x`, ` ${own[1]}`, `${own[1]} `, own[1].toUpperCase()]);
  },
  'attribute removed': (document, random) => {
    const each = anyElement(document, random);
    each.attributes.splice(below(random, each.attributes.length), 1);
  },
  'attribute added': (document, random) => {
    setAttribute(
      anyElement(document, random),
      pick(random, ['x', 'Version', 'Algorithm', 'xml:space', 'xml:lang', 'xmlns']),
      pick(random, ['1', '2.0', 'preserve', 'urn:x']),
    );
  },
  'element added': (document, random) => {
    insert(
      anyElement(document, random),
      element('', pick(random, ['NameID', 'Assertion', 'Signature', 'x']), [['xmlns', pick(random, ['', SAML, DS, SAMLP])]], []),
      random,
    );
  },
  'white space between': (document, random) => {
    const each = anyElement(document, random);
    each.children = each.children.flatMap((child): Node[] => [{ kind: 'text', value: '\n  ' }, child]);
  },
  instruction: (document, random) => {
    insert(anyElement(document, random), raw('<?x y?>'), random);
  },
  entity: (document, random) => {
    const { text, parent } = anyText(document, random);
    parent.children.splice(parent.children.indexOf(text), 1, raw('&n;'));
    document.prolog = `<!DOCTYPE x [<!ENTITY n "${text.value.replace(/[&<"%]/g, '')}">]>`;
  },
  'no XML': (document, random) => {
    insert(anyElement(document, random), raw(pick(random, ['<', '&', '</x>', ']]>', '<x', '\u0001', '&#0;'])), random);
  },
};
