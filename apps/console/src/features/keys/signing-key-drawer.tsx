import type { SigningKeyView } from '@latchkey/contract';
import { Group, Stack, Text } from '@mantine/core';
import { useTexts } from '../../app/language.tsx';
import { Copyable, CopyButton, DownloadButton } from '../../components/copy.tsx';
import { Facts } from '../../components/facts.tsx';
import { SideDrawer } from '../../components/side-drawer.tsx';
import { texts as shared } from '../../components/texts.ts';
import { Time } from '../../components/time.tsx';
import { texts } from './texts.ts';

/** One key: everything that the other side may ask for. */
export const SigningKeyDrawer = ({
  organization,
  signingKey: key,
  onClose,
}: {
  readonly organization: string;
  readonly signingKey: SigningKeyView | undefined;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts);
  const c = useTexts(shared);
  if (key === undefined) {
    return (
      <SideDrawer title={t.key} onClose={onClose}>
        <Text>{t.gone}</Text>
      </SideDrawer>
    );
  }
  return (
    <SideDrawer title={t.purposes[key.purpose]} onClose={onClose}>
      <Stack>
        <Facts
          facts={[
            [t.columns.state, t.states[key.state]],
            [t.stateSince, <Time key="since" at={key.stateSince} absolute />],
            [t.columns.algorithm, <code key="algorithm">{key.algorithm}</code>],
            [t.columns.fingerprint, <Copyable key="fingerprint" value={key.fingerprint} />],
            [t.validFrom, <Time key="from" at={key.validFrom} absolute />],
            [t.columns.until, <Time key="until" at={key.validUntil} absolute />],
            [t.created, <Time key="created" at={key.createdAt} absolute />],
            [t.id, <Copyable key="id" value={key.id} />],
            ...(key.kid === null ? [] : [[t.kid, <Copyable key="kid" value={key.kid} />] as const]),
          ]}
        />
        <Text fw={550}>{t.certificate}</Text>
        <Copyable value={key.certificate.trim()} lines />
        <Group gap="xs">
          <CopyButton value={key.certificate} word={c.copy} />
          <DownloadButton name={`latchkey-${organization.slice(-8)}-${key.purpose}.pem`} text={key.certificate} />
        </Group>
      </Stack>
    </SideDrawer>
  );
};
