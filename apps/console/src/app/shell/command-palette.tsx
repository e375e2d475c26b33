import '@mantine/spotlight/styles.css';
import { Kbd, Modal, Table, useMantineColorScheme } from '@mantine/core';
import { createSpotlight, Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight';
import {
  IconBaselineDensitySmall,
  IconClock,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconSearch,
  IconSun,
} from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { texts as shared } from '../../components/texts.ts';
import { useLanguage, useTexts } from '../language.tsx';
import { usePreferences } from '../preferences.tsx';
import { isTyping, onOpen } from './palette.ts';
import { texts } from './texts.ts';
import { useAreas } from './use-areas.ts';
import { useSignOut } from './use-sign-out.ts';

const [store, palette] = createSpotlight();

/** Milliseconds in which the second key has to follow `g`. */
const SEQUENCE = 1500;

/** Ctrl/Cmd+K or `/` searches; `g` and a key goes to a page; `?` shows what there is. */
export const CommandPalette = ({ organization }: { readonly organization: string | undefined }) => {
  const t = useTexts(texts);
  const c = useTexts(shared);
  const navigate = useNavigate();
  const { language, choose } = useLanguage();
  const { setColorScheme } = useMantineColorScheme();
  const { times, density, prefer } = usePreferences();
  const signOut = useSignOut();
  const [helping, setHelping] = useState(false);
  const { base, areas } = useAreas(organization);
  const pages = areas.flatMap(({ name, icon, visible }) => visible.map((page) => ({ ...page, area: name, icon })));
  const go = (path: string) => void navigate({ to: base + path });

  useEffect(() => {
    let began = Number.NEGATIVE_INFINITY;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('[role=dialog]') !== null) return;
      if (event.key === '?') return setHelping(true);
      if (event.key === 'g') {
        began = event.timeStamp;
        return;
      }
      const page = event.timeStamp - began < SEQUENCE ? pages.find(({ key }) => key === event.key) : undefined;
      began = Number.NEGATIVE_INFINITY;
      if (page === undefined) return;
      event.preventDefault();
      go(page.path);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });

  useEffect(() => onOpen((what) => (what === 'palette' ? palette.open() : setHelping(true))), []);

  const actions: readonly (SpotlightActionGroupData | SpotlightActionData)[] = [
    {
      group: t.pages,
      actions: pages.map(({ path, name, area, icon: Icon, key }) => ({
        id: name,
        label: t.areas[name],
        ...(area === name ? {} : { description: t.areas[area] }),
        leftSection: <Icon size={18} stroke={1.7} />,
        rightSection: key === undefined ? null : <Kbd size="xs">g {key}</Kbd>,
        onClick: () => go(path),
      })),
    },
    {
      group: t.actions,
      actions: [
        {
          id: 'light',
          label: `${t.theme}: ${t.light}`,
          leftSection: <IconSun size={18} stroke={1.7} />,
          onClick: () => setColorScheme('light'),
        },
        {
          id: 'dark',
          label: `${t.theme}: ${t.dark}`,
          leftSection: <IconMoon size={18} stroke={1.7} />,
          onClick: () => setColorScheme('dark'),
        },
        {
          id: 'language',
          label: language === 'en' ? 'Deutsch' : 'English',
          leftSection: <IconLanguage size={18} stroke={1.7} />,
          onClick: () => choose(language === 'en' ? 'de' : 'en'),
        },
        {
          id: 'times',
          label: `${t.times}: ${times === 'utc' ? t.localTime : t.utc}`,
          leftSection: <IconClock size={18} stroke={1.7} />,
          onClick: () => prefer({ times: times === 'utc' ? 'local' : 'utc' }),
        },
        {
          id: 'density',
          label: `${t.density}: ${density === 'compact' ? t.comfortable : t.compact}`,
          leftSection: <IconBaselineDensitySmall size={18} stroke={1.7} />,
          onClick: () => prefer({ density: density === 'compact' ? 'comfortable' : 'compact' }),
        },
        {
          id: 'sign-out',
          label: t.signOut,
          leftSection: <IconLogout size={18} stroke={1.7} />,
          onClick: () => void signOut(),
        },
      ],
    },
  ];
  const keys: readonly (readonly [readonly string[], string])[] = [
    [['Ctrl K', '/'], t.shortcutPalette],
    ...pages.flatMap(({ key, name }): [readonly string[], string][] =>
      key === undefined ? [] : [[[`g ${key}`], t.shortcutGo(t.areas[name])]],
    ),
    [['?'], t.shortcutHelp],
    [['Esc'], t.shortcutClose],
  ];
  return (
    <>
      <Spotlight
        store={store}
        actions={[...actions]}
        shortcut={['mod + K', '/']}
        nothingFound={t.searchEmpty}
        scrollable
        attributes={{ content: { 'aria-label': t.shortcutPalette } }}
        searchProps={{ leftSection: <IconSearch size={18} />, placeholder: t.search, 'aria-label': t.search }}
      />
      <Modal
        opened={helping}
        onClose={() => setHelping(false)}
        title={t.shortcutsTitle}
        closeButtonProps={{ 'aria-label': c.close }}
      >
        <Table>
          <Table.Tbody>
            {keys.map(([names, what]) => (
              <Table.Tr key={what}>
                <Table.Td w="9rem">
                  {names.map((name) => (
                    <Kbd key={name} mr={6}>
                      {name}
                    </Kbd>
                  ))}
                </Table.Td>
                <Table.Td>{what}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Modal>
    </>
  );
};
