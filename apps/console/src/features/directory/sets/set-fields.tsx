import { Stack, Textarea, TextInput } from '@mantine/core';
import { useTexts } from '../../../app/language.tsx';
import { texts as shared } from '../texts.ts';

export interface SetValues {
  readonly name: string;
  readonly comments: string;
}

/** Name and comments of a group or department. */
export const SetFields = ({
  values,
  errors,
  lockedName,
  onChange,
}: {
  readonly values: SetValues;
  readonly errors: Readonly<Record<string, string>>;
  /** Why the name cannot be changed, if so. */
  readonly lockedName?: string | undefined;
  readonly onChange: (change: Partial<SetValues>) => void;
}) => {
  const s = useTexts(shared);
  return (
    <Stack>
      <TextInput
        label={s.name}
        required
        maxLength={128}
        autoComplete="off"
        data-autofocus
        disabled={lockedName !== undefined}
        description={lockedName}
        error={errors.name}
        value={values.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <Textarea
        label={s.comments}
        maxLength={10_240}
        autosize
        minRows={2}
        maxRows={8}
        error={errors.comments}
        value={values.comments}
        onChange={(event) => onChange({ comments: event.currentTarget.value })}
      />
    </Stack>
  );
};
