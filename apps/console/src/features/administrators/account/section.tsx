import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Panel } from '../../../components/panel.tsx';
import classes from './section.module.css';

/** A part of the account: what it is, how it stands, what can be done. */
export const Section = ({
  title,
  text,
  actions,
  children,
}: {
  readonly title: string;
  readonly text: string;
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
}) => (
  <Panel title={title} actions={actions}>
    <Stack gap="sm" className={classes.body}>
      <Text c="dimmed" size="sm">
        {text}
      </Text>
      {children}
    </Stack>
  </Panel>
);
