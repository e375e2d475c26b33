import { Button } from '@mantine/core';
import { IconArrowUp } from '@tabler/icons-react';
import { useTexts } from '../app/language.tsx';
import { texts } from './texts.ts';

/** Says how much is new since the list was read, and shows it when that is asked for. */
export const News = ({ count, onShow }: { readonly count: number; readonly onShow: () => void }) => {
  const t = useTexts(texts);
  return (
    <div role="status">
      {count > 0 && (
        <Button fullWidth variant="light" mb="sm" leftSection={<IconArrowUp size={16} />} onClick={onShow}>
          {t.news(count)}
        </Button>
      )}
    </div>
  );
};
