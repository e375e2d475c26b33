import { Alert, Button, Code, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { ApiProblem } from '../app/api.ts';
import { useLanguage, useTexts } from '../app/language.tsx';
import { CopyButton } from './copy.tsx';
import { sentencesOf } from './describe-problem.ts';
import { texts } from './texts.ts';

interface Described {
  readonly title: string;
  readonly detail: string | undefined;
  readonly correlationId: string | undefined;
}

/** What went wrong, for a person. */
export const useDescribed = (error: unknown): Described => {
  const t = useTexts(texts);
  const { language } = useLanguage();
  // Only who reads German loads it.
  const { data: german } = useQuery({
    queryKey: ['german-problems'],
    queryFn: async () => (await import('./german-problems.ts')).germanProblems,
    enabled: language === 'de',
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!(error instanceof ApiProblem)) return { title: t.pageFailed, detail: String(error), correlationId: undefined };
  if (error.status === 0) return { title: t.unreachable, detail: t.unreachableDetail, correlationId: undefined };
  const { correlationId } = error;
  if (error.code === 'unknown') return { title: t.unknown, detail: error.detail, correlationId };
  return { ...sentencesOf(language === 'de' ? german : undefined, error), correlationId };
};

/** A refusal where it happened: what, how to mend it, and the id that finds it. Nothing if there is none. */
export const Problem = ({ error, onRetry }: { readonly error: unknown; readonly onRetry?: (() => void) | undefined }) => {
  const t = useTexts(texts);
  const { title, detail, correlationId } = useDescribed(error);
  if (error === null || error === undefined) return null;
  return (
    <Alert role="alert" color="red" variant="light" icon={<IconAlertTriangle size={18} />} title={title}>
      {detail !== undefined && <Text size="sm">{detail}</Text>}
      {(correlationId !== undefined || onRetry !== undefined) && (
        <Group gap="xs" mt="xs">
          {onRetry !== undefined && (
            <Button size="compact-sm" variant="default" onClick={onRetry}>
              {t.tryAgain}
            </Button>
          )}
          {correlationId !== undefined && (
            <Group gap={4}>
              <Text size="xs">{t.idToQuote}</Text>
              <Code>{correlationId}</Code>
              <CopyButton value={correlationId} />
            </Group>
          )}
        </Group>
      )}
    </Alert>
  );
};
