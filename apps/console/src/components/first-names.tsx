import { List } from '@mantine/core';

/** How many are named before the rest is counted. */
const NAMED = 5;

/** Who or what will be hit, where that are several: the first by name. */
export const FirstNames = <Item extends { readonly id: string }>({
  items,
  nameOf,
}: {
  readonly items: readonly Item[];
  readonly nameOf: (item: Item) => string;
}) =>
  items.length > 1 && (
    <List size="sm">
      {items.slice(0, NAMED).map((item) => (
        <List.Item key={item.id}>{nameOf(item)}</List.Item>
      ))}
      {items.length > NAMED && <List.Item>+ {items.length - NAMED}</List.Item>}
    </List>
  );
