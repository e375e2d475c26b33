import fc from 'fast-check';
import type { AttributeName, CompareOperator, Filter } from './filter.ts';

/** Random filters, as parsed. No attribute is called "not": that is a word of the grammar. */
const names = fc.constantFrom('userName', 'title', 'displayName', 'active', 'name', 'emails', '$ref', 'x-y', 'and', 'pr');
const urns = fc.constantFrom('urn:ietf:params:scim:schemas:extension:enterprise:2.0:User', 'urn:example:a');

const attributeName: fc.Arbitrary<AttributeName> = fc
  .record({ urn: fc.option(urns), name: names, sub: fc.option(fc.constantFrom('value', 'type', '$ref')) })
  .map(({ urn, name, sub }) => ({ ...(urn === null ? {} : { urn }), name, ...(sub === null ? {} : { sub }), at: 0 }));

const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('true', '"', '\\', ') or (', '\u0000'),
  fc.boolean(),
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
);

const operator = fc.constantFrom<CompareOperator[]>('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le');

const test: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ kind: fc.constant('present' as const), attribute: attributeName }),
  fc.record({ kind: fc.constant('compare' as const), attribute: attributeName, operator, value }),
);

const joined = (part: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> =>
  fc.oneof(
    // `a or (b or c)` is not `a or b or c`: parentheses that were written are kept.
    fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), filters: fc.array(part, { minLength: 2, maxLength: 4 }) }),
    fc.record({ kind: fc.constant('not' as const), filter: part }),
  );

const inside: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof({ maxDepth: 3 }, test, joined(tie('filter'))),
})).filter;

export const anyFilter: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 5 },
    test,
    fc.record({ kind: fc.constant('valuePath' as const), attribute: attributeName, filter: inside }),
    joined(tie('filter')),
  ),
})).filter;
