/** RFC 7643 §2.3. */
export type AttributeType = 'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'reference' | 'binary' | 'complex';

/** The characteristics of an attribute (RFC 7643 §2.2, §7). Everything this core does follows from them. */
export interface Attribute {
  readonly name: string;
  readonly type: AttributeType;
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  /** Suggestions (RFC 7643 §7), unless the attribute is `closed`. */
  readonly canonicalValues?: readonly string[];
  readonly caseExact: boolean;
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  readonly returned: 'always' | 'never' | 'default' | 'request';
  readonly uniqueness: 'none' | 'server' | 'global';
  readonly referenceTypes?: readonly string[];
  /** Of a complex attribute. */
  readonly subAttributes?: readonly Attribute[];
  /** Ours, never shown: other values than the canonical ones are refused. */
  readonly closed?: boolean;
}

/** What is said of an attribute; the rest are the defaults of RFC 7643 §2.2. */
type Characteristics = Partial<Omit<Attribute, 'name' | 'type' | 'description' | 'subAttributes'>>;

export const attribute = (
  name: string,
  type: Exclude<AttributeType, 'complex'>,
  description: string,
  characteristics: Characteristics = {},
): Attribute => ({
  name,
  type,
  multiValued: false,
  description,
  required: false,
  // RFC 7643 §2.3.6 and §2.3.7: binary and reference values are compared exactly.
  caseExact: type === 'binary' || type === 'reference',
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...characteristics,
});

export const complex = (
  name: string,
  description: string,
  subAttributes: readonly Attribute[],
  characteristics: Characteristics = {},
): Attribute => ({ ...attribute(name, 'string', description, characteristics), type: 'complex', subAttributes });
