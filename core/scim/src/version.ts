import { ScimError } from './errors.ts';

/** For `meta.version` and ETag (RFC 7644 §3.14): weak, because the same version may be shown with more or fewer attributes. */
export const writeVersion = (version: string | number): string => `W/"${version}"`;

/** RFC 9110 §8.8.3.2: compared weakly; what is not quoted, as some clients have it, too. */
const names = (header: string, version: string): boolean => {
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '').replaceAll('"', '');
  return header.split(',').some((tag) => tag.trim() === '*' || opaque(tag) === opaque(version));
};

/** Throws `preconditionFailed` if the header does not allow this version to be changed. */
export const checkIfMatch = (header: string | undefined, version: string): void => {
  if (header !== undefined && !names(header, version)) {
    throw new ScimError('preconditionFailed', `The resource has changed: its version is ${version}. Read it again, then repeat.`);
  }
};

/** True: answer 304. */
export const isNotModified = (ifNoneMatch: string | undefined, version: string): boolean =>
  ifNoneMatch !== undefined && names(ifNoneMatch, version);
