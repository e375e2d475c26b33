import type { ImportView } from '@latchkey/contract';
import { Button, FileButton, Group, Loader, Radio, Stack, Table, Text } from '@mantine/core';
import { IconFileSpreadsheet } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { call, queryString } from '../../../app/api.ts';
import { useLanguage, useTexts } from '../../../app/language.tsx';
import { useMay } from '../../../app/session.ts';
import { DownloadButton } from '../../../components/copy.tsx';
import { domainsQuery, isProved } from '../../../components/domains.ts';
import { Problem } from '../../../components/problem.tsx';
import { SideDrawer } from '../../../components/side-drawer.tsx';
import { texts as components } from '../../../components/texts.ts';
import { directoryKey, importsPath } from '../paths.ts';
import classes from './new-import.module.css';
import { texts } from './texts.ts';

const columns = ['userName', 'displayName', 'email', 'department', 'groups', 'comments', 'state', 'action'] as const;

/** The columns, and a user to show what goes into them. */
const templateOf = (domain: string): string =>
  `${columns.join(',')}\r\nj.doe@${domain},Jane Doe,j.doe@${domain},Sales,Staff; Berlin,,active,+\r\n`;

/** Takes a CSV file and has it compared with the directory. Nothing changes. */
export const NewImport = ({
  organization,
  onShow,
}: {
  readonly organization: string;
  /** Opens the import instead; undefined closes. */
  readonly onShow: (id: string | undefined) => void;
}) => {
  const t = useTexts(texts);
  const c = useTexts(components);
  const { language } = useLanguage();
  const queryClient = useQueryClient();
  const mayDomains = useMay('organization');
  const { data: domains = [] } = useQuery({ ...domainsQuery(organization), enabled: mayDomains !== 'none' });
  const [file, setFile] = useState<File | null>(null);
  const [existing, setExisting] = useState('error');
  const [over, setOver] = useState(false);
  const [tooMany, setTooMany] = useState(false);
  const aborting = useRef(new AbortController());
  const upload = useMutation({
    mutationFn: (chosen: File) => {
      aborting.current = new AbortController();
      // Systems call the type of such a file by many names, or by none.
      const body = new File([chosen], chosen.name, { type: 'text/csv' });
      const path = `${importsPath(organization)}${queryString({ existing, fileName: chosen.name.slice(0, 255) })}`;
      return call<ImportView>('POST', path, { body, signal: aborting.current.signal });
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: [...directoryKey(organization), 'imports'] }),
  });
  const aborted = upload.error instanceof DOMException;
  const choose = (files: readonly File[]) => {
    setTooMany(files.length > 1);
    const [one] = files;
    if (files.length === 1 && one !== undefined) setFile(one);
    upload.reset();
  };
  const size = (bytes: number): string =>
    bytes < 100_000
      ? bytes.toLocaleString(language, { style: 'unit', unit: 'byte', unitDisplay: 'long' })
      : (bytes / 1e6).toLocaleString(language, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 });
  return (
    <SideDrawer title={t.newTitle} onClose={() => onShow(undefined)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          // Only if the drawer is still open: who has closed it finds the import in the list.
          if (file !== null) upload.mutate(file, { onSuccess: ({ id }) => onShow(id) });
        }}
      >
        <Stack>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way to what the button does */}
          <div
            className={classes.drop}
            data-over={over || undefined}
            onDragOver={(event) => {
              event.preventDefault();
              setOver(true);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={(event) => {
              event.preventDefault();
              setOver(false);
              if (!upload.isPending) choose([...event.dataTransfer.files]);
            }}
          >
            <IconFileSpreadsheet size={28} stroke={1.5} aria-hidden="true" />
            {file === null ? (
              <Text>
                {t.drop} {t.or}
              </Text>
            ) : (
              <Text fw={550}>{t.chosen(file.name, size(file.size))}</Text>
            )}
            <FileButton
              onChange={(chosen) => choose(chosen === null ? [] : [chosen])}
              accept=".csv,text/csv"
              inputProps={{ 'aria-label': t.pick }}
            >
              {(props) => (
                <Button variant="default" disabled={upload.isPending} {...props}>
                  {file === null ? t.pick : t.uploadAgain}
                </Button>
              )}
            </FileButton>
            {tooMany && (
              <Text role="alert" c="red">
                {t.tooManyFiles}
              </Text>
            )}
          </div>
          <Radio.Group label={t.existingLabel} value={existing} onChange={setExisting}>
            <Stack gap="xs" mt={6}>
              {(['error', 'override'] as const).map((value) => (
                <Radio
                  key={value}
                  value={value}
                  label={t.existingChoices[value]}
                  description={t.existingTexts[value]}
                  disabled={upload.isPending}
                />
              ))}
            </Stack>
          </Radio.Group>
          {upload.isPending && (
            <Group gap="xs" role="status">
              <Loader size="xs" />
              <Text>{t.uploading}</Text>
            </Group>
          )}
          {!aborted && <Problem error={upload.error} />}
          <Group justify="flex-end" gap="xs">
            <Button
              variant="default"
              onClick={() => {
                if (upload.isPending) aborting.current.abort();
                else onShow(undefined);
              }}
            >
              {c.cancel}
            </Button>
            <Button type="submit" disabled={file === null} loading={upload.isPending}>
              {t.upload}
            </Button>
          </Group>
          <section aria-label={t.columnsTitle} className={classes.columns}>
            <Stack gap="xs" align="flex-start">
              <Text size="sm">{t.templateText}</Text>
              <DownloadButton name="users.csv" word={t.template} text={templateOf(domains.find(isProved)?.name ?? 'acme.com')} />
            </Stack>
            <Table my="xs" aria-label={t.columnsTitle}>
              <Table.Tbody>
                {columns.map((name) => (
                  <Table.Tr key={name}>
                    <Table.Td>
                      <code>{name}</code>
                    </Table.Td>
                    <Table.Td>{t.columnTexts[name]}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
            <Text size="sm" c="dimmed">
              {t.reference}
            </Text>
          </section>
        </Stack>
      </form>
    </SideDrawer>
  );
};
