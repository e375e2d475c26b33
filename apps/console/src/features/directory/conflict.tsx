import { Alert, Button, Group, Table, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { ApiProblem } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { texts } from './texts.ts';

/** Whether somebody else was faster (RFC 9110 §15.5.13, or between the server's own reading and writing). */
export const isConflict = (error: unknown): boolean =>
  error instanceof ApiProblem && (error.status === 412 || error.code.endsWith('_changed'));

export interface Difference {
  readonly name: string;
  readonly there: string;
  readonly yours: string;
}

/** Somebody else has saved meanwhile: what differs, and whose is to stand. */
export const Conflict = ({
  differences,
  busy,
  onSaveMine,
  onTakeTheirs,
}: {
  readonly differences: readonly Difference[];
  readonly busy: boolean;
  readonly onSaveMine: () => void;
  readonly onTakeTheirs: () => void;
}) => {
  const t = useTexts(texts);
  return (
    <Alert role="alert" color="brass" variant="light" icon={<IconUsers size={18} />} title={t.conflict}>
      <Text size="sm">{differences.length === 0 ? t.conflictNone : t.conflictText}</Text>
      {differences.length > 0 && (
        <Table my="xs" layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t.name}</Table.Th>
              <Table.Th>{t.there}</Table.Th>
              <Table.Th>{t.yours}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {differences.map(({ name, there, yours }) => (
              <Table.Tr key={name}>
                <Table.Td>{name}</Table.Td>
                <Table.Td>{there || t.empty}</Table.Td>
                <Table.Td>{yours || t.empty}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Group gap="xs" mt="xs">
        <Button size="compact-sm" loading={busy} onClick={onSaveMine}>
          {t.saveMine}
        </Button>
        <Button size="compact-sm" variant="default" onClick={onTakeTheirs}>
          {t.takeTheirs}
        </Button>
      </Group>
    </Alert>
  );
};
