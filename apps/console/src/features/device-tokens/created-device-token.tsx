import type { CreatedDeviceTokenView } from '@latchkey/contract';
import { NativeSelect, Stack, Tabs, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../app/language.tsx';
import { Copyable } from '../../components/copy.tsx';
import { domainsQuery, isProved } from '../../components/domains.ts';
import { Facts } from '../../components/facts.tsx';
import { Secret } from '../../components/secret.tsx';
import { SideDrawer } from '../../components/side-drawer.tsx';
import { deploymentLines } from './deployment.ts';
import { texts } from './texts.ts';

const forms = ['command', 'policy', 'environment'] as const;

/** A token that was just made, with what an MDM hands to devices. */
export const CreatedDeviceToken = ({
  organization,
  created,
  onClose,
}: {
  readonly organization: string;
  readonly created: CreatedDeviceTokenView;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts);
  const { data: all } = useQuery(domainsQuery(organization));
  const domains = created.domains.length > 0 ? created.domains : (all ?? []).filter(isProved).map(({ name }) => name);
  const [chosen, setChosen] = useState<string>();
  const userDomain = chosen ?? domains[0];
  const cloudName = location.host;
  const words = { deviceToken: created.token, userDomain: userDomain ?? '', cloudName };
  const lines = deploymentLines(words);
  return (
    <SideDrawer title={t.createdTitle(created.description)} onClose={onClose}>
      <Secret value={created.token} name={`${created.id}.txt`} onStored={onClose}>
        <div>
          <Title order={3} size="h5">
            {t.hand}
          </Title>
          <Text c="dimmed" size="sm">
            {userDomain === undefined ? t.noDomain : t.handText}
          </Text>
        </div>
        {userDomain !== undefined && (
          <>
            {domains.length > 1 && (
              <NativeSelect
                label={t.userDomain}
                data={[...domains]}
                value={userDomain}
                onChange={(event) => setChosen(event.currentTarget.value)}
              />
            )}
            <Facts
              facts={[
                [t.deviceToken, <Copyable key="token" value={words.deviceToken} />],
                [t.userDomain, <Copyable key="domain" value={words.userDomain} />],
                [t.cloudName, <Copyable key="cloud" value={words.cloudName} />],
              ]}
            />
            <Tabs defaultValue="command" keepMounted={false}>
              <Tabs.List>
                {forms.map((form) => (
                  <Tabs.Tab key={form} value={form}>
                    {t.forms[form]}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
              {forms.map((form) => (
                <Tabs.Panel key={form} value={form} pt="sm">
                  <Stack gap={4}>
                    {form === 'policy' && (
                      <Text size="sm" c="dimmed">
                        {t.policyWhere}
                      </Text>
                    )}
                    <Copyable value={lines[form]} lines />
                  </Stack>
                </Tabs.Panel>
              ))}
            </Tabs>
          </>
        )}
      </Secret>
    </SideDrawer>
  );
};
