import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconEyeExclamation } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTexts } from '../app/language.tsx';
import { Copyable, CopyButton, DownloadButton } from './copy.tsx';
import { texts } from './texts.ts';

/** A secret that is shown once: copy it, download it, say that it is stored. */
export const Secret = ({
  value,
  name,
  children,
  onStored,
}: {
  readonly value: string;
  /** Of the file that it may be downloaded as. */
  readonly name: string;
  /** What to do with it. */
  readonly children?: ReactNode;
  readonly onStored: () => void;
}) => {
  const t = useTexts(texts);
  return (
    <Stack gap="md">
      <Alert color="brass" variant="light" icon={<IconEyeExclamation size={18} />} title={t.shownOnce}>
        <Text size="sm">{t.shownOnceWhy}</Text>
      </Alert>
      <Copyable value={value} lines={value.includes('\n')} />
      <Group gap="xs">
        <CopyButton value={value} word={t.copy} />
        <DownloadButton name={name} text={`${value}\n`} />
      </Group>
      {children}
      <Group justify="flex-end">
        <Button onClick={onStored}>{t.stored}</Button>
      </Group>
    </Stack>
  );
};
