import { ActionIcon, Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMenu2, IconSearch } from '@tabler/icons-react';
import { Outlet, useParams, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { useTexts } from '../language.tsx';
import { useLive } from '../live.ts';
import mark from '../mark.svg';
import { DraftBanner } from './draft-banner.tsx';
import { keepKey, openPalette } from './palette.ts';
import { Rail } from './rail.tsx';
import classes from './shell.module.css';
import { texts } from './texts.ts';
import { useInterruptions } from './use-interruptions.tsx';

// Nobody waits for it: it comes after the page.
const CommandPalette = lazy(async () => ({ default: (await import('./command-palette.tsx')).CommandPalette }));

/** The house of every page behind the sign-in. */
export const Shell = () => {
  const t = useTexts(texts);
  const [menuOpened, menu] = useDisclosure();
  const { organization } = useParams({ strict: false });
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const close = useRef(menu.close);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever has gone somewhere is done with the menu
  useEffect(() => close.current(), [path]);
  useEffect(() => {
    window.addEventListener('keydown', keepKey);
    return () => window.removeEventListener('keydown', keepKey);
  }, []);
  useLive(organization);
  const interruption = useInterruptions();
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#main">
        {t.skip}
      </a>
      <div className={classes.side}>
        <Rail organization={organization} />
      </div>
      <header className={classes.bar}>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t.menu} onClick={menu.open}>
          <IconMenu2 size={20} />
        </ActionIcon>
        <img src={mark} alt="" width="24" height="24" />
        <strong>Latchkey</strong>
        <ActionIcon variant="subtle" color="gray" size="lg" ml="auto" aria-label={t.search} onClick={openPalette}>
          <IconSearch size={20} />
        </ActionIcon>
      </header>
      <Drawer
        opened={menuOpened}
        onClose={menu.close}
        withCloseButton={false}
        size="15rem"
        padding={0}
        title={t.menu}
        styles={{ header: { display: 'none' } }}
      >
        <Rail organization={organization} />
      </Drawer>
      <main id="main" className={classes.main} tabIndex={-1}>
        {organization !== undefined && <DraftBanner organization={organization} />}
        <Suspense>
          <Outlet />
        </Suspense>
      </main>
      <Suspense>
        <CommandPalette organization={organization} />
      </Suspense>
      {interruption}
    </div>
  );
};
