import { type DialectName, understands } from '../dialect.ts';
import { ScimError } from '../errors.ts';
import { foldName, isForbiddenName } from '../names.ts';
import {
  type AttributeName,
  type CompareOperator,
  defaultFilterLimits,
  type Filter,
  type FilterLimits,
  type Path,
} from './filter.ts';

export interface ParseOptions {
  readonly limits?: FilterLimits;
  readonly dialect?: DialectName;
}

/** One text being read; filters and paths share it, because a path is a filter's beginning (RFC 7644 §3.5.2, Figure 7). */
interface Reader {
  readonly text: string;
  readonly limits: FilterLimits;
  readonly unquoted: boolean;
  readonly code: 'invalidFilter' | 'invalidPath';
  position: number;
  depth: number;
  terms: number;
}

const compareOperators: ReadonlySet<string> = new Set<CompareOperator>(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']);
const isCompareOperator = (text: string): text is CompareOperator => compareOperators.has(text);

const refuse = (reader: Reader, at: number, problem: string): ScimError => {
  const what = reader.code === 'invalidPath' ? 'path' : 'filter';
  const near = at < reader.text.length ? `"${reader.text.slice(at, at + 20)}"` : 'its end';
  return new ScimError(reader.code, `The ${what} cannot be read at character ${at + 1}, ${near}: ${problem}`);
};

const open = (text: string, code: Reader['code'], options: ParseOptions): Reader => {
  const limits = options.limits ?? defaultFilterLimits;
  if (text.length > limits.maxLength) {
    const what = code === 'invalidPath' ? 'path' : 'filter';
    throw new ScimError(code, `The ${what} has ${text.length} characters; at most ${limits.maxLength} are read. Ask in parts.`);
  }
  const unquoted = understands(options.dialect ?? 'standard', 'unquotedLiterals');
  return { text, limits, unquoted, code, position: 0, depth: 0, terms: 0 };
};

const skipSpace = (reader: Reader): void => {
  while (reader.text[reader.position] === ' ' || reader.text[reader.position] === '\t') reader.position++;
};

/** What the sticky pattern matches here, if anything. */
const take = (reader: Reader, pattern: RegExp): string | undefined => {
  pattern.lastIndex = reader.position;
  const match = pattern.exec(reader.text)?.[0];
  if (match !== undefined) reader.position += match.length;
  return match;
};

/** True, and past it, if the text goes on with this sign. */
const takeSign = (reader: Reader, sign: string): boolean => {
  skipSpace(reader);
  if (reader.text[reader.position] !== sign) return false;
  reader.position++;
  return true;
};

/** True, and past it, if the text goes on with this word. */
const takeWord = (reader: Reader, word: string): boolean => {
  skipSpace(reader);
  const end = reader.position + word.length;
  if (foldName(reader.text.slice(reader.position, end)) !== word || /[\w$.:-]/.test(reader.text[end] ?? '')) return false;
  reader.position = end;
  return true;
};

const deeper = <T>(reader: Reader, read: () => T): T => {
  reader.depth++;
  if (reader.depth > reader.limits.maxDepth) {
    throw refuse(reader, reader.position, `it nests deeper than ${reader.limits.maxDepth} levels. Write it flatter.`);
  }
  const result = read();
  reader.depth--;
  return result;
};

/** RFC 7644 §3.4.2.2, ATTRNAME; `$ref` too. */
const plainName = /^[A-Za-z$][\w$-]*$/;

const readName = (reader: Reader): AttributeName => {
  skipSpace(reader);
  const at = reader.position;
  const word = take(reader, /[\w$.:-]+/y);
  if (word === undefined) throw refuse(reader, at, 'the name of an attribute is expected.');
  // The URN of a schema has dots of its own: the name follows its last colon (RFC 7644 §3.10).
  const colon = word.lastIndexOf(':');
  const [name = '', ...subs] = word.slice(colon + 1).split('.');
  const sub = subs.length === 0 ? undefined : subs.join('.');
  if ([...word.split(/[.:]/)].some(isForbiddenName)) throw refuse(reader, at, 'no attribute may have this name.');
  if (colon === -1) {
    if (!plainName.test(name)) throw refuse(reader, at, `"${name}" is no name of an attribute.`);
    if (sub !== undefined && !plainName.test(sub)) throw refuse(reader, at, `"${sub}" is no name of a sub-attribute.`);
    return { name, ...(sub === undefined ? {} : { sub }), at };
  }
  const urn = word.slice(0, colon);
  if (!/^urn:/i.test(urn) && !/^urn$/i.test(urn)) throw refuse(reader, at, 'before a colon, the URN of a schema is expected.');
  return { urn, name, ...(sub === undefined ? {} : { sub }), at };
};

const literals: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** RFC 7644 §3.4.2.2, compValue: a value of JSON. */
const readValue = (reader: Reader): string | number | boolean | null => {
  skipSpace(reader);
  const at = reader.position;
  const quoted = take(reader, /"[^"\\]*(?:\\.[^"\\]*)*"/y);
  if (quoted !== undefined) {
    try {
      return String(JSON.parse(quoted));
    } catch (cause) {
      throw new ScimError(reader.code, refuse(reader, at, 'the text is no string of JSON.').detail, { cause });
    }
  }
  if (reader.text[at] === '"') throw refuse(reader, at, 'the closing quote is missing.');
  const word = take(reader, /[^\s()[\]"]+/y);
  if (word === undefined) throw refuse(reader, at, 'a value is expected.');
  const literal = literals.get(foldName(word));
  if (literal !== undefined) return literal;
  if (reader.unquoted) return word;
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(word)) throw refuse(reader, at, 'put a text in double quotes.');
  const number = Number(word);
  if (!Number.isFinite(number)) throw refuse(reader, at, 'the number is too large.');
  return number === 0 ? 0 : number;
};

/** After the name: `pr`, or an operator and its value. */
const readTest = (reader: Reader, attribute: AttributeName): Filter => {
  skipSpace(reader);
  const at = reader.position;
  const word = take(reader, /[A-Za-z]+/y);
  if (word === undefined) throw refuse(reader, at, 'an operator such as "eq" or "pr" is expected.');
  reader.terms++;
  if (reader.terms > reader.limits.maxTerms) {
    throw refuse(reader, attribute.at, `it has more than ${reader.limits.maxTerms} comparisons. Ask in parts.`);
  }
  const operator = foldName(word);
  if (operator === 'pr') return { kind: 'present', attribute };
  if (!isCompareOperator(operator)) {
    throw refuse(reader, at, 'the operators are eq, ne, co, sw, ew, pr, gt, ge, lt and le.');
  }
  const afterOperator = reader.position;
  skipSpace(reader);
  if (reader.position === afterOperator) throw refuse(reader, afterOperator, 'a space and a value are expected.');
  return { kind: 'compare', attribute, operator, value: readValue(reader) };
};

const readBrackets = (reader: Reader, inside: boolean): Filter => {
  if (inside) throw refuse(reader, reader.position - 1, 'brackets do not nest.');
  const filter = deeper(reader, () => readOr(reader, true));
  if (!takeSign(reader, ']')) throw refuse(reader, reader.position, '"]" is expected.');
  return filter;
};

/** `.value` after brackets. */
const readSub = (reader: Reader): string | undefined => {
  if (reader.text[reader.position] !== '.') return undefined;
  reader.position++;
  const at = reader.position;
  const sub = take(reader, /[\w$-]+/y);
  if (sub === undefined || !plainName.test(sub) || isForbiddenName(sub)) {
    throw refuse(reader, at, 'the name of a sub-attribute is expected.');
  }
  return sub;
};

const readTerm = (reader: Reader, inside: boolean): Filter => {
  skipSpace(reader);
  const at = reader.position;
  if (takeWord(reader, 'not')) {
    if (!takeSign(reader, '(')) throw refuse(reader, at, '"not" is followed by parentheses: not (title pr).');
    return { kind: 'not', filter: readParentheses(reader, inside) };
  }
  if (takeSign(reader, '(')) return readParentheses(reader, inside);
  const attribute = readName(reader);
  if (!takeSign(reader, '[')) return readTest(reader, attribute);
  const filter = readBrackets(reader, inside);
  // Not in the grammar, and contradicting none of it: Entra ID matches by emails[type eq "work"].value eq "x".
  const subAt = reader.position + 1;
  const sub = readSub(reader);
  if (sub === undefined) return { kind: 'valuePath', attribute, filter };
  const test = readTest(reader, { name: sub, at: subAt });
  return { kind: 'valuePath', attribute, filter: { kind: 'and', filters: [filter, test] } };
};

const readParentheses = (reader: Reader, inside: boolean): Filter => {
  const filter = deeper(reader, () => readOr(reader, inside));
  if (!takeSign(reader, ')')) throw refuse(reader, reader.position, '")" is expected.');
  return filter;
};

/** A list joined by one word: flat, so that a long one is not a deep one. */
const readJoined = (reader: Reader, word: 'and' | 'or', readPart: () => Filter): Filter => {
  const first = readPart();
  const filters = [first];
  while (takeWord(reader, word)) filters.push(readPart());
  return filters.length === 1 ? first : { kind: word, filters };
};

/** RFC 7644 §3.4.2.2: `and` binds before `or`. */
const readOr = (reader: Reader, inside: boolean): Filter =>
  readJoined(reader, 'or', () => readJoined(reader, 'and', () => readTerm(reader, inside)));

const expectEnd = (reader: Reader): void => {
  skipSpace(reader);
  if (reader.position < reader.text.length) throw refuse(reader, reader.position, 'it should end here.');
};

export const parseFilter = (text: string, options: ParseOptions = {}): Filter => {
  const reader = open(text, 'invalidFilter', options);
  const filter = readOr(reader, false);
  expectEnd(reader);
  return filter;
};

export const parsePath = (text: string, options: ParseOptions = {}): Path => {
  const reader = open(text, 'invalidPath', options);
  const attribute = readName(reader);
  if (!takeSign(reader, '[')) {
    expectEnd(reader);
    return { attribute };
  }
  const filter = readBrackets(reader, false);
  const sub = readSub(reader);
  expectEnd(reader);
  return { attribute, filter, ...(sub === undefined ? {} : { sub }) };
};
