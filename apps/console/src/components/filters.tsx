import { Group } from '@mantine/core';
import type { ReactNode } from 'react';

/** What narrows a list, above it. */
export const Filters = ({ children }: { readonly children: ReactNode }) => (
  <Group role="search" gap="xs" mb="sm">
    {children}
  </Group>
);
