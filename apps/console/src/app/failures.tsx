import { Button, Code, Group, Stack, Text } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { CopyButton } from '../components/copy.tsx';
import { Page } from '../components/page.tsx';
import { Problem } from '../components/problem.tsx';
import { texts } from '../components/texts.ts';
import { ApiProblem } from './api.ts';
import { useTexts } from './language.tsx';

/** A page that broke: what, where, how to mend it, and what to quote. The rest of the console goes on. */
export const PageFailed = ({ error, reset }: ErrorComponentProps) => {
  const t = useTexts(texts);
  if (error instanceof ApiProblem) {
    return (
      <Page title={t.pageFailed} narrow>
        <Problem error={error} onRetry={reset} />
      </Page>
    );
  }
  const what = `${String(error)}\n${location.pathname}`;
  return (
    <Page title={t.pageFailed} description={t.pageFailedDetail} narrow>
      <Stack align="flex-start">
        <Code block>{what}</Code>
        <Group gap="xs">
          <Button onClick={() => location.reload()}>{t.reload}</Button>
          <CopyButton value={what} word={t.copy} />
        </Group>
      </Stack>
    </Page>
  );
};

export const NotFound = () => {
  const t = useTexts(texts);
  return (
    <Page title={t.notFound} narrow>
      <Text mb="md">{t.notFoundDetail}</Text>
      <Button component="a" href="/">
        {t.toOverview}
      </Button>
    </Page>
  );
};
