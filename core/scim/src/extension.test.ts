import { describe, expect, it } from 'vitest';
import { ScimError } from './errors.ts';
import { defineExtension } from './extension.ts';

const id = 'urn:example:params:scim:schemas:2.0:Badge';
const define = (attribute: object, more: object = {}): unknown =>
  defineExtension({ id, name: 'Badge', attributes: [{ name: 'number', ...attribute }], ...more });

describe('an extension', () => {
  it('has the defaults of RFC 7643 §2.2', () => {
    expect(define({})).toEqual({
      id,
      name: 'Badge',
      description: '',
      attributes: [
        {
          name: 'number',
          type: 'string',
          description: '',
          multiValued: false,
          required: false,
          caseExact: false,
          mutability: 'readWrite',
          returned: 'default',
          uniqueness: 'none',
        },
      ],
    });
    expect(define({ mutability: 'writeOnly' })).toMatchObject({ attributes: [{ returned: 'never' }] });
    expect(define({ type: 'reference' })).toMatchObject({ attributes: [{ caseExact: true }] });
  });

  it.each([
    [{}, { id: 'Badge' }, 'id is a URN'],
    [{}, { id: 'urn:x' }, 'id is a URN'],
    [{}, { id: 'urn:example:a b' }, 'id is a URN'],
    [{}, { id: 'urn:example:__proto__' }, 'id is a URN'],
    [{}, { id: 'urn:example:2.constructor:User' }, 'id is a URN'],
    [{}, { id: 'urn:ietf:params:scim:schemas:core:2.0:User' }, "is the RFCs'"],
    [{}, { id: 'URN:ietf:params:scim:schemas:extension:enterprise:2.0:User' }, "is the RFCs'"],
    [{}, { id: 'urn:ietf:params:scim:api:messages:2.0:Error' }, "is the RFCs'"],
    [{}, { name: '' }, 'name is a text'],
    [{}, { attributes: [] }, 'attributes is an array'],
    [{}, { attributes: [5] }, 'attributes[0] is an object'],
    [{}, { attributes: [{ name: 'a' }, { name: 'A' }] }, 'has A twice'],
    [{}, { color: 'red' }, 'The definition has "color"'],
    [{ colour: 'red' }, {}, 'attributes[0] has "colour"'],
    [{ name: '__proto__' }, {}, 'attributes[0].name'],
    [{ name: 'Constructor' }, {}, 'attributes[0].name'],
    [{ name: 'not' }, {}, 'attributes[0].name'],
    [{ name: 'a.b' }, {}, 'attributes[0].name'],
    [{ name: 'a:b' }, {}, 'attributes[0].name'],
    [{ name: 5 }, {}, 'attributes[0].name is a text'],
    [{ type: 'date' }, {}, 'attributes[0].type is string or'],
    [{ multiValued: 'yes' }, {}, 'is true or false'],
    [{ mutability: 'readOnly' }, {}, 'attributes[0].mutability is'],
    [{ returned: 'never' }, {}, 'attributes[0].returned is'],
    [{ mutability: 'writeOnly', returned: 'default' }, {}, 'attributes[0].returned is never'],
    [{ uniqueness: 'server' }, {}, 'attributes[0].uniqueness is none'],
    [{ closed: true }, {}, 'needs canonicalValues'],
    [{ canonicalValues: [] }, {}, 'is an array of 1 to 1000'],
    [{ canonicalValues: [5] }, {}, 'canonicalValues[0] is a text'],
    [{ type: 'binary', caseExact: false }, {}, 'is true of a binary'],
    [{ type: 'complex' }, {}, 'subAttributes is an array'],
    [{ subAttributes: [{ name: 'a' }] }, {}, 'which only a complex one has'],
    [{ type: 'complex', subAttributes: [{ name: 'a', type: 'complex', subAttributes: [{ name: 'b' }] }] }, {}, 'cannot be'],
  ])('is refused: %j %j', (attribute, more, detail) => {
    try {
      define(attribute, more);
    } catch (error) {
      expect(error).toBeInstanceOf(ScimError);
      expect(error).toMatchObject({ code: 'invalidValue', detail: expect.stringContaining(detail) });
      return;
    }
    throw new Error('It was defined.');
  });

  it.each([undefined, null, [], 'x'])('is refused: %j', (definition) => {
    expect(() => defineExtension(definition)).toThrow('The definition is an object');
  });
});
