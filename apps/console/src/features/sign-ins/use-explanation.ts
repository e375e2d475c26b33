import type { SignInView } from '@latchkey/contract';
import { useLanguage } from '../../app/language.tsx';
import { germanReasons } from './german-reasons.ts';

/** What somebody at a device reads ends with what to do there: `The account is disabled: ask your administrator.` Here that is somebody else. */
const factIn = (sentence: string): string => sentence.replace(/: .*$/, '.');

/** What the reason of a refusal means and what to do about it: as the server says it, or in German. Nothing of a code that it does not know. */
export const useExplanation = (): ((signIn: Pick<SignInView, 'reason' | 'explanation'>) => SignInView['explanation']) => {
  const { language } = useLanguage();
  return ({ reason, explanation }) => {
    const german = language === 'de' ? germanReasons[reason] : undefined;
    if (german !== undefined) return { sentence: german[0], remedy: german[1] };
    return explanation && { ...explanation, sentence: factIn(explanation.sentence) };
  };
};
