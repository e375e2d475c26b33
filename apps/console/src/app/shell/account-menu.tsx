import { Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import {
  IconCheck,
  IconDeviceDesktop,
  IconKeyboard,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconSelector,
  IconSun,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { type Language, languages, useLanguage, useTexts } from '../language.tsx';
import { useSession } from '../session.ts';
import { openShortcuts } from './palette.ts';
import classes from './rail.module.css';
import { texts } from './texts.ts';
import { useSignOut } from './use-sign-out.ts';

export const AccountMenu = ({ icon }: { readonly icon: ReactNode }) => {
  const t = useTexts(texts);
  const { administrator } = useSession();
  const { language, choose } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = useSignOut();
  const chosen = <IconCheck size={14} />;
  const schemes = [
    { value: 'light', icon: <IconSun size={16} />, name: t.light },
    { value: 'dark', icon: <IconMoon size={16} />, name: t.dark },
    { value: 'auto', icon: <IconDeviceDesktop size={16} />, name: t.auto },
  ] as const;
  return (
    <Menu width={216} position="top-start">
      <Menu.Target>
        <UnstyledButton className={classes.account}>
          {icon}
          <span>
            <strong>{administrator?.displayName}</strong>
            <small>{administrator?.userName}</small>
          </span>
          <IconSelector size={14} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t.theme}</Menu.Label>
        {schemes.map((scheme) => (
          <Menu.Item
            key={scheme.value}
            leftSection={scheme.icon}
            rightSection={colorScheme === scheme.value ? chosen : null}
            onClick={() => setColorScheme(scheme.value)}
          >
            {scheme.name}
          </Menu.Item>
        ))}
        <Menu.Label>{t.language}</Menu.Label>
        {Object.entries(languages).map(([value, name]) => (
          <Menu.Item
            key={value}
            leftSection={<IconLanguage size={16} />}
            rightSection={language === value ? chosen : null}
            // Its values are the languages.
            onClick={() => choose(value as Language)}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={openShortcuts}>
          {t.shortcuts}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          {t.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
};
