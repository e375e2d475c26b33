import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';

/** The languages of the console, by their own names. */
export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;

/** A text, or one with something to fill in. */
type Text = string | ((...values: never[]) => string);
export interface Catalogue {
  readonly [name: string]: Text | Catalogue;
}

/** The same names, each a text that takes the same. */
type Translated<Texts> = {
  readonly [Name in keyof Texts]: Texts[Name] extends string
    ? string
    : Texts[Name] extends (...values: infer Values) => string
      ? (...values: Values) => string
      : Translated<Texts[Name]>;
};
export type Texts<English> = Readonly<Record<Language, Translated<English>>>;

/**
 * The texts of one area in every language. What the other language lacks does not compile.
 *
 * @example const texts = defineTexts({ title: 'Devices' }, { title: 'Geräte' });
 */
export const defineTexts = <English extends Catalogue>(en: English, de: NoInfer<Translated<English>>): Texts<English> => ({
  en: en as unknown as Translated<English>, // of what it was translated from it has the form
  de,
});

const STORED = 'latchkey-language';

const chosenLanguage = (): Language => {
  const wanted = [localStorage.getItem(STORED) ?? '', ...navigator.languages].map((each) => each.slice(0, 2));
  return wanted.find((each): each is Language => each in languages) ?? 'en';
};

/** A language as it is written where the user of this browser lives: dates and numbers look as they do there. */
const localeOf = (language: Language): string => navigator.languages.find((each) => each.startsWith(language)) ?? language;

interface LanguageChoice {
  readonly language: Language;
  /** For Intl. */
  readonly locale: string;
  readonly choose: (language: Language) => void;
}
const LanguageContext = createContext<LanguageChoice>({ language: 'en', locale: 'en', choose: () => undefined });

export const LanguageProvider = ({ children }: { readonly children: ReactNode }) => {
  const [language, setLanguage] = useState(chosenLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const value = useMemo(
    () => ({
      language,
      locale: localeOf(language),
      choose: (next: Language) => {
        localStorage.setItem(STORED, next);
        setLanguage(next);
      },
    }),
    [language],
  );
  return <LanguageContext value={value}>{children}</LanguageContext>;
};

export const useLanguage = () => useContext(LanguageContext);

/** The texts in the language that was chosen. */
export const useTexts = <English,>(texts: Texts<English>): Translated<English> => texts[useLanguage().language];
