import { describe, expect, test } from 'vitest';
import type { Catalogue } from './app/language.tsx';

const modules = import.meta.glob<{ readonly texts: Readonly<Record<string, Catalogue>> }>('./**/texts.ts', { eager: true });

/** Every text with the path of its names; a text that takes values by what it makes of them. */
const flatten = (texts: Catalogue, path = ''): readonly (readonly [string, string])[] =>
  Object.entries(texts).flatMap(([name, text]) => {
    if (typeof text === 'object') return flatten(text, `${path}${name}.`);
    if (typeof text === 'string') return [[`${path}${name}`, text]];
    // Whatever it takes, it takes these: numbers and names read as both.
    return [[`${path}${name}`, (text as (...values: readonly unknown[]) => string)('2', '2', '2')]];
  });

describe.each(Object.entries(modules))('%s', (_, { texts }) => {
  const { en = {}, de = {} } = texts;

  test('has the same texts in both languages, and none is empty', () => {
    const english = flatten(en);
    const german = flatten(de);
    expect(german.map(([path]) => path)).toEqual(english.map(([path]) => path));
    expect([...english, ...german].filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  test('says no sentence in English where German is meant', () => {
    const german = new Map(flatten(de));
    const same = flatten(en).filter(([path, text]) => text.includes(' ') && german.get(path) === text);
    expect(same).toEqual([]);
  });
});

test('the areas that bring texts were found', () => {
  expect(Object.keys(modules).length).toBeGreaterThan(3);
});
