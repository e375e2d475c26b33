import { DirectoryError } from '@latchkey/directory';
import { ScimError, type ScimErrorCode } from '@latchkey/scim';
import { Problem } from '../http/problem.ts';

const codes: Readonly<Record<number, ScimErrorCode>> = {
  400: 'invalidValue',
  403: 'forbidden',
  404: 'notFound',
  409: 'conflict',
  412: 'preconditionFailed',
  413: 'payloadTooLarge',
  415: 'unsupportedMediaType',
  429: 'tooManyRequests',
  503: 'unavailable',
};

/** Whatever was thrown, in SCIM's voice (RFC 7644 §3.12). What is nobody else's business becomes one fixed sentence. */
export const toScimError = (error: unknown, isUnavailable: (error: unknown) => boolean = () => false): ScimError => {
  if (error instanceof ScimError) return error;
  if (error instanceof DirectoryError) return new ScimError('invalidValue', error.message, { cause: error });
  if (isUnavailable(error)) {
    return new ScimError('unavailable', 'The service cannot answer now: try again later.', { cause: error });
  }
  if (error instanceof Problem) {
    const code = codes[error.status];
    const detail = error.detail === undefined ? error.title : `${error.title} ${error.detail}`;
    if (code !== undefined) return new ScimError(code, detail, { cause: error });
  }
  const { statusCode, code: kind } = Object(error) as { readonly statusCode?: unknown; readonly code?: unknown }; // every thrown Error has at most these
  // Of two that wrote one name at the same time, the other.
  if (kind === 'unique_violated') return new ScimError('uniqueness', 'Somebody else has just taken this name.', { cause: error });
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new ScimError('invalidSyntax', 'The request cannot be read.', { cause: error });
  }
  return new ScimError(
    'internal',
    'Something went wrong on the server. Try again; if it stays, give the id in the header Latchkey-Correlation to the administrator.',
    { cause: error },
  );
};
