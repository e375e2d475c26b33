import { describe, expect, test } from 'vitest';
import { attr, child, children, text } from './query.ts';
import { readXml } from './read.ts';

const malformed = expect.objectContaining({ code: 'message_malformed' });
const element = readXml('<a xmlns:p="u:x" b="1" p:c="2"> <p:d>x</p:d> <d/> <p:e/> <p:e/> <f>y<g/></f> </a>');

describe('queries', () => {
  test('child is matched by namespace and local name, and must be the only one', () => {
    expect(child(element, 'u:x', 'd')?.prefix).toBe('p');
    expect(child(element, '', 'd')?.prefix).toBe('');
    expect(child(element, 'u:y', 'd')).toBeUndefined();
    expect(() => child(element, 'u:x', 'e')).toThrow(malformed);
  });

  test('children are all, of a namespace, or of a name', () => {
    expect(children(element).length).toBe(5);
    expect(children(element, 'u:x').length).toBe(3);
    expect(children(element, 'u:x', 'e').length).toBe(2);
  });

  test('attr is of no namespace', () => {
    expect(attr(element, 'b')).toBe('1');
    expect(attr(element, 'c')).toBeUndefined();
  });

  test('class 30: text is the whole text or an error, never a part', () => {
    expect(text(readXml('<a>x<![CDATA[y]]></a>'))).toBe('xy');
    expect(text(readXml('<a/>'))).toBe('');
    expect(() => text(readXml('<a>user@good.example<b/>.evil.example</a>'))).toThrow(malformed);
    expect(() => text(readXml('<a><b/></a>'))).toThrow(malformed);
  });
});
