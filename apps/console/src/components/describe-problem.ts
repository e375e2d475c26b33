import type { ApiProblem } from '../app/api.ts';

/** By code; `{n}` in a detail is the first number of the server's. */
export type Translations = Readonly<Record<string, { readonly title: string; readonly detail?: string }>>;

interface Sentences {
  readonly title: string;
  readonly detail: string | undefined;
}

/** What a refusal says in the language of the page: by its code where that is known, else as the server says it. */
export const sentencesOf = (translations: Translations | undefined, { code, message, detail }: ApiProblem): Sentences => {
  const known = translations?.[code];
  if (known === undefined) return { title: message, detail };
  const [number] = /\d+/.exec(detail ?? '') ?? [];
  const says = known.detail ?? detail;
  return {
    title: known.title,
    detail: number === undefined && says?.includes('{n}') ? undefined : says?.replace('{n}', number ?? ''),
  };
};
