import type { ApiProblem } from '../app/api.ts';
import type { Language } from '../app/language.tsx';
import { germanProblems } from './german-problems.ts';

interface Sentences {
  readonly title: string;
  readonly detail: string | undefined;
}

/** What a refusal says in the language of the page: by its code where that is known, else as the server says it. */
export const sentencesOf = (language: Language, { code, message, detail }: ApiProblem): Sentences => {
  const known = language === 'de' ? germanProblems[code] : undefined;
  if (known === undefined) return { title: message, detail };
  const [number] = /\d+/.exec(detail ?? '') ?? [];
  const says = known.detail ?? detail;
  return {
    title: known.title,
    detail: number === undefined && says?.includes('{n}') ? undefined : says?.replace('{n}', number ?? ''),
  };
};
