import type { SigningKeyPurpose, SigningKeysView } from '@latchkey/contract';
import { Button, Skeleton, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { useOpen } from '../../app/use-open.ts';
import { Copyable } from '../../components/copy.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { KeysOfPurpose } from './keys-of-purpose.tsx';
import { SigningKeyDrawer } from './signing-key-drawer.tsx';
import classes from './signing-keys-page.module.css';
import { texts } from './texts.ts';

const route = getRouteApi('/signed-in/o/$organization/administration/keys');

const purposes = ['idp-rsa', 'idp-ec', 'sp-ec', 'token'] as const satisfies readonly SigningKeyPurpose[];

/** What the organization signs with; where that is published; how it is changed. */
export const SigningKeysPage = () => {
  const t = useTexts(texts);
  const { organization } = route.useParams();
  const [open, show] = useOpen();
  const { data, error, refetch } = useQuery({
    queryKey: ['signing-keys', organization],
    queryFn: ({ signal }) => call<SigningKeysView>('GET', `/organizations/${organization}/signing-keys`, { signal }),
  });
  const addresses =
    data === undefined
      ? []
      : [
          { name: t.idpMetadata, text: t.idpMetadataText, url: data.idpMetadataUrl, file: 'latchkey-idp-metadata.xml' },
          { name: t.spMetadata, text: t.spMetadataText, url: data.spMetadataUrl, file: 'latchkey-sp-metadata.xml' },
          { name: t.keySet, text: t.keySetText, url: data.keySetUrl, file: undefined },
        ];
  return (
    <Page title={t.title} description={t.description} guide="keys">
      <Problem error={error} onRetry={() => void refetch()} />
      {data === undefined && error === null && <Skeleton height={320} radius="lg" />}
      {data !== undefined && (
        <Stack gap="lg">
          <Panel title={t.addresses}>
            <div className={classes.addresses}>
              <Text c="dimmed" size="sm">
                {t.addressesText}
              </Text>
              {addresses.map(({ name, text, url, file }) => (
                <div key={url} className={classes.address}>
                  <div>
                    <Text fw={550}>{name}</Text>
                    <Text c="dimmed" size="xs">
                      {text}
                    </Text>
                  </div>
                  <Copyable value={url} />
                  {file !== undefined && (
                    <Button
                      component="a"
                      href={url}
                      download={file}
                      variant="default"
                      leftSection={<IconDownload size={15} />}
                      aria-label={`${t.downloadMetadata}: ${name}`}
                    >
                      {t.downloadMetadata}
                    </Button>
                  )}
                </div>
              ))}
            </div>
          </Panel>
          {purposes.map((purpose) => (
            <KeysOfPurpose
              key={purpose}
              organization={organization}
              purpose={purpose}
              keys={data.items.filter((key) => key.purpose === purpose)}
              onOpen={show}
            />
          ))}
        </Stack>
      )}
      {open !== undefined && data !== undefined && (
        <SigningKeyDrawer
          key={open}
          organization={organization}
          signingKey={data.items.find(({ id }) => id === open)}
          onClose={() => show(undefined)}
        />
      )}
    </Page>
  );
};
