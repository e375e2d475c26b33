import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { marked, type Token, type Tokens } from 'marked';

/** A line of a `sh` block. `refusal`: it ends with an error, and says this. */
export interface CommandStep {
  readonly kind: 'command';
  readonly line: string;
  readonly refusal: string | undefined;
}

/** What a numbered step asks for: `Open` an address, **press** a name, **fill** a field: `value`, or *see* something. */
export type Step =
  | CommandStep
  | { readonly kind: 'open'; readonly address: string }
  | { readonly kind: 'press'; readonly name: string }
  | { readonly kind: 'fill'; readonly name: string; readonly value: string }
  | { readonly kind: 'see'; readonly text: string };

const readCommands = ({ text }: Tokens.Code): readonly CommandStep[] =>
  text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => ({ kind: 'command', line, refusal: / # (?:refused|waits): (\S+)$/.exec(line)?.[1] }));

const isShell = (token: Token): token is Tokens.Code => token.type === 'code' && token.lang === 'sh';

const readWords = (tokens: readonly Token[]): readonly Step[] =>
  tokens.flatMap((token, at): readonly Step[] => {
    if (isShell(token)) return readCommands(token);
    if (token.type === 'em') return [{ kind: 'see', text: String(token.text) }];
    if (token.type === 'codespan' && /^https?:/.test(token.text)) return [{ kind: 'open', address: String(token.text) }];
    if (token.type === 'strong') {
      const [between, value] = [tokens[at + 1], tokens[at + 2]];
      const isField = between?.type === 'text' && /^:\s$/.test(between.raw) && value?.type === 'codespan';
      return [
        isField
          ? { kind: 'fill', name: String(token.text), value: String(value.text) }
          : { kind: 'press', name: String(token.text) },
      ];
    }
    return 'tokens' in token && token.tokens !== undefined ? readWords(token.tokens) : [];
  });

/**
 * What a guide asks for in one of its sections, in order. In *In the console* that is what stands in the numbered steps; in *In a terminal*, its
 * `sh` blocks.
 */
export const readGuide = (name: string, section: 'In the console' | 'In a terminal'): readonly Step[] => {
  const path = fileURLToPath(new URL(join('../../docs/guides', `${name}.md`), import.meta.url));
  const tokens = marked.lexer(readFileSync(path, 'utf8'));
  const start = tokens.findIndex((token) => token.type === 'heading' && token.text === section);
  if (start === -1) throw new Error(`${name}.md has no section "${section}".`);
  const length = tokens.slice(start + 1).findIndex((token) => token.type === 'heading');
  const inside = tokens.slice(start + 1, length === -1 ? undefined : start + 1 + length);
  const steps = inside.flatMap((token): readonly Step[] => {
    if (isShell(token)) return readCommands(token);
    if (token.type !== 'list' || section === 'In a terminal') return [];
    const { items } = token as Tokens.List; // by its type
    return items.flatMap((item) => readWords(item.tokens));
  });
  if (steps.length === 0) throw new Error(`Nothing is to be done in "${section}" of ${name}.md.`);
  return steps;
};
