import { ApiProblem } from '../app/api.ts';

/** What the server says is wrong with each member of the body, by the member's name: `body/description` -> description. */
export const fieldErrors = (error: unknown): Readonly<Record<string, string>> => {
  if (!(error instanceof ApiProblem)) return {};
  return Object.fromEntries(
    error.errors.flatMap(({ pointer, message }) => {
      const name = typeof pointer === 'string' ? /^body\/([^/]+)/.exec(pointer)?.[1] : undefined;
      return name === undefined ? [] : [[name, message]];
    }),
  );
};
