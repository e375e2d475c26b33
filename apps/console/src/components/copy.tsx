import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy, IconDownload } from '@tabler/icons-react';
import { useTexts } from '../app/language.tsx';
import classes from './copy.module.css';
import { texts } from './texts.ts';

/** Copies a value; a small button beside it, or one with a word. */
export const CopyButton = ({ value, word }: { readonly value: string; readonly word?: string }) => {
  const t = useTexts(texts);
  const { copied, copy } = useClipboard({ timeout: 2000 });
  const icon = copied ? <IconCheck size={15} /> : <IconCopy size={15} />;
  if (word !== undefined) {
    return (
      <Button variant="default" leftSection={icon} onClick={() => copy(value)}>
        {copied ? t.copied : word}
      </Button>
    );
  }
  return (
    <Tooltip label={copied ? t.copied : t.copy} withArrow>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`${t.copy}: ${value}`} onClick={() => copy(value)}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
};

const download = (name: string, text: string): void => {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
};

/** Downloads a text as a file; the button says so, or says `word`. */
export const DownloadButton = ({
  name,
  text,
  word,
}: {
  readonly name: string;
  readonly text: string;
  /** If it is not plain what of. */
  readonly word?: string;
}) => {
  const t = useTexts(texts);
  return (
    <Button variant="default" leftSection={<IconDownload size={15} />} onClick={() => download(name, text)}>
      {word ?? t.download}
    </Button>
  );
};

/** A URL, id, command or record: as it is, in one piece, with a copy button. `lines`: several. */
export const Copyable = ({ value, lines = false }: { readonly value: string; readonly lines?: boolean }) => (
  <div className={classes.copyable} data-lines={lines || undefined}>
    <code className={classes.value}>{value}</code>
    <CopyButton value={value} />
  </div>
);
