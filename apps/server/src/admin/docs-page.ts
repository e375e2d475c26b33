import { createHash } from 'node:crypto';
import { escapeHtml } from '../http/escape-html.ts';
import { docsStyle } from './docs-style.ts';

/** What is read of a JSON Schema of the description. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
}

interface Content {
  readonly description?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Operation {
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: Content;
  readonly responses?: Readonly<Record<string, Content>>;
  readonly 'x-access'?: string;
  readonly 'x-scope'?: string;
}

/** What is read of an OpenAPI 3.1 description. */
export interface Description {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/** HTML that is safe as it is. */
class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
type Part = Html | string | number | undefined | false | readonly Part[];

const print = (part: Part): string => {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(print).join('');
  return escapeHtml(String(part));
};
const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(texts.map((text, at) => text + print(parts[at])).join(''));

/** Text with `code` in it. */
const prose = (text: string): readonly Part[] =>
  text.split('`').map((part, at) => (at % 2 === 0 ? part : html`<code>${part}</code>`));

const join = (parts: readonly Part[], between: string): Part =>
  parts.flatMap((part, at) => (at === 0 ? [part] : [between, part]));
const nameOf = (ref: string): string => ref.split('/').at(-1) ?? ref;
const code = (value: unknown): Html => html`<code>${JSON.stringify(value)}</code>`;

const isNull = (schema: Schema): boolean => schema.type === 'null';

/** What a value is, in a few words. */
const typeOf = (schema: Schema): Part => {
  if (schema.$ref !== undefined) return html`<a href="#schema-${nameOf(schema.$ref)}">${nameOf(schema.$ref)}</a>`;
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return join(schema.enum.map(code), ' or ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined)
    return join([...choices.filter((each) => !isNull(each)), ...choices.filter(isNull)].map(typeOf), ' or ');
  if (schema.allOf !== undefined) return join(schema.allOf.map(typeOf), ' and ');
  if (schema.type === 'array') return ['list of ', typeOf(schema.items ?? {})];
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object')
    return ['map to ', typeOf(schema.additionalProperties)];
  if (Array.isArray(schema.type))
    return join(
      schema.type.map((type) => typeOf({ ...schema, type })),
      ' or ',
    );
  if (schema.type === undefined) return 'anything';
  return [String(schema.type), schema.format === undefined ? '' : ` (${schema.format})`];
};

// What JSON Schema says of every integer is no limit of ours.
const isLimit = (bound: number | undefined): boolean => bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;

const limitsOf = (schema: Schema): string =>
  [
    isLimit(schema.minimum) ? `${schema.minimum} at least` : '',
    isLimit(schema.maximum) ? `${schema.maximum} at most` : '',
    schema.maxLength === undefined ? '' : `${schema.maxLength} characters at most`,
    schema.maxItems === undefined ? '' : `${schema.maxItems} at most`,
    schema.default === undefined ? '' : `default ${JSON.stringify(schema.default)}`,
  ]
    .filter((text) => text !== '')
    .join(', ');

/** The objects that stand inside, to be shown below: of a list, its items. */
const inside = (schema: Schema): readonly Schema[] => {
  if (schema.$ref !== undefined) return [];
  if (schema.properties !== undefined) return [schema];
  return [
    ...(schema.items === undefined ? [] : inside(schema.items)),
    ...(schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []).flatMap(inside),
  ];
};

const row = (
  name: string,
  schema: Schema,
  required: boolean,
  marked: boolean,
  description = schema.description,
): Html => html`<tr>
<td><code>${name}</code>${required && html` <span class="needed">required</span>`}</td>
<td>${typeOf(schema)}</td>
<td>${description !== undefined && html`${prose(description)} `}<span class="faint">${limitsOf(schema)}</span>${inside(schema).map((each) => properties(each, marked))}</td>
</tr>`;

const properties = (schema: Schema, marked: boolean): Html =>
  html`<table>${Object.entries(schema.properties ?? {}).map(([name, each]) =>
    row(name, each, marked && schema.required?.includes(name) === true, marked),
  )}</table>`;

/** `marked`: say what is required, which is of interest in what is sent only. */
const shape = (schema: Schema, marked: boolean): Html => {
  const shown = inside(schema);
  return shown.length === 0
    ? html`<p>${typeOf(schema)}</p>`
    : html`${join(
        shown.map((each) => properties(each, marked)),
        ' or ',
      )}`;
};

const contentOf = (content: Content | undefined): Schema | undefined => Object.values(content?.content ?? {})[0]?.schema;

const access: Readonly<Record<string, string>> = {
  public: 'no key',
  any: 'every key',
  operator: 'operators',
  organization: 'keys of the organization',
  management: 'keys of the organization, operators',
};

/** A path with its parameters set apart. */
const path = (text: string): readonly Part[] =>
  text.split(/(\{[^}]*\})/).map((part) => (part.startsWith('{') ? html`<b>${part}</b>` : part));

interface Route {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  readonly anchor: string;
}

const operation = ({ method, path: text, operation: each, anchor }: Route, schemas: Readonly<Record<string, Schema>>): Html => {
  // What stands in the path and is nothing but an id needs no word.
  const parameters = (each.parameters ?? []).filter(
    ({ in: where, description }) => where !== 'path' || description !== undefined,
  );
  const resolve = (schema: Schema): Schema => (schema.$ref === undefined ? schema : (schemas[nameOf(schema.$ref)] ?? schema));
  const body = contentOf(each.requestBody);
  const answers = Object.entries(each.responses ?? {}).filter(([status]) => status !== '4XX' && status !== '4xx');
  return html`<article id="${anchor}">
<h3>${each.summary ?? text}</h3>
<div class="line"><span class="method ${method}">${method.toUpperCase()}</span><span class="path">${path(text)}</span></div>
<div class="line">${each['x-access'] !== undefined && html`<span class="chip">${access[each['x-access']] ?? each['x-access']}</span>`}
${each['x-scope'] !== undefined && html`<span class="chip">scope ${each['x-scope']}</span>`}</div>
${each.description !== undefined && html`<p>${prose(each.description)}</p>`}
${
  parameters.length > 0 &&
  html`<h4>Parameters</h4><table>${parameters.map(({ name, schema = {}, required = false, description, in: where }) =>
    row(where === 'query' ? `?${name}` : name, schema, required && where === 'query', true, description ?? schema.description),
  )}</table>`
}
${body !== undefined && html`<h4>Body</h4>${shape(resolve(body), true)}`}
${answers.map(([status, answer]) => {
  const schema = contentOf(answer);
  return html`<h4>Answer</h4><p><span class="status">${status}</span> ${schema === undefined || isNull(schema) ? 'without a body' : typeOf(schema)}</p>${schema !== undefined && inside(schema).map((each) => properties(each, false))}`;
})}
</article>`;
};

/** Each schema stands there twice, as it is read and as it is written (`...Input`); one is enough where both are the same. */
const withoutDoubles = (description: Description): Description => {
  const schemas = description.components?.schemas ?? {};
  const refs = /("#\/components\/schemas\/\w+?)Input"/g;
  const same = Object.entries(schemas)
    .filter(([name, schema]) => {
      const other = schemas[name.replace(/Input$/, '')];
      const plain = JSON.stringify(other)?.replace(/,"additionalProperties":false/g, '');
      return (
        name.endsWith('Input') &&
        JSON.stringify(schema)
          .replace(refs, '$1"')
          .replace(/,"additionalProperties":false/g, '') === plain
      );
    })
    .map(([name]) => name);
  const text = same.reduce(
    (all, name) => all.replaceAll(`"#/components/schemas/${name}"`, `"#/components/schemas/${name.slice(0, -5)}"`),
    JSON.stringify(description),
  );
  const { components, ...rest } = JSON.parse(text) as Description; // as it came, but for some references
  const kept = Object.fromEntries(Object.entries(components?.schemas ?? {}).filter(([name]) => !same.includes(name)));
  return { ...rest, components: { schemas: kept } };
};

/** The description of the admin API as one page to be read: made on the server, without a script, and with nothing from elsewhere. */
export const renderDocs = (given: Description): { readonly page: string; readonly policy: string } => {
  const description = withoutDoubles(given);
  const routes: readonly Route[] = Object.entries(description.paths ?? {}).flatMap(([text, operations]) =>
    Object.entries(operations).map(([method, each]) => ({
      method,
      path: text,
      operation: each,
      anchor: `${method}-${text.replace(/^\/api\/v1\//, '').replace(/[^\w-]+/g, '-')}`.replace(/-$/, ''),
    })),
  );
  const areas = [...new Set(routes.flatMap(({ operation: each }) => each.tags ?? []))].sort();
  const of = (area: string): readonly Route[] => routes.filter(({ operation: each }) => each.tags?.includes(area) === true);
  const schemas = Object.entries(description.components?.schemas ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const { title, version, description: intro = '' } = description.info;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(docsStyle)}</style>
</head>
<body>
<nav aria-label="Contents">
<h1><a href="#top">${title}</a></h1>
<p class="version">${version} · <a href="/api/openapi.json">openapi.json</a></p>
${areas.map(
  (area) =>
    html`<details open><summary>${area}</summary><ul>${of(area).map(
      ({ anchor, method, operation: each, path: text }) =>
        html`<li><a href="#${anchor}"><span class="method ${method}">${method.toUpperCase()}</span><span>${each.summary ?? text}</span></a></li>`,
    )}</ul></details>`,
)}
<details><summary>Schemas</summary><ul>${schemas.map(([name]) => html`<li><a href="#schema-${name}">${name}</a></li>`)}</ul></details>
</nav>
<main id="top">
<p>${prose(intro)}</p>
<p>Send a key as <code>Authorization: Bearer lka_...</code>. A refusal is a <a href="#schema-Problem">Problem</a>: <code>title</code> is for a person,
<code>code</code> for a program, and <code>correlationId</code> finds it in the audit.</p>
${areas.map((area) => html`<section><h2>${area}</h2>${of(area).map((route) => operation(route, description.components?.schemas ?? {}))}</section>`)}
<section><h2>Schemas</h2>${schemas.map(
    ([name, schema]) =>
      html`<article id="schema-${name}"><h3>${name}</h3>${schema.description !== undefined && html`<p>${prose(schema.description)}</p>`}${shape(schema, false)}</article>`,
  )}</section>
</main>
</body>
</html>
`;
  const style = createHash('sha256').update(docsStyle).digest('base64');
  return {
    page: page.text,
    policy: `default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  };
};
