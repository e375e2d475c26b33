import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useTexts } from '../../app/language.tsx';
import { useMay } from '../../app/session.ts';
import { Page } from '../../components/page.tsx';
import { AddDomain } from './add-domain.tsx';
import { DomainList } from './domain-list.tsx';
import { texts } from './texts.ts';

const route = getRouteApi('/signed-in/o/$organization/sign-in/domains');

/** The domains of one's own organization: claim, prove, look up. */
export const DomainsPage = () => {
  const t = useTexts(texts).domains;
  const { organization } = route.useParams();
  const { open } = route.useSearch();
  const navigate = route.useNavigate();
  const mayChange = useMay('organization') === 'full';
  const show = (name: string | undefined) => void navigate({ search: name === undefined ? {} : { open: name } });
  const add = mayChange && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => show('new')}>
      {t.claim}
    </Button>
  );
  return (
    <Page title={t.title} description={t.description} actions={add}>
      <DomainList organization={organization} open={open} onShow={show} mayChange={mayChange} emptyText={t.emptyText} add={add} />
      {open === 'new' && (
        <AddDomain organization={organization} how="claim" onAdded={({ name }) => show(name)} onClose={() => show(undefined)} />
      )}
    </Page>
  );
};
