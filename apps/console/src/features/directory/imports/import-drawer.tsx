import type { ImportView } from '@latchkey/contract';
import { Alert, Button, Group, List, Loader, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../../app/api.ts';
import { useLanguage, useTexts } from '../../../app/language.tsx';
import { useMay } from '../../../app/session.ts';
import { Actor } from '../../../components/actor.tsx';
import { Confirm } from '../../../components/confirm.tsx';
import { Facts } from '../../../components/facts.tsx';
import { Problem } from '../../../components/problem.tsx';
import { SideDrawer } from '../../../components/side-drawer.tsx';
import { Time } from '../../../components/time.tsx';
import { useNotify } from '../../../components/use-notify.ts';
import { directoryKey, fileUrl, importsPath } from '../paths.ts';
import { ImportCounts } from './import-counts.tsx';
import { ImportLines } from './import-lines.tsx';
import { ImportState } from './import-state.tsx';
import { effective, isCancellable, isWorking, lookAgain } from './states.ts';
import { texts } from './texts.ts';

/** What is asked before an import is carried out, or called off. */
const Decision = ({
  organization,
  job,
  doing,
  onClose,
}: {
  readonly organization: string;
  readonly job: ImportView;
  readonly doing: 'apply' | 'cancel';
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts);
  const { language } = useLanguage();
  const queryClient = useQueryClient();
  const notify = useNotify();
  const decide = async (body?: object) => {
    const next = await call<ImportView>('POST', `${importsPath(organization)}/${job.id}/${doing}`, { body });
    queryClient.setQueryData([...directoryKey(organization), 'imports', job.id], next);
    await queryClient.invalidateQueries({ queryKey: [...directoryKey(organization), 'imports'] });
  };
  if (doing === 'cancel') {
    return (
      <Confirm calm title={t.cancelTitle} action={t.cancel} onClose={onClose} onConfirm={() => decide()}>
        {t.cancelText}
      </Confirm>
    );
  }
  const { counts } = job;
  const number = (count: number) => count.toLocaleString(language);
  return (
    <Confirm
      title={t.startTitle(job.fileName)}
      action={t.start(number(effective(job)))}
      calm={counts.delete === 0}
      {...(counts.delete === 0 ? {} : { typed: String(counts.delete) })}
      onClose={onClose}
      onConfirm={async () => {
        await decide({ skipErrors: counts.error > 0 });
        notify(t.started);
      }}
    >
      <List>
        {counts.add > 0 && <List.Item>{t.startAdd(number(counts.add))}</List.Item>}
        {counts.modify > 0 && <List.Item>{t.startModify(number(counts.modify))}</List.Item>}
        {counts.delete > 0 && <List.Item>{t.startDelete(number(counts.delete))}</List.Item>}
        {counts.error > 0 && <List.Item>{t.startError(number(counts.error))}</List.Item>}
      </List>
    </Confirm>
  );
};

const namesShown = (names: readonly string[]): string =>
  names.length > 20 ? `${names.slice(0, 20).join(', ')} … (${names.length})` : names.join(', ');

/** One import: how far it is, what it would do or has done, line by line, and the decision. */
export const ImportDrawer = ({
  organization,
  id,
  onClose,
}: {
  readonly organization: string;
  readonly id: string;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts);
  const { language } = useLanguage();
  const may = useMay('directory');
  const [doing, setDoing] = useState<'apply' | 'cancel'>();
  const { data: job, error } = useQuery({
    queryKey: [...directoryKey(organization), 'imports', id],
    queryFn: ({ signal }) => call<ImportView>('GET', `${importsPath(organization)}/${id}`, { signal }),
    refetchInterval: ({ state: { data } }) => (data === undefined ? false : lookAgain([data])),
  });
  if (job === undefined) {
    return (
      <SideDrawer wide title={t.columns.file} onClose={onClose}>
        {error === null ? <Loader /> : <Problem error={error} />}
      </SideDrawer>
    );
  }
  const { state, counts, reason } = job;
  const number = (count: number) => count.toLocaleString(language);
  const wrong = counts.error + counts.skipped;
  const why = reason in t.reasons ? t.reasons[reason as keyof typeof t.reasons] : undefined; // just asked
  return (
    <SideDrawer wide title={job.fileName || job.id} onClose={onClose}>
      <Stack>
        <Problem error={error} />
        <div role="status">
          <ImportState job={job} />
          <Text mt={6}>{t.stateTexts[state]}</Text>
          {isWorking(job) && <Text c="dimmed">{t.background}</Text>}
        </div>
        {why !== undefined && state !== 'cancelled' && (
          <Alert color="red" variant="light">
            {why}
          </Alert>
        )}
        <Group gap="xs">
          {may === 'full' && state === 'ready' && effective(job) > 0 && (
            <Button onClick={() => setDoing('apply')}>
              {(counts.error > 0 ? t.startRest : t.start)(number(effective(job)))}
            </Button>
          )}
          {may === 'full' && isCancellable(job) && (
            <Button variant="default" onClick={() => setDoing('cancel')}>
              {state === 'ready' ? t.discard : t.cancel}
            </Button>
          )}
          {wrong > 0 && !isWorking(job) && (
            <Button
              component="a"
              variant="default"
              leftSection={<IconDownload size={16} />}
              href={fileUrl(`${importsPath(organization)}/${id}/errors`)}
              download="errors.csv"
            >
              {t.downloadErrors}
            </Button>
          )}
        </Group>
        {state === 'ready' && effective(job) === 0 && <Text>{t.nothing}</Text>}
        {(state === 'ready' || state === 'applied') && <ImportLines organization={organization} job={job} />}
        <Facts
          facts={[
            [t.columns.lines, number(job.rows)],
            ...(state === 'preparing' || state === 'finishing' || state === 'applied'
              ? [[t.columns.result, <ImportCounts key="result" job={job} />] as const]
              : []),
            ...(job.newGroups.length + job.newDepartments.length === 0
              ? []
              : [
                  [
                    t.newSets,
                    <div key="sets">
                      {job.newGroups.length > 0 && <div>{t.newGroups(namesShown(job.newGroups))}</div>}
                      {job.newDepartments.length > 0 && <div>{t.newDepartments(namesShown(job.newDepartments))}</div>}
                    </div>,
                  ] as const,
                ]),
            [t.existingShort, t.existing[job.existing]],
            [t.columns.by, <Actor key="by" organization={organization} actor={job.createdBy} />],
            [t.columns.when, <Time key="when" at={job.createdAt} absolute />],
          ]}
        />
      </Stack>
      {doing !== undefined && (
        <Decision organization={organization} job={job} doing={doing} onClose={() => setDoing(undefined)} />
      )}
    </SideDrawer>
  );
};
