import { Badge, Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconPlus, IconShieldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTexts } from '../../app/language.tsx';
import { useMay } from '../../app/session.ts';
import { Confirm } from '../../components/confirm.tsx';
import { Empty } from '../../components/empty.tsx';
import { Page } from '../../components/page.tsx';
import { Problem } from '../../components/problem.tsx';
import { State } from '../../components/state.tsx';
import { withoutIdentityProvider } from './document.ts';
import { activeQuery, draftQuery, type IdentityProviderView, useSaveDraft } from './draft.ts';
import { IdentityProviderForm } from './identity-provider-form.tsx';
import classes from './identity-providers-page.module.css';
import { texts } from './texts.ts';

const route = getRouteApi('/signed-in/o/$organization/sign-in/identity-providers');

const newDevice: IdentityProviderView = {
  kind: 'device',
  id: 'device',
  name: 'Latchkey',
  status: 'enabled',
  domains: 'any',
  autoProvisioning: true,
};
const newSaml: IdentityProviderView = {
  kind: 'saml',
  id: '',
  name: '',
  status: 'enabled',
  domains: [],
  autoProvisioning: false,
  signInUrl: '',
};

const IdentityProviderCard = ({
  idp,
  isDefault,
  waits,
  actions,
}: {
  readonly idp: IdentityProviderView;
  readonly isDefault: boolean;
  /** Whether it stands in the draft only, or differently. */
  readonly waits: boolean;
  readonly actions: React.ReactNode;
}) => {
  const t = useTexts(texts).idps;
  const facts: readonly (readonly [string, React.ReactNode])[] = [
    [t.domains, idp.domains === 'any' ? t.any : idp.domains.join(', ') || t.none],
    [t.provisioning, idp.autoProvisioning ? t.on : t.off],
  ];
  return (
    <article className={classes.card} aria-label={idp.name}>
      <header>
        <div>
          <h2>{idp.name}</h2>
          <p>{t.kinds[idp.kind]}</p>
        </div>
        <Group gap="xs">
          {isDefault && (
            <Badge variant="default" radius="sm">
              {t.isDefault}
            </Badge>
          )}
          {waits && (
            <Badge color="brass" variant="light" radius="sm">
              {t.notActive}
            </Badge>
          )}
        </Group>
      </header>
      <dl>
        <div>
          <dt>{t.status}</dt>
          <dd>
            <State tone={idp.status === 'enabled' ? 'good' : 'calm'}>{idp.status === 'enabled' ? t.enabled : t.disabled}</State>
          </dd>
        </div>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <footer>{actions}</footer>
    </article>
  );
};

/** The identity providers of the draft, beside what of them is live. */
export const IdentityProvidersPage = () => {
  const all = useTexts(texts);
  const t = all.idps;
  const { organization } = route.useParams();
  const { open } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay('settings');
  const draft = useQuery(draftQuery(organization));
  const active = useQuery(activeQuery(organization));
  const save = useSaveDraft(organization, draft.data);
  const [removing, setRemoving] = useState<IdentityProviderView>();
  const show = (id: string | undefined) => void navigate({ search: id === undefined ? {} : { open: id } });

  const document = draft.data?.document;
  const idps = document?.identityProviders ?? [];
  const live = active.data?.document.identityProviders ?? [];
  const waits = (idp: IdentityProviderView): boolean =>
    JSON.stringify(live.find(({ id }) => id === idp.id)) !== JSON.stringify(idp);
  const hasDevice = idps.some(({ kind }) => kind === 'device');
  const removedWaiting = live.filter(({ id }) => !idps.some((idp) => idp.id === id));
  const opened = open === 'add-device' ? newDevice : open === 'add-saml' ? newSaml : idps.find(({ id }) => id === open);
  const addDevice = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => show('add-device')}>
      {t.addDevice}
    </Button>
  );
  return (
    <Page
      title={t.title}
      description={t.description}
      actions={
        may === 'full' && (
          <>
            <Button variant="default" onClick={() => show('add-saml')}>
              {t.addSaml}
            </Button>
            {!hasDevice && addDevice}
          </>
        )
      }
    >
      <Problem error={draft.error ?? active.error} onRetry={() => void draft.refetch()} />
      {draft.isPending && <Skeleton height={160} />}
      {document !== undefined && idps.length === 0 && (
        <div className={classes.card}>
          <Empty icon={<IconShieldCheck />} title={t.emptyTitle} action={may === 'full' && addDevice}>
            {t.emptyText}
          </Empty>
        </div>
      )}
      <div className={classes.cards}>
        {idps.map((idp) => (
          <IdentityProviderCard
            key={idp.id}
            idp={idp}
            isDefault={document?.defaultIdp === idp.id}
            waits={waits(idp)}
            actions={
              may === 'full' && (
                <>
                  <Button variant="default" size="compact-md" onClick={() => show(idp.id)}>
                    {all.edit}
                  </Button>
                  <Button variant="subtle" color="red" size="compact-md" onClick={() => setRemoving(idp)}>
                    {all.remove}
                  </Button>
                </>
              )
            }
          />
        ))}
      </div>
      {removedWaiting.length > 0 && (
        <Stack mt="md">
          {removedWaiting.map(({ id, name }) => (
            <Text key={id} c="dimmed">
              {t.removedWaiting(name)}
            </Text>
          ))}
        </Stack>
      )}
      {opened !== undefined && draft.data !== undefined && (
        <IdentityProviderForm
          key={open}
          organization={organization}
          draft={draft.data}
          idp={opened}
          isNew={opened === newDevice || opened === newSaml}
          title={opened === newDevice ? t.addDevice : opened === newSaml ? t.addSaml : opened.name}
          onClose={() => show(undefined)}
        />
      )}
      {removing !== undefined && document !== undefined && (
        <Confirm
          title={all.removeTitle(removing.name)}
          action={all.remove}
          onClose={() => setRemoving(undefined)}
          onConfirm={() => save.mutateAsync(withoutIdentityProvider(document, removing.id))}
        >
          {all.removeText(removing.name)}
        </Confirm>
      )}
    </Page>
  );
};
