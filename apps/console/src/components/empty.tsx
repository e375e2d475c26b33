import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './empty.module.css';

/** Where nothing is yet: what this is for, and what to press. */
export const Empty = ({
  icon,
  title,
  children,
  action,
}: {
  readonly icon?: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) => (
  <div className={classes.empty}>
    {icon !== undefined && <div className={classes.icon}>{icon}</div>}
    <Title order={2} className={classes.title}>
      {title}
    </Title>
    {children !== undefined && (
      <Text c="dimmed" maw="32rem" className={classes.text}>
        {children}
      </Text>
    )}
    {action}
  </div>
);
