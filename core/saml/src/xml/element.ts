/** An attribute that is not a namespace declaration. Names are matched by `namespace` and `localName`, never by prefix. */
export interface XmlAttribute {
  readonly prefix: string;
  readonly localName: string;
  /** '' for an attribute without a prefix. */
  readonly namespace: string;
  /** After attribute-value normalization (XML 1.0 §3.3.3). */
  readonly value: string;
}

/** A namespace declaration; prefix '' is the default namespace. */
export interface XmlNamespace {
  readonly prefix: string;
  readonly uri: string;
}

/**
 * An element as the strict reader made it. Text children are strings with references resolved; neighbouring text is one string.
 * There are no comments, processing instructions or entities: the reader refuses documents that have them.
 */
export interface XmlElement {
  readonly prefix: string;
  readonly localName: string;
  /** '' when in no namespace. */
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  /** The namespaces declared on this very element. */
  readonly namespaces: readonly XmlNamespace[];
  readonly children: readonly (XmlElement | string)[];
  readonly parent: XmlElement | undefined;
  /** Where the element stands in the source text: `source.slice(start, end)` is its markup. In UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly source: string;
  /**
   * True if that markup is its own canonical form wherever the element's prefix is declared around it: no other prefix in it, no
   * declaration, nothing to escape, attributes in order. Canonicalization copies it then instead of writing it again.
   */
  readonly verbatim: boolean;
}

/** Reads a document; the apps hand in a reader that counts, so that one parse for each message can be shown. */
export type XmlReader = (text: string) => XmlElement;
