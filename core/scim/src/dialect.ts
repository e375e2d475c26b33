/**
 * Who speaks: a setting of the endpoint, never a header. `standard` is the RFCs and every habit that contradicts no clause of them; the
 * others let through what their client sends against a clause.
 */
export const dialectNames = ['standard', 'entra', 'entra-reference', 'okta', 'onelogin'] as const;

export type DialectName = (typeof dialectNames)[number];

/** A habit of a client. Each has a message that shows it in `fixtures/`, of the same name. */
export interface Quirk {
  /** What is understood. */
  readonly meaning: string;
  /** Whose habit it is. */
  readonly clients: string;
  /** The clause it contradicts, and where it is understood nevertheless; without these it contradicts none and always is. */
  readonly against?: { readonly clause: string; readonly dialects: readonly DialectName[] };
}

export type QuirkName =
  | 'capitalizedOperations'
  | 'namesInAnyCase'
  | 'stringBooleans'
  | 'dottedKeys'
  | 'extensionWithoutUrn'
  | 'arrayForOne'
  | 'objectForMany'
  | 'bareReference'
  | 'emptyReference'
  | 'emptyObjects'
  | 'nullOperations'
  | 'removeWithValue'
  | 'sameReadOnlyValue'
  | 'addCreatesElement'
  | 'subAfterBrackets'
  | 'unknownSchemas'
  | 'unknownKeys'
  | 'replaceCreatesElement'
  | 'emptyOperations'
  | 'unquotedLiterals'
  | 'bareElements'
  | 'filterInAttributes'
  | 'oldSchemas';

/** Every habit of a client beyond the RFCs' own examples. */
export const quirks: Readonly<Record<QuirkName, Quirk>> = {
  capitalizedOperations: {
    meaning: 'The op of a PATCH operation in any case: "Replace".',
    clients: 'Entra ID',
  },
  namesInAnyCase: {
    meaning: 'Names of attributes and members of messages in any case: "Primary", "Manager": {"Value": ...}.',
    clients: "Microsoft's reference collection",
  },
  stringBooleans: {
    meaning: 'A boolean as the text "True" or "False", in values and in filters.',
    clients: 'Entra ID without aadOptscim062020',
  },
  dottedKeys: {
    meaning:
      'In a PATCH without path, keys that are paths: "name.givenName", "urn:...:User:department", \'emails[type eq "work"].value\'.',
    clients: 'Entra ID with aadOptscim062020',
  },
  extensionWithoutUrn: {
    meaning: 'An attribute of an extension without its URN, where the core schema has none of its name: "manager".',
    clients: 'Entra ID',
  },
  arrayForOne: {
    meaning: 'An array of one value for an attribute that has one: "manager": [{"value": "..."}].',
    clients: 'Entra ID',
  },
  objectForMany: {
    meaning: 'A single object for an attribute that has many: "emails": {"value": "..."}.',
    clients: 'Entra ID',
  },
  bareReference: {
    meaning: 'A bare text for a complex attribute of one value: "manager": "id" for {"value": "id"}.',
    clients: 'Entra ID',
  },
  emptyReference: {
    meaning: 'An empty text for a complex attribute of one value unassigns it: "manager": {"value": ""}.',
    clients: 'Entra ID and its validator',
  },
  emptyObjects: {
    meaning: 'An empty object as a value is no value: {"op": "add", "path": "roles", "value": {}}.',
    clients: 'Entra ID',
  },
  nullOperations: {
    meaning: 'null as the value of an operation: replace unassigns, add adds nothing.',
    clients: "Entra ID's gallery tests (SCIM_Null_Update_Test)",
  },
  removeWithValue: {
    meaning: 'remove of a multi-valued attribute with a value removes only what it lists.',
    clients: 'Entra ID, JumpCloud',
  },
  sameReadOnlyValue: {
    meaning: 'In a PATCH without path, a readOnly attribute with the value it has: {"id": "...", "displayName": "..."}.',
    clients: 'Okta',
  },
  addCreatesElement: {
    meaning:
      'add to a value path that matches nothing creates the value its filter describes: phoneNumbers[type eq "mobile"].value.',
    clients: 'Entra ID',
  },
  subAfterBrackets: {
    meaning: 'In a filter, a sub-attribute after brackets: emails[type eq "work"].value eq "x".',
    clients: 'Entra ID',
  },
  unknownSchemas: {
    meaning: 'Further URNs in "schemas", and an extension that "schemas" does not name.',
    clients: 'Entra ID, which names an ADSCIM schema for groups',
  },
  unknownKeys: {
    meaning: 'Keys that no schema defines are dropped: of resources, of values, of operations ("name": "addMember").',
    clients: "Microsoft's reference collection",
  },
  replaceCreatesElement: {
    meaning: 'replace of a value path that matches nothing creates the value its filter describes.',
    clients: 'Entra ID and its validator',
    against: { clause: 'RFC 7644 §3.5.2.3: noTarget', dialects: ['entra', 'entra-reference'] },
  },
  emptyOperations: {
    meaning: 'A PATCH with no operation changes nothing.',
    clients: "Entra ID's validator",
    against: { clause: 'RFC 7644 §3.5.2: one or more operations', dialects: ['entra', 'entra-reference'] },
  },
  unquotedLiterals: {
    meaning: 'A text without quotes in a filter: externalId eq jyoung.',
    clients: "Entra ID's documentation, Microsoft's reference collection",
    against: { clause: 'RFC 7644 §3.4.2.2: compValue is JSON', dialects: ['entra', 'entra-reference'] },
  },
  bareElements: {
    meaning: 'A bare text as a value of a multi-valued complex attribute: "members": "id".',
    clients: "Microsoft's reference collection",
    against: { clause: 'RFC 7643 §2.4: an array of objects', dialects: ['entra-reference'] },
  },
  filterInAttributes: {
    meaning: 'Brackets in "attributes" choose nothing: attributes=emails[type eq "work"] is attributes=emails.',
    clients: "Microsoft's reference collection",
    against: { clause: 'RFC 7644 §3.10: attribute notation', dialects: ['entra-reference'] },
  },
  oldSchemas: {
    meaning: 'The SCIM 1.0 URN in "schemas", or no "schemas".',
    clients: 'OneLogin templates',
    against: { clause: 'RFC 7643 §3: schemas is required', dialects: ['onelogin'] },
  },
};

/** Is this habit understood in this dialect? */
export const understands = (dialect: DialectName, quirk: QuirkName): boolean =>
  quirks[quirk].against?.dialects.includes(dialect) ?? true;

/** What a dialect lets through against the RFCs, with the clause. */
export const deviationsOf = (
  dialect: DialectName,
): readonly { readonly quirk: QuirkName; readonly meaning: string; readonly clause: string }[] =>
  // Object.keys of a table gives its own keys: they are QuirkNames.
  (Object.keys(quirks) as QuirkName[]).flatMap((quirk) => {
    const { meaning, against } = quirks[quirk];
    return against?.dialects.includes(dialect) === true ? [{ quirk, meaning, clause: against.clause }] : [];
  });
