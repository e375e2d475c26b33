import type { DomainView } from '@latchkey/contract';
import { Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { domainsKey } from '../../components/domains.ts';
import { FormActions } from '../../components/form-actions.tsx';
import { Problem } from '../../components/problem.tsx';
import { texts as shared } from '../../components/texts.ts';
import { texts } from './texts.ts';

/** Claims a domain for one's organization; an operator grants it. */
export const AddDomain = ({
  organization,
  how,
  onAdded,
  onClose,
}: {
  readonly organization: string;
  readonly how: 'claim' | 'grant';
  readonly onAdded: (domain: DomainView) => void;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts).domains;
  const c = useTexts(shared);
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const path = `/organizations/${organization}/domains`;
  const add = useMutation({
    mutationFn: () =>
      how === 'grant'
        ? call<DomainView>('POST', path, { body: { name: name.trim() } })
        : call<DomainView>('PUT', `${path}/${encodeURIComponent(name.trim())}`),
    onSuccess: async (domain) => {
      await queryClient.invalidateQueries({ queryKey: domainsKey(organization) });
      onAdded(domain);
    },
  });
  return (
    <Modal opened onClose={onClose} title={t[how]} centered closeButtonProps={{ 'aria-label': c.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <Stack>
          <TextInput
            label={t.domain}
            placeholder="acme.com"
            required
            maxLength={253}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Problem error={add.error} />
          <FormActions submit={t[how]} busy={add.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
};
