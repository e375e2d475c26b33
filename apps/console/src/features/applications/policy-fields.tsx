import { NativeSelect, Switch } from '@mantine/core';
import { useTexts } from '../../app/language.tsx';
import { evidenceLevels, type Kind } from './kinds.ts';
import { texts } from './texts.ts';

interface Policy {
  readonly minEvidence: string;
  readonly allowBearer: boolean;
}

/** What an application asks of who comes in. */
export const PolicyFields = ({
  kind,
  values,
  onChange,
}: {
  readonly kind: Kind;
  readonly values: Policy;
  readonly onChange: (change: Partial<Policy>) => void;
}) => {
  const t = useTexts(texts);
  return (
    <>
      <NativeSelect
        label={t.fields.evidence}
        description={t.fields.evidenceHint}
        data={evidenceLevels.map((value) => ({ value, label: t.evidence[value] }))}
        value={values.minEvidence}
        onChange={(event) => onChange({ minEvidence: event.currentTarget.value })}
      />
      {kind === 'gateway' && (
        <Switch
          label={t.fields.bearer}
          description={t.fields.bearerHint}
          checked={values.allowBearer}
          onChange={(event) => onChange({ allowBearer: event.currentTarget.checked })}
        />
      )}
    </>
  );
};
