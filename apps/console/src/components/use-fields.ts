import { type ChangeEvent, useState } from 'react';

/** Values of a form of texts that all have to be given, and what each input takes: `<TextInput {...field('name')} />`. */
export const useFields = <Values extends Readonly<Record<string, string>>>(empty: Values) => {
  const [values, setValues] = useState(empty);
  const field = (name: keyof Values) => ({
    value: values[name],
    required: true,
    onChange: (event: ChangeEvent<HTMLInputElement>) => {
      const { value } = event.currentTarget;
      setValues((old) => ({ ...old, [name]: value }));
    },
  });
  return { values, field };
};
