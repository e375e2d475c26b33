import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTexts } from '../app/language.tsx';
import { texts } from './texts.ts';

/** What a form in a drawer or window ends with: leave it as it was, or send it. */
export const FormActions = ({
  submit,
  busy,
  onCancel,
  children,
}: {
  /** The word on the button; undefined: there is nothing to send now. */
  readonly submit: string | undefined;
  readonly busy: boolean;
  readonly onCancel: () => void;
  /** What stands before them. */
  readonly children?: ReactNode;
}) => {
  const t = useTexts(texts);
  return (
    <Group justify="flex-end" gap="xs">
      {children}
      <Button variant="default" onClick={onCancel}>
        {t.cancel}
      </Button>
      {submit !== undefined && (
        <Button type="submit" loading={busy}>
          {submit}
        </Button>
      )}
    </Group>
  );
};
