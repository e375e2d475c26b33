import type { JsonObject } from '@latchkey/device';

/** Thrown by the readers; whoever reads says of what. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

export const parseJson = (text: string): JsonObject => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ShapeError('it is not JSON');
  }
  if (!isObject(value)) throw new ShapeError('it is not a JSON object');
  return value;
};

export const objectAt = (from: JsonObject, name: string): JsonObject => {
  const value = from[name];
  if (!isObject(value)) throw new ShapeError(`"${name}" is not an object`);
  return value;
};

export const textAt = (from: JsonObject, name: string): string => {
  const value = from[name];
  if (typeof value !== 'string' || value === '') throw new ShapeError(`"${name}" is not a text`);
  return value;
};

export const optionalTextAt = (from: JsonObject, name: string): string | undefined =>
  from[name] === undefined ? undefined : textAt(from, name);

export const countAt = (from: JsonObject, name: string): number => {
  const value = from[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new ShapeError(`"${name}" is not a whole number`);
  return value;
};

/** Which of the optional parameters the organization collects; a server from before there was a choice says nothing. */
export const collectOf = (from: JsonObject): { readonly collect?: string[] } =>
  from.collect === undefined ? {} : { collect: textsAt(from, 'collect') };

export const textsAt = (from: JsonObject, name: string): string[] => {
  const value = from[name];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    throw new ShapeError(`"${name}" is not a list of texts`);
  return value;
};
