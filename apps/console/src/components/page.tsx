import { Button, Group, Title, VisuallyHidden } from '@mantine/core';
import { IconBook2 } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTexts } from '../app/language.tsx';
import classes from './page.module.css';
import { texts } from './texts.ts';

// The first page of a visit leaves the focus where the browser has put it.
let visited = false;

const GuideLink = ({ guide }: { readonly guide: string }) => {
  const t = useTexts(texts);
  return (
    <Button
      component="a"
      href={`/docs/guides/${guide}`}
      target="_blank"
      rel="noopener"
      variant="subtle"
      color="gray"
      leftSection={<IconBook2 size={16} />}
    >
      {t.guide}
      <VisuallyHidden> {t.opensNewTab}</VisuallyHidden>
    </Button>
  );
};

/** A page: its heading gets the focus when it is come to, so that a screen reader says where one is. */
export const Page = ({
  title,
  description,
  actions,
  guide,
  narrow = false,
  children,
}: {
  readonly title: string;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  /** The guide to it, by its name below /docs/guides/; with `#` and a heading, where it goes that far. */
  readonly guide?: string;
  readonly narrow?: boolean;
  readonly children: ReactNode;
}) => {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (visited) heading.current?.focus();
    visited = true;
  }, []);
  useEffect(() => {
    document.title = `${title} · Latchkey`;
  }, [title]);
  return (
    <div className={classes.page} data-narrow={narrow || undefined}>
      <header className={classes.header}>
        <div className={classes.words}>
          <Title order={1} ref={heading} tabIndex={-1} className={classes.title}>
            {title}
          </Title>
          {description !== undefined && <p className={classes.description}>{description}</p>}
        </div>
        {(actions !== undefined || guide !== undefined) && (
          <Group gap="xs" wrap="nowrap" className={classes.actions}>
            {guide !== undefined && <GuideLink guide={guide} />}
            {actions}
          </Group>
        )}
      </header>
      {children}
    </div>
  );
};
