import { describe, expect, it } from 'vitest';
import { errorBody, ScimError } from './errors.ts';
import { checkIfMatch, isNotModified, writeVersion } from './version.ts';

describe('versions (RFC 7644 §3.14)', () => {
  const version = writeVersion(7);

  it('are weak', () => {
    expect(version).toBe('W/"7"');
  });

  it.each([
    ['W/"7"', true],
    ['"7"', true],
    ['7', true],
    ['*', true],
    ['W/"6", W/"7"', true],
    ['W/"6"', false],
    ['W/"77"', false],
    ['', false],
  ])('%s names version 7: %s', (header, named) => {
    expect(isNotModified(header, version)).toBe(named);
    if (named) checkIfMatch(header, version);
    else expect(() => checkIfMatch(header, version)).toThrow('its version is W/"7"');
  });

  it('no header asks nothing', () => {
    checkIfMatch(undefined, version);
    expect(isNotModified(undefined, version)).toBe(false);
  });
});

describe('errors (RFC 7644 §3.12)', () => {
  it('have the status as a text, and a scimType where the RFC has one', () => {
    expect(errorBody(new ScimError('mutability', 'id is readOnly.'))).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '400',
      scimType: 'mutability',
      detail: 'id is readOnly.',
    });
    expect(errorBody(new ScimError('notFound', 'There is no user 7.'))).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '404',
      detail: 'There is no user 7.',
    });
  });
});
