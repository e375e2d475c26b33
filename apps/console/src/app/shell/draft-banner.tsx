import type { SettingsDiffView } from '@latchkey/contract';
import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useRouterState } from '@tanstack/react-router';
import { call } from '../api.ts';
import { useTexts } from '../language.tsx';
import { useMay } from '../session.ts';
import classes from './draft-banner.module.css';
import { texts } from './texts.ts';

/** "Saved, not active yet": on every page of the organization, for as long as the draft differs from what is live. */
export const DraftBanner = ({ organization }: { readonly organization: string }) => {
  const t = useTexts(texts);
  const may = useMay('settings');
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const { data } = useQuery({
    queryKey: ['settings', organization, 'diff'],
    queryFn: ({ signal }) => call<SettingsDiffView>('GET', `/organizations/${organization}/settings/diff`, { signal }),
    enabled: may !== 'none',
  });
  const changes = `/o/${organization}/changes`;
  const count = data?.changes.length ?? 0;
  if (count === 0) return null;
  const reviewing = path === changes;
  return (
    <section className={classes.banner} aria-live="polite" aria-label={t.notActive}>
      <IconAlertTriangle size={18} />
      <p>
        <strong>{t.notActive}</strong> {t.notActiveText(count)}
      </p>
      {!reviewing && (
        <Button size="compact-md" color="dark.9" renderRoot={(props) => <Link to={changes} {...props} />}>
          {t.review}
        </Button>
      )}
    </section>
  );
};
