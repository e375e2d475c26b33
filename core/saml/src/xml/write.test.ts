import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { xmlText } from '../../../../test/kit/xml-documents.ts';
import { canonicalize } from './canonicalize.ts';
import { attr, text } from './query.ts';
import { readXml } from './read.ts';
import { escapeAttribute, escapeText } from './write.ts';

describe('escapeText and escapeAttribute', () => {
  test('write what c14n §2.3 writes', () => {
    expect(escapeText('a&b<c>d"e\'f\t\n\r')).toBe('a&amp;b&lt;c&gt;d"e\'f\t\n&#xD;');
    expect(escapeAttribute('a&b<c>d"e\'f\t\n\r')).toBe("a&amp;b&lt;c>d&quot;e'f&#x9;&#xA;&#xD;");
  });

  test('class 43: markup in a value stays text', () => {
    const hostile = '</AttributeValue></Attribute><Attribute Name="role"><AttributeValue>admin';
    expect(text(readXml(`<a>${escapeText(hostile)}</a>`))).toBe(hostile);
    expect(attr(readXml(`<a b="${escapeAttribute(hostile)}"/>`), 'b')).toBe(hostile);
  });

  test.each(['\0', '\x08', '\x0b', '\x1f', '\uFFFE', '\uFFFF', '\uD800', 'a\uDC00b'])(
    'class 43: what XML 1.0 cannot carry is refused (%j)',
    (value) => {
      expect(() => escapeText(value)).toThrow(expect.objectContaining({ code: 'text_illegal' }));
      expect(() => escapeAttribute(`x${value}`)).toThrow(expect.objectContaining({ code: 'text_illegal' }));
    },
  );

  test('what is written is read back, and is canonical already', () => {
    fc.assert(
      fc.property(xmlText, xmlText, (value, content) => {
        const written = `<a b="${escapeAttribute(value)}">${escapeText(content)}</a>`;
        const element = readXml(written);
        expect(attr(element, 'b')).toBe(value);
        expect(text(element)).toBe(content);
        expect(canonicalize(element)).toBe(written);
      }),
      { numRuns: 1000 },
    );
  });
});
