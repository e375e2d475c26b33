import type { SettingsDocumentView, SettingsDraftView, SettingsProblemView } from '@latchkey/contract';
import {
  Alert,
  Button,
  Checkbox,
  Modal,
  MultiSelect,
  Radio,
  SegmentedControl,
  Stack,
  Switch,
  Text,
  TextInput,
} from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../app/language.tsx';
import { domainsQuery, isProved } from '../../components/domains.ts';
import { FormActions } from '../../components/form-actions.tsx';
import { Problem } from '../../components/problem.tsx';
import { texts as shared } from '../../components/texts.ts';
import { newErrors, withIdentityProvider } from './document.ts';
import { type IdentityProviderView, useSaveDraft, validateDocument } from './draft.ts';
import { texts } from './texts.ts';

/** Seed 000, prerequisites: what has to give way before devices may vouch for users, as one click each. */
const Prerequisite = ({
  document,
  onChange,
}: {
  readonly document: SettingsDocumentView;
  readonly onChange: (document: SettingsDocumentView) => void;
}) => {
  const t = useTexts(texts);
  const others = document.identityProviders.filter((each) => each.kind === 'saml' && each.autoProvisioning);
  const names = others.map(({ name }) => name).join(', ');
  return (
    <Stack gap="xs" align="flex-start">
      <Text size="sm">{t.form.prerequisite(names)}</Text>
      <Button
        size="compact-md"
        variant="default"
        onClick={() =>
          onChange({
            ...document,
            identityProviders: document.identityProviders.map((each) =>
              others.includes(each) ? { ...each, autoProvisioning: false } : each,
            ),
          })
        }
      >
        {t.form.turnOff(names)}
      </Button>
      <Button
        size="compact-md"
        variant="default"
        onClick={() =>
          onChange({ ...document, authenticationProfile: { ...document.authenticationProfile, userRepositoryType: 'hosted' } })
        }
      >
        {t.form.makeHosted}
      </Button>
    </Stack>
  );
};

/** Adds or changes an identity provider. Nothing is saved that could not be activated: what stands in the way is said here. */
export const IdentityProviderForm = ({
  organization,
  draft,
  idp,
  isNew,
  title,
  onClose,
}: {
  readonly organization: string;
  readonly draft: SettingsDraftView;
  readonly idp: IdentityProviderView;
  readonly isNew: boolean;
  readonly title: string;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts);
  const c = useTexts(shared);
  const domains = useQuery(domainsQuery(organization));
  const save = useSaveDraft(organization, draft);
  const [value, setValue] = useState(idp);
  const [chosen, setChosen] = useState<readonly string[]>(idp.domains === 'any' ? [] : idp.domains);
  const [isDefault, setDefault] = useState(draft.document.defaultIdp === idp.id);
  const [rest, setRest] = useState(draft.document);
  const [errors, setErrors] = useState<readonly SettingsProblemView[]>([]);
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<Omit<IdentityProviderView, 'kind'>>) => {
    setErrors([]);
    // Whatever changes, it stays of its kind.
    setValue((old) => ({ ...old, ...part }) as IdentityProviderView);
  };
  const proved = (domains.data ?? []).filter(isProved).map(({ name }) => name);
  const selectable = [...new Set([...proved, ...chosen])].sort();

  const submit = async (document: SettingsDocumentView) => {
    const next = withIdentityProvider(document, value.domains === 'any' ? value : { ...value, domains: [...chosen] }, isDefault);
    setBusy(true);
    setFailure(undefined);
    try {
      const { problems } = await validateDocument(organization, next);
      const found = newErrors(draft.problems, problems);
      setErrors(found);
      if (found.length > 0) return;
      await save.mutateAsync(next);
      onClose();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  const prerequisite = errors.some(({ code }) => code === 'auto_provisioning_elsewhere');
  const others = errors.filter(({ code }) => code !== 'auto_provisioning_elsewhere');
  return (
    <Modal opened onClose={onClose} title={title} size="lg" centered closeButtonProps={{ 'aria-label': c.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit(rest);
        }}
      >
        <Stack gap="lg">
          {value.kind === 'saml' && (
            <>
              <TextInput
                label={t.form.name}
                required
                maxLength={127}
                data-autofocus
                value={value.name}
                onChange={(event) => change({ name: event.currentTarget.value })}
              />
              <TextInput
                label={t.form.id}
                description={t.form.idHint}
                required
                readOnly={!isNew}
                maxLength={63}
                value={value.id}
                onChange={(event) => change({ id: event.currentTarget.value })}
              />
              <TextInput
                label={t.form.signInUrl}
                type="url"
                required
                placeholder="https://"
                value={value.signInUrl}
                onChange={(event) => {
                  const signInUrl = event.currentTarget.value;
                  setErrors([]);
                  setValue({ ...value, signInUrl });
                }}
              />
            </>
          )}
          <Radio.Group
            label={t.form.domains}
            value={value.domains === 'any' ? 'any' : 'chosen'}
            onChange={(which) => change({ domains: which === 'any' ? 'any' : [...chosen] })}
          >
            <Stack gap="xs" mt={6}>
              <Radio value="any" label={t.form.any} description={t.form.anyHint} />
              <Radio value="chosen" label={t.form.chosen} description={t.form.chosenHint} />
            </Stack>
          </Radio.Group>
          {value.domains !== 'any' &&
            (selectable.length === 0 ? (
              <Text c="dimmed">{t.form.noDomains}</Text>
            ) : (
              <Checkbox.Group
                label={t.form.choose}
                value={[...chosen]}
                onChange={(names) => {
                  setErrors([]);
                  setChosen(names);
                }}
              >
                {selectable.length <= 12 ? (
                  <Stack gap={6} mt={6}>
                    {selectable.map((name) => (
                      <Checkbox key={name} value={name} label={name} />
                    ))}
                  </Stack>
                ) : (
                  <MultiSelect
                    aria-label={t.form.choose}
                    data={selectable}
                    value={[...chosen]}
                    onChange={setChosen}
                    searchable
                    clearable
                  />
                )}
              </Checkbox.Group>
            ))}
          <div>
            <Text size="sm" fw={500} mb={4} id="idp-status">
              {t.form.status}
            </Text>
            <SegmentedControl
              aria-labelledby="idp-status"
              value={value.status}
              // Its values are the two below.
              onChange={(status) => change({ status: status as IdentityProviderView['status'] })}
              data={[
                { value: 'enabled', label: t.form.enable },
                { value: 'disabled', label: t.form.disable },
              ]}
            />
          </div>
          <Switch
            label={t.form.provisioning}
            description={t.form.provisioningHint}
            checked={value.autoProvisioning}
            onChange={(event) => change({ autoProvisioning: event.currentTarget.checked })}
          />
          <Switch
            label={t.form.makeDefault}
            description={t.form.defaultHint}
            checked={isDefault}
            onChange={(event) => {
              setErrors([]);
              setDefault(event.currentTarget.checked);
            }}
          />
          {errors.length > 0 && (
            <Alert role="alert" color="red" variant="light" title={t.form.problems}>
              <Stack gap="sm">
                {prerequisite && (
                  <Prerequisite
                    document={withIdentityProvider(rest, value, isDefault)}
                    onChange={(document) => {
                      setRest(document);
                      void submit(document);
                    }}
                  />
                )}
                {others.map(({ path, message }) => (
                  <Text key={path + message} size="sm">
                    {message}
                  </Text>
                ))}
              </Stack>
            </Alert>
          )}
          <Problem error={failure} />
          <FormActions submit={t.save} busy={busy} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
};
