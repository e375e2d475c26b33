import type { AttributeName, Filter, Path, Target } from './filter.ts';

const printName = ({ urn, name, sub }: AttributeName): string =>
  `${urn === undefined ? '' : `${urn}:`}${name}${sub === undefined ? '' : `.${sub}`}`;

const printPart = (part: Filter, parent: 'and' | 'or'): string =>
  // Only `and` within `or` stands without parentheses: it binds before.
  part.kind === 'or' || (part.kind === 'and' && parent === 'and') ? `(${printFilter(part)})` : printFilter(part);

export const printFilter = (filter: Filter): string => {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.map((part) => printPart(part, filter.kind)).join(` ${filter.kind} `);
    case 'not':
      return `not (${printFilter(filter.filter)})`;
    case 'present':
      return `${printName(filter.attribute)} pr`;
    case 'compare':
      return `${printName(filter.attribute)} ${filter.operator} ${JSON.stringify(filter.value)}`;
    case 'valuePath':
      return `${printName(filter.attribute)}[${printFilter(filter.filter)}]`;
  }
};

export const printPath = ({ attribute, filter, sub }: Path): string =>
  `${printName(attribute)}${filter === undefined ? '' : `[${printFilter(filter)}]`}${sub === undefined ? '' : `.${sub}`}`;

export const printTarget = ({ schema, extension, attribute, sub }: Target): string =>
  `${extension ? `${schema}:` : ''}${attribute.name}${sub === undefined ? '' : `.${sub.name}`}`;
