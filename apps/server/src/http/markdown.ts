import { posix } from 'node:path';
import { Marked, marked, type Token, type Tokens } from 'marked';
import { escapeHtml } from './escape-html.ts';

/** The anchor GitHub gives a heading: links to it work there, too. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

/** Where a Markdown file, named from the folder of the documents, is as a page. */
export const addressOf = (file: string): string =>
  posix.join('/docs', file.replace(/(^|\/)README[.]md$/, '').replace(/[.]md$/, '')).replace(/\/$/, '');

/** Where a link in `file` leads; undefined if that is nothing we serve: a file of the source. */
const hrefOf = (file: string, link: string, isServed: (file: string) => boolean): string | undefined => {
  if (/^(https?|mailto):/i.test(link) || link.startsWith('#')) return link;
  const [path = '', anchor] = link.split('#');
  const target = posix.join(posix.dirname(file), path);
  if (!isServed(target)) return undefined;
  return `${addressOf(target)}${anchor === undefined ? '' : `#${anchor}`}`;
};

/** What a link's text or a heading says, without marks. */
const plainText = (tokens: readonly Token[]): string =>
  tokens
    .map((token) =>
      'tokens' in token && token.tokens !== undefined ? plainText(token.tokens) : 'text' in token ? token.text : '',
    )
    .join('');

interface MarkdownPage {
  readonly title: string;
  /** The headings of the second level. */
  readonly sections: readonly { readonly anchor: string; readonly title: string }[];
  readonly html: string;
}

/** A Markdown file as HTML. HTML in it is shown as the text it is, and links to what is not served are their text. */
export const renderMarkdown = (file: string, text: string, isServed: (file: string) => boolean): MarkdownPage => {
  const seen = new Map<string, number>();
  const sections: { anchor: string; title: string }[] = [];
  let title = file;
  const page = new Marked({
    // An address in a sentence is an example; links are written as links.
    tokenizer: { url: () => undefined },
    renderer: {
      html: ({ text: raw }) => escapeHtml(raw),
      heading({ tokens, depth, text: raw }) {
        const name = anchorOf(raw);
        const times = seen.get(name) ?? 0;
        seen.set(name, times + 1);
        const anchor = times === 0 ? name : `${name}-${times}`;
        const inner = this.parser.parseInline(tokens);
        if (depth === 1) {
          title = plainText(tokens);
          return `<h1>${inner}</h1>\n`;
        }
        if (depth === 2) sections.push({ anchor, title: plainText(tokens) });
        return `<h${depth} id="${escapeHtml(anchor)}"><a href="#${escapeHtml(anchor)}">${inner}</a></h${depth}>\n`;
      },
      link({ href, tokens }) {
        const to = hrefOf(file, href, isServed);
        const inner = this.parser.parseInline(tokens);
        return to === undefined ? inner : `<a href="${escapeHtml(to)}">${inner}</a>`;
      },
      image({ href, text: description }) {
        const from = hrefOf(file, href, isServed);
        // Pictures of ours only: the page loads nothing from elsewhere.
        return from?.startsWith('/docs/')
          ? `<img src="${escapeHtml(from)}" alt="${escapeHtml(description)}">`
          : escapeHtml(description);
      },
      // What is too wide scrolls by itself, also for who has only a keyboard.
      code: ({ text: code }) => `<pre tabindex="0"><code>${escapeHtml(code)}</code></pre>\n`,
      table({ header, rows }: Tokens.Table) {
        const row = (cells: readonly Tokens.TableCell[], tag: 'td' | 'th'): string =>
          `<tr>${cells.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join('')}</tr>`;
        const head = header.some(({ text: cell }) => cell !== '') ? `<thead>${row(header, 'th')}</thead>` : '';
        return `<div class="wide" tabindex="0"><table>${head}<tbody>${rows.map((cells) => row(cells, 'td')).join('')}</tbody></table></div>\n`;
      },
    },
  });
  return { html: page.parse(text, { async: false }), title, sections };
};

export interface Contents {
  readonly title: string;
  readonly pages: readonly { readonly title: string; readonly address: string }[];
}

const firstLink = (tokens: readonly Token[]): Tokens.Link | undefined => {
  for (const token of tokens) {
    if (token.type === 'link') return token as Tokens.Link; // by its type
    const inside = 'tokens' in token && token.tokens !== undefined ? firstLink(token.tokens) : undefined;
    if (inside !== undefined) return inside;
  }
  return undefined;
};

/** The contents that an index page tells: its sections, each with the first link of each of its entries. */
export const readContents = (file: string, text: string, isServed: (file: string) => boolean): readonly Contents[] => {
  const groups: { title: string; pages: { title: string; address: string }[] }[] = [];
  for (const token of marked.lexer(text)) {
    if (token.type === 'heading' && token.depth === 2) groups.push({ title: token.text, pages: [] });
    if (token.type !== 'list') continue;
    const { items } = token as Tokens.List; // by its type
    for (const item of items) {
      const link = firstLink(item.tokens);
      const address = link === undefined ? undefined : hrefOf(file, link.href, isServed);
      if (link !== undefined && address !== undefined) groups.at(-1)?.pages.push({ title: plainText(link.tokens), address });
    }
  }
  return groups;
};
