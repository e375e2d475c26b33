import { stripVTControlCharacters } from 'node:util';

/** Where and how a command tells what it has done. */
export interface Output {
  readonly json: boolean;
  /** Prints a list: a table, or a JSON array. */
  readonly list: <Item>(items: readonly Item[], columns: readonly Column<Item>[], empty: string) => void;
  /** Prints one thing: lines of name and value, or a JSON object. */
  readonly show: (item: object, lines: readonly (readonly [string, string])[]) => void;
  /** Says what was done, or its JSON. */
  readonly done: (item: unknown, sentence: string) => void;
  /** A remark for people: to standard error, so that output can be piped. */
  readonly note: (text: string) => void;
  readonly line: (text: string) => void;
  readonly paint: (color: Color, text: string) => string;
}

type Color = 'good' | 'warn' | 'bad' | 'strong' | 'faint';

export interface Column<Item> {
  readonly name: string;
  readonly value: (item: Item) => string;
  readonly color?: (item: Item) => Color | undefined;
}

const codes: Readonly<Record<Color, number>> = { good: 32, warn: 33, bad: 31, strong: 1, faint: 2 };

// Devices choose their host names, and other people user names: none of them may steer the terminal.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** A text from elsewhere, harmless on a terminal. */
export const safe = (text: string): string => text.replace(unsafe, '\ufffd');

const safeJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A moment as people read it. */
export const when = (iso: string | null): string => (iso === null ? '-' : `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`);

const width = (text: string): number => [...stripVTControlCharacters(text)].length;
const pad = (text: string, to: number): string => text + ' '.repeat(Math.max(0, to - width(text)));

export const createOutput = (given: { readonly json: boolean; readonly color: boolean }): Output => {
  const paint = (color: Color, text: string): string => (given.color ? `\u001b[${codes[color]}m${text}\u001b[0m` : text);
  const line = (text: string): void => {
    process.stdout.write(`${text}\n`);
  };
  const note = (text: string): void => {
    process.stderr.write(`${text}\n`);
  };
  return {
    json: given.json,
    paint,
    line,
    note,
    list: (items, columns, empty) => {
      if (given.json) return line(safeJson(items));
      if (items.length === 0) return note(empty);
      const cells = items.map((item) => columns.map((column) => safe(column.value(item))));
      const widths = columns.map((column, at) => Math.max(column.name.length, ...cells.map((row) => width(row[at] ?? ''))));
      const row = (texts: readonly string[]): string =>
        texts.map((text, at) => (at === texts.length - 1 ? text : pad(text, widths[at] ?? 0))).join('  ');
      line(paint('strong', row(columns.map((column) => column.name))));
      items.forEach((item, index) => {
        line(
          row(
            columns.map((column, at) => {
              const text = cells[index]?.[at] ?? '';
              const color = column.color?.(item);
              return color === undefined ? text : paint(color, text);
            }),
          ),
        );
      });
    },
    show: (item, lines) => {
      if (given.json) return line(safeJson(item));
      const widest = Math.max(...lines.map(([name]) => name.length));
      for (const [name, value] of lines) line(`${paint('strong', pad(`${name}:`, widest + 1))}  ${safe(value)}`);
    },
    done: (item, sentence) => line(given.json ? safeJson(item) : safe(sentence)),
  };
};
