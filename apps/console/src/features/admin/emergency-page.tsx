import type { AuditEventView } from '@latchkey/contract';
import { Stack, Text, Title } from '@mantine/core';
import { useMemo } from 'react';
import { useTexts } from '../../app/language.tsx';
import { useMay } from '../../app/session.ts';
import { useOrganization } from '../../app/use-open.ts';
import { Copyable } from '../../components/copy.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { Time } from '../../components/time.tsx';
import { usePages } from '../../components/use-pages.ts';
import classes from './admin.module.css';
import { texts } from './texts.ts';

const detailOf = ({ details }: AuditEventView, name: string): string => {
  const value = details[name];
  return typeof value === 'string' ? value : '';
};

/** Every time an operator has read an organization's data: of this organization, or of all for operators. */
const Events = ({ organization }: { readonly organization: string | undefined }) => {
  const t = useTexts(texts);
  const path = organization === undefined ? '/audit' : `/organizations/${organization}/audit`;
  const pages = usePages<AuditEventView>(['audit', organization ?? 'operator', 'break-glass'], path, {
    action: 'organization.break_glass',
  });
  const columns = useMemo(
    (): readonly Column<AuditEventView>[] => [
      { id: 'at', header: t.columns.at, cell: ({ at }) => <Time at={at} absolute /> },
      { id: 'why', header: t.columns.why, cell: (event) => detailOf(event, 'reason') },
      { id: 'who', header: t.columns.who, hideBelow: 'md', cell: ({ actor }) => <code>{actor}</code> },
      ...(organization === undefined
        ? [
            {
              id: 'organization',
              header: t.columns.organization,
              hideBelow: 'md',
              cell: ({ subject }: AuditEventView) => <code>{subject.replace('organization:', '')}</code>,
            } as const,
          ]
        : []),
      {
        id: 'what',
        header: t.columns.what,
        hideBelow: 'lg',
        cell: (event) => <code>{detailOf(event, 'path').replace(/^\/api\/v1\/organizations\/[^/]+/, '…')}</code>,
      },
    ],
    [t, organization],
  );
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {t.events}
      </Title>
      <DataTable
        label={t.events}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        nameOf={({ at }) => at}
        empty={<Empty title={t.eventsNone}>{t.eventsNoneText}</Empty>}
      />
    </Stack>
  );
};

/** How an operator looks at data in an emergency, what is done when nobody can sign in, and who has done it. */
export const EmergencyPage = () => {
  const t = useTexts(texts);
  const organization = useOrganization();
  const mayAudit = useMay('audit');
  return (
    <Page
      title={t.emergency}
      description={organization === undefined ? t.operatorText : t.organizationText}
      guide="administrators#in-an-emergency"
    >
      <Stack gap="lg">
        {organization === undefined && (
          <>
            <Panel title={t.glassTitle}>
              <Stack gap="xs" className={classes.body}>
                <Text>{t.glassText}</Text>
                <Text fw={550}>{t.byCommand}</Text>
                <Copyable value={'npx latchkey --org org_… --break-glass "Ticket 4711: nobody can sign in" device list'} />
                <Text fw={550}>{t.byApi}</Text>
                <Copyable value="Latchkey-Break-Glass: Ticket 4711: nobody can sign in" />
              </Stack>
            </Panel>
            <Panel title={t.lockedOut}>
              <Stack gap="xs" className={classes.body}>
                <Text>{t.lockedOutText}</Text>
                <Copyable value="npm start -- --reset-admin" />
              </Stack>
            </Panel>
            <Panel title={t.lostFactor}>
              <Text className={classes.body}>{t.lostFactorText}</Text>
            </Panel>
          </>
        )}
        {mayAudit === 'none' ? <Text c="dimmed">{t.mayNot}</Text> : <Events organization={organization} />}
      </Stack>
    </Page>
  );
};
