import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './panel.module.css';

/** A part of a page with a border of its own. */
export const Panel = ({
  title,
  actions,
  children,
}: {
  readonly title?: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) => (
  <section className={classes.panel} aria-label={title}>
    {title !== undefined && (
      <header>
        <Title order={2}>{title}</Title>
        {actions}
      </header>
    )}
    {children}
  </section>
);
