import { Button, Group, Modal, Stack, TextInput, useMantineTheme } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTexts } from '../app/language.tsx';
import { Problem } from './problem.tsx';
import { texts } from './texts.ts';

/** For what destroys: says what will be hit, and asks for its name to be typed where that is given. */
export const Confirm = ({
  title,
  children,
  typed,
  action,
  wide = false,
  calm = false,
  onConfirm,
  onClose,
}: {
  readonly title: string;
  /** What will happen, and to what. */
  readonly children: ReactNode;
  /** What has to be typed. */
  readonly typed?: string;
  /** The word on the button. */
  readonly action: string;
  readonly wide?: boolean;
  /** For what destroys nothing. */
  readonly calm?: boolean;
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts);
  const theme = useMantineTheme();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const confirm = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} size={wide ? 'xl' : 'md'} centered closeButtonProps={{ 'aria-label': t.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void confirm();
        }}
      >
        <Stack gap="md">
          <div>{children}</div>
          {typed !== undefined && (
            <TextInput
              label={t.confirmByTyping(typed)}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              autoComplete="off"
              data-autofocus
            />
          )}
          <Problem error={error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t.cancel}
            </Button>
            <Button
              type="submit"
              color={calm ? theme.primaryColor : 'red'}
              loading={busy}
              disabled={typed !== undefined && text.trim() !== typed}
            >
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
};
