import type { ApiKeyView } from '@latchkey/contract';
import { useCallback } from 'react';
import { useTexts } from '../../app/language.tsx';
import { texts as shared } from '../../components/texts.ts';
import { grantsOf } from './scopes.ts';
import { texts } from './texts.ts';

/** What a key may do, in words. */
export const useGrants = (): ((scopes: ApiKeyView['scopes']) => string) => {
  const t = useTexts(texts);
  const c = useTexts(shared);
  return useCallback(
    (scopes: ApiKeyView['scopes']) =>
      grantsOf(scopes)
        .map(([area, level]) => t.grants(area === 'all' ? t.everything : c.areas[area], level === 'full'))
        .join(', '),
    [t, c],
  );
};
