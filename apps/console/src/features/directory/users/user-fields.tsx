import type { UserView } from '@latchkey/contract';
import { Stack, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTexts } from '../../../app/language.tsx';
import { useMay } from '../../../app/session.ts';
import { domainsQuery, isProved } from '../../../components/domains.ts';
import { SetSelect } from '../pickers.tsx';
import { useSources } from '../source.ts';
import { texts as shared } from '../texts.ts';
import { mayAdopt } from './acts.ts';
import { texts } from './texts.ts';

/** What of a user an administrator writes. */
export interface UserValues {
  readonly userName: string;
  readonly displayName: string;
  readonly email: string;
  /** Its id. */
  readonly department: string | null;
  readonly comments: string;
}

export const noValues: UserValues = { userName: '', displayName: '', email: '', department: null, comments: '' };

/** The fields of a user that is made or edited; what somebody else owns cannot be written, and says why. */
export const UserFields = ({
  organization,
  user,
  values,
  errors,
  onChange,
}: {
  readonly organization: string;
  /** Undefined: a new one. */
  readonly user?: UserView;
  readonly values: UserValues;
  readonly errors: Readonly<Record<string, string>>;
  readonly onChange: (change: Partial<UserValues>) => void;
}) => {
  const { fields: t, adoptField } = useTexts(texts);
  const s = useTexts(shared);
  const sources = useSources(organization);
  const mayDomains = useMay('organization');
  const { data: domains = [] } = useQuery({ ...domainsQuery(organization), enabled: mayDomains !== 'none' });
  const proved = domains.filter(isProved).map(({ name }) => name);
  const field = (name: keyof UserValues, hint?: string) => {
    const owned = user?.readOnly.includes(name) === true;
    return {
      label: t[name],
      description: owned ? (mayAdopt(user) ? adoptField : s.ownedField)(sources.ownerOf(user.source)) : hint,
      disabled: owned,
      error: errors[name],
    };
  };
  const text = (name: Exclude<keyof UserValues, 'department'>, hint?: string) => ({
    ...field(name, hint),
    value: values[name],
    onChange: (event: { readonly currentTarget: { readonly value: string } }) => onChange({ [name]: event.currentTarget.value }),
  });
  return (
    <Stack>
      <TextInput
        {...text('userName', proved.length === 0 ? t.userNameHintNone : t.userNameHint(proved.join(t.or)))}
        required
        maxLength={127}
        autoComplete="off"
        data-autofocus
      />
      <TextInput {...text('displayName')} maxLength={127} autoComplete="off" />
      <TextInput {...text('email', t.emailHint)} maxLength={254} type="email" autoComplete="off" />
      <SetSelect
        {...field('department', t.departmentHint)}
        organization={organization}
        sets="departments"
        value={values.department}
        onChange={(department) => onChange({ department })}
      />
      <Textarea {...text('comments')} maxLength={10_240} autosize minRows={2} maxRows={8} />
    </Stack>
  );
};
