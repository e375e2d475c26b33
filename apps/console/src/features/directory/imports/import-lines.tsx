import type { ImportLineView, ImportView } from '@latchkey/contract';
import { Group, Stack, UnstyledButton } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useLanguage, useTexts } from '../../../app/language.tsx';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Empty } from '../../../components/empty.tsx';
import { usePages } from '../../../components/use-pages.ts';
import { UserName } from '../../../components/user-name.tsx';
import { directoryKey, importsPath } from '../paths.ts';
import classes from './import-lines.module.css';
import { countsOf } from './states.ts';
import { texts } from './texts.ts';

const isWrong = (change: ImportLineView['change']): boolean => change === 'error' || change === 'skipped';

/** The lines of an import, by what becomes of them; what has problems comes first. */
export const ImportLines = ({ organization, job }: { readonly organization: string; readonly job: ImportView }) => {
  const t = useTexts(texts);
  const { language } = useLanguage();
  // Of one that was applied only those are left that were not carried out.
  const kinds = countsOf(job).filter((name) => job.state === 'ready' || isWrong(name));
  const [chosen, setChosen] = useState<string>();
  const kind = kinds.find((name) => name === chosen) ?? kinds[0];
  if (kind === undefined) return null;
  return (
    <Stack gap="sm">
      <Group gap="xs" role="group" aria-label={t.which}>
        {kinds.map((name) => (
          <UnstyledButton
            key={name}
            className={classes.kind}
            data-wrong={isWrong(name) || undefined}
            aria-pressed={name === kind}
            onClick={() => setChosen(name)}
          >
            <strong>{job.counts[name].toLocaleString(language)}</strong> {t.kinds[name]}
          </UnstyledButton>
        ))}
      </Group>
      <Lines key={kind} organization={organization} job={job} kind={kind} />
    </Stack>
  );
};

const Lines = ({
  organization,
  job,
  kind,
}: {
  readonly organization: string;
  readonly job: ImportView;
  readonly kind: ImportLineView['change'];
}) => {
  const t = useTexts(texts);
  const pages = usePages<ImportLineView>(
    [...directoryKey(organization), 'imports', job.id, 'lines', job.state],
    `${importsPath(organization)}/${job.id}/lines`,
    { change: kind },
  );
  const wrong = isWrong(kind);
  const columns = useMemo(
    (): readonly Column<ImportLineView>[] => [
      { id: 'line', header: t.line, cell: ({ line }) => line },
      { id: 'user', header: t.user, cell: ({ userName }) => <UserName>{userName}</UserName> },
      wrong
        ? {
            id: 'problem',
            header: t.problem,
            cell: ({ problems }) =>
              problems.map(({ column, message }) => (
                <div key={column + message}>
                  <strong>{column || t.wholeLine}</strong>: {message}
                </div>
              )),
          }
        : {
            id: 'wants',
            header: t.wants,
            cell: ({ wants: { groups = [], ...wants } }) => [...Object.values(wants), ...groups].filter(Boolean).join(' · '),
          },
    ],
    [t, wrong],
  );
  return (
    <DataTable
      label={t.linesLabel}
      columns={columns}
      pages={pages}
      idOf={({ line }) => String(line)}
      nameOf={({ line }) => String(line)}
      empty={<Empty title={t.noLines} />}
    />
  );
};
