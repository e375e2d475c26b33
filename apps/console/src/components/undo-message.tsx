import { Button, Group } from '@mantine/core';
import { useTexts } from '../app/language.tsx';
import { texts } from './texts.ts';

/** What was done, with a button that takes it back. */
export const UndoMessage = ({ message, onUndo }: { readonly message: string; readonly onUndo: () => void }) => {
  const t = useTexts(texts);
  return (
    <Group justify="space-between" wrap="nowrap">
      <span>{message}</span>
      <Button size="compact-sm" variant="light" onClick={onUndo}>
        {t.undo}
      </Button>
    </Group>
  );
};
