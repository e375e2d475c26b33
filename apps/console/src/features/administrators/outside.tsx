import { NativeSelect, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { type Language, languages, useLanguage, useTexts } from '../../app/language.tsx';
import mark from '../../app/mark.svg';
import classes from './outside.module.css';
import { texts } from './texts.ts';

/** The frame of the pages before the sign-in. */
export const Outside = ({
  title,
  text,
  wide = false,
  children,
}: {
  readonly title: string;
  readonly text?: ReactNode;
  readonly wide?: boolean;
  readonly children: ReactNode;
}) => {
  const t = useTexts(texts);
  const { language, choose } = useLanguage();
  return (
    <div className={classes.outside}>
      <title>{`${title} · Latchkey`}</title>
      <main className={classes.card} data-wide={wide || undefined}>
        <div className={classes.brand}>
          <img src={mark} alt="" width="28" height="28" />
          <span>Latchkey</span>
        </div>
        <Title order={1} className={classes.title}>
          {title}
        </Title>
        {text !== undefined && (
          <Text c="dimmed" mb="lg">
            {text}
          </Text>
        )}
        {children}
      </main>
      <footer className={classes.foot}>
        <span>{t.tagline}</span>
        <NativeSelect
          size="xs"
          aria-label="Language / Sprache"
          data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
          value={language}
          // Its values are the languages above.
          onChange={(event) => choose(event.currentTarget.value as Language)}
        />
      </footer>
    </div>
  );
};
