import type { SignedInBrowserView } from '@latchkey/contract';
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call, type Page } from '../../../app/api.ts';
import { useTexts } from '../../../app/language.tsx';
import { Problem } from '../../../components/problem.tsx';
import { State } from '../../../components/state.tsx';
import { Time } from '../../../components/time.tsx';
import { useNotify } from '../../../components/use-notify.ts';
import classes from './section.module.css';
import { Section } from './section.tsx';
import { texts } from './texts.ts';

/** The browsers that are signed in as oneself: this one is marked, every other one can be signed out. */
export const OwnBrowsers = () => {
  const t = useTexts(texts);
  const notify = useNotify();
  const queryClient = useQueryClient();
  const { data, error } = useQuery({
    queryKey: ['own-browsers'],
    queryFn: ({ signal }) => call<Page<SignedInBrowserView>>('GET', '/console/sessions', { signal }),
  });
  const end = useMutation({
    mutationFn: (id: string | undefined) => call('DELETE', `/console/sessions${id === undefined ? '' : `/${id}`}`),
    onSuccess: (_, id) => notify(id === undefined ? t.endedOthers : t.ended),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['own-browsers'] }),
  });
  const browsers = data?.items ?? [];
  return (
    <Section
      title={t.browsers}
      text={t.browsersText}
      actions={
        browsers.length > 1 && (
          <Button variant="default" size="compact-md" onClick={() => end.mutate(undefined)}>
            {t.endOthers}
          </Button>
        )
      }
    >
      <Problem error={error ?? end.error} />
      {browsers.length > 0 && (
        <table className={classes.table} aria-label={t.browsers}>
          <thead>
            <tr>
              <th scope="col">{t.address}</th>
              <th scope="col" data-hide-below="sm">
                {t.since}
              </th>
              <th scope="col">{t.lastSeen}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {browsers.map(({ id, current, remoteAddress, createdAt, lastSeenAt }) => {
              const address = remoteAddress || t.unknown;
              return (
                <tr key={id}>
                  <td>{address}</td>
                  <td data-hide-below="sm">
                    <Time at={createdAt} />
                  </td>
                  <td>
                    <Time at={lastSeenAt} />
                  </td>
                  <td>
                    {current ? (
                      <State tone="good">{t.thisBrowser}</State>
                    ) : (
                      <Button
                        variant="subtle"
                        color="red"
                        size="compact-sm"
                        aria-label={t.endFrom(address)}
                        onClick={() => end.mutate(id)}
                      >
                        {t.end}
                      </Button>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Section>
  );
};
