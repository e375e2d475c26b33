import { useDebouncedCallback } from '@mantine/hooks';
import { type ChangeEvent, useEffect, useRef, useState } from 'react';

/** Milliseconds of rest after which what was typed is looked for. */
const REST = 250;

/** A search field whose text stands in the URL: it follows what is typed, and what the URL becomes by a link. */
export const useTyped = (q = '', search: (q: string) => void) => {
  const [value, setValue] = useState(q);
  const sent = useRef(q);
  const send = useDebouncedCallback((text: string) => {
    sent.current = text;
    search(text);
  }, REST);
  useEffect(() => {
    // What comes back of one's own typing may be older than what is in the field by now.
    if (q === sent.current) return;
    sent.current = q;
    setValue(q);
  }, [q]);
  return {
    value,
    onChange: (event: ChangeEvent<HTMLInputElement>) => {
      setValue(event.currentTarget.value);
      send(event.currentTarget.value);
    },
  };
};
