import { useLanguage, useTexts } from '../../app/language.tsx';
import { texts } from './texts.ts';

/** A count in the language of the page; an estimate says that it is one. */
export const useCount = (): ((count: { readonly total: number; readonly totalIsEstimate: boolean }) => string) => {
  const t = useTexts(texts);
  const { locale } = useLanguage();
  return ({ total, totalIsEstimate }) => {
    const number = new Intl.NumberFormat(locale).format(total);
    return totalIsEstimate ? t.about(number) : number;
  };
};
