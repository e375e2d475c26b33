import { Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import {
  IconBaselineDensityMedium,
  IconBaselineDensitySmall,
  IconClock,
  IconDeviceDesktop,
  IconKeyboard,
  IconLanguage,
  IconLogout,
  IconMoon,
  type IconProps,
  IconSelector,
  IconSun,
  IconUserCog,
  IconWorld,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ComponentType, ReactNode } from 'react';
import { type Language, languages, useLanguage, useTexts } from '../language.tsx';
import { usePreferences } from '../preferences.tsx';
import { useSession } from '../session.ts';
import { useOrganization } from '../use-open.ts';
import { openShortcuts } from './palette.ts';
import classes from './rail.module.css';
import { texts } from './texts.ts';
import { useSignOut } from './use-sign-out.ts';

/** One of several, as items of a menu. */
const Choice = <Value extends string>({
  label,
  items,
  value,
  onChoose,
}: {
  readonly label: string;
  readonly items: readonly { readonly value: Value; readonly icon: ComponentType<IconProps>; readonly name: string }[];
  readonly value: Value;
  readonly onChoose: (value: Value) => void;
}) => (
  <Menu.RadioGroup value={value}>
    <Menu.Label>{label}</Menu.Label>
    {items.map(({ value: each, icon: Icon, name }) => (
      <Menu.RadioItem key={each} value={each} rightSection={<Icon size={16} />} onChange={() => onChoose(each)}>
        {name}
      </Menu.RadioItem>
    ))}
  </Menu.RadioGroup>
);

export const AccountMenu = ({ icon }: { readonly icon: ReactNode }) => {
  const t = useTexts(texts);
  const { administrator } = useSession();
  const { language, choose } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = useSignOut();
  const { times, density, prefer } = usePreferences();
  const organization = useOrganization();
  const account = organization === undefined ? '/operator/account' : `/o/${organization}/account`;
  const schemes = [
    { value: 'light', icon: IconSun, name: t.light },
    { value: 'dark', icon: IconMoon, name: t.dark },
    { value: 'auto', icon: IconDeviceDesktop, name: t.auto },
  ] as const;
  const clocks = [
    { value: 'local', icon: IconClock, name: t.localTime },
    { value: 'utc', icon: IconWorld, name: t.utc },
  ] as const;
  const densities = [
    { value: 'comfortable', icon: IconBaselineDensityMedium, name: t.comfortable },
    { value: 'compact', icon: IconBaselineDensitySmall, name: t.compact },
  ] as const;
  // Its keys are the languages.
  const tongues = (Object.entries(languages) as [Language, string][]).map(([value, name]) => ({
    value,
    icon: IconLanguage,
    name,
  }));
  return (
    <Menu width={216} position="top-start" withInitialFocusPlaceholder={false}>
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
        <Menu.Item leftSection={<IconUserCog size={16} />} renderRoot={(props) => <Link to={account} {...props} />}>
          {t.account}
        </Menu.Item>
        <Menu.Divider />
        <Choice label={t.theme} items={schemes} value={colorScheme} onChoose={setColorScheme} />
        <Choice label={t.language} items={tongues} value={language} onChoose={choose} />
        <Choice label={t.times} items={clocks} value={times} onChoose={(value) => prefer({ times: value })} />
        <Choice label={t.density} items={densities} value={density} onChoose={(value) => prefer({ density: value })} />
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
