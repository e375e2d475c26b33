import type { ApplicationView } from '@latchkey/contract';
import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { useTexts } from '../../app/language.tsx';
import { Copyable, DownloadButton } from '../../components/copy.tsx';
import { Facts } from '../../components/facts.tsx';
import { nginxFiles, nginxLines } from './gateway-lines.ts';
import type { Kind } from './kinds.ts';
import { texts } from './texts.ts';

interface Props {
  readonly organization: string;
  readonly application: ApplicationView;
}

const Gateway = ({ application }: Props) => {
  const t = useTexts(texts);
  return (
    <>
      <Text size="sm">{t.gatewayText}</Text>
      <Copyable value={nginxLines(application)} lines />
      <Group gap="xs">
        {Object.entries(nginxFiles).map(([name, text]) => (
          <DownloadButton key={name} name={name} text={text} word={name} />
        ))}
      </Group>
      <Anchor size="sm" href="/docs/guides/gateway" target="_blank" rel="noopener">
        {t.gatewayOthers}
      </Anchor>
    </>
  );
};

const Saml = ({ organization }: Props) => {
  const t = useTexts(texts);
  const idp = `${location.origin}/saml/${organization}/idp`;
  return (
    <>
      <Text size="sm">{t.samlText}</Text>
      <Facts
        facts={[
          [t.idpMetadata, <Copyable key="metadata" value={`${idp}/metadata`} />],
          [t.ssoUrl, <Copyable key="sso" value={`${idp}/sso`} />],
        ]}
      />
    </>
  );
};

const Api = ({ organization, application }: Props) => {
  const t = useTexts(texts);
  return (
    <>
      <Text size="sm">{t.apiText}</Text>
      <Facts
        facts={[
          [t.issuer, <Copyable key="audience" value={application.identifier} />],
          [t.jwks, <Copyable key="jwks" value={`${location.origin}/oidc/${organization}/jwks`} />],
          [t.command, <Copyable key="command" value={`latchkey-agent token ${application.identifier}`} />],
        ]}
      />
    </>
  );
};

const parts = { gateway: Gateway, saml: Saml, api: Api } as const satisfies Readonly<Record<Kind, unknown>>;

/** What the other side is told, by the kind of the application. */
export const ConnectApplication = (props: Props) => {
  const t = useTexts(texts);
  const Part = parts[props.application.kind];
  return (
    <Stack gap="sm">
      <Title order={3} size="h5">
        {t.connect}
      </Title>
      <Part {...props} />
    </Stack>
  );
};
