import { Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTexts } from '../app/language.tsx';
import { Confirm } from './confirm.tsx';
import { FirstNames } from './first-names.tsx';
import { texts } from './texts.ts';

/** Asks, with a reason for the audit, then does one thing to one or many, one after the other; after a refusal it goes on with those that are left. */
export const ConfirmEach = <Item extends { readonly id: string }>({
  title,
  action,
  typed,
  calm = false,
  items,
  nameOf,
  children,
  onEach,
  onEnded,
  onClose,
}: {
  readonly title: string;
  readonly action: string;
  readonly typed?: string | undefined;
  readonly calm?: boolean;
  readonly items: readonly Item[];
  readonly nameOf: (item: Item) => string;
  /** What will happen. */
  readonly children: ReactNode;
  /** `reason` may be empty. */
  readonly onEach: (item: Item, reason: string) => Promise<unknown>;
  /** After the last one, or a refusal. */
  readonly onEnded: (all: boolean) => Promise<unknown>;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts);
  const [reason, setReason] = useState('');
  const [left, setLeft] = useState(items);
  const run = async () => {
    const waiting = [...left];
    try {
      for (const item of left) {
        await onEach(item, reason.trim());
        waiting.shift();
      }
    } finally {
      setLeft(waiting);
      await onEnded(waiting.length === 0);
    }
  };
  return (
    <Confirm
      title={title}
      action={action}
      calm={calm}
      {...(typed === undefined ? {} : { typed })}
      onClose={onClose}
      onConfirm={run}
    >
      <Stack gap="sm">
        {children}
        <FirstNames items={items} nameOf={nameOf} />
        {left.length < items.length && <Text role="status">{t.partly(items.length - left.length, items.length)}</Text>}
        <TextInput
          label={t.reason}
          description={t.reasonHint}
          maxLength={255}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </Stack>
    </Confirm>
  );
};
