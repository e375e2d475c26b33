import type { Area } from '@latchkey/contract';
import {
  IconBuilding,
  IconClipboardList,
  IconDevices,
  IconGitCompare,
  IconHome2,
  IconLogin2,
  type IconProps,
  IconShieldLock,
  IconUsers,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { texts } from './texts.ts';

type TextName = keyof (typeof texts.en)['areas'];

export interface AreaPage {
  /** Below the organization, or below /operator. '' is the start. */
  readonly path: string;
  readonly name: TextName;
  /** What the administrator must be allowed to see; null: everybody. */
  readonly needs: Area | null;
  /** `g` and then this key leads here. */
  readonly key?: string;
}

export interface RailArea {
  readonly name: TextName;
  readonly icon: ComponentType<IconProps>;
  readonly pages: readonly [AreaPage, ...AreaPage[]];
}

/** The rail of an organization, from top to bottom; the command palette has the same pages. */
export const organizationAreas: readonly RailArea[] = [
  { name: 'overview', icon: IconHome2, pages: [{ path: '', name: 'overview', needs: null, key: 'o' }] },
  {
    name: 'devices',
    icon: IconDevices,
    pages: [
      { path: '/devices', name: 'devices', needs: 'devices', key: 'd' },
      { path: '/devices/tokens', name: 'deviceTokens', needs: 'device-tokens', key: 't' },
    ],
  },
  {
    name: 'signIn',
    icon: IconLogin2,
    pages: [
      { path: '/sign-in/identity-providers', name: 'identityProviders', needs: 'settings', key: 'i' },
      { path: '/sign-in/domains', name: 'domains', needs: 'organization', key: 'm' },
      { path: '/sign-in/profile', name: 'profile', needs: 'settings', key: 'p' },
      { path: '/sign-in/readiness', name: 'readiness', needs: 'settings', key: 'y' },
      { path: '/sign-in/sign-ins', name: 'signIns', needs: 'audit', key: 'n' },
      { path: '/sign-in/sessions', name: 'sessions', needs: 'devices', key: 'e' },
      { path: '/sign-in/applications', name: 'applications', needs: 'applications', key: 'w' },
    ],
  },
  {
    name: 'directory',
    icon: IconUsers,
    pages: [
      { path: '/directory/users', name: 'users', needs: 'directory', key: 'u' },
      { path: '/directory/groups', name: 'groups', needs: 'directory' },
      { path: '/directory/departments', name: 'departments', needs: 'directory' },
      { path: '/directory/imports', name: 'imports', needs: 'directory' },
    ],
  },
  { name: 'changes', icon: IconGitCompare, pages: [{ path: '/changes', name: 'changes', needs: 'settings', key: 'c' }] },
  { name: 'audit', icon: IconClipboardList, pages: [{ path: '/audit', name: 'audit', needs: 'audit', key: 'l' }] },
  {
    name: 'administration',
    icon: IconShieldLock,
    pages: [
      { path: '/administration/administrators', name: 'administrators', needs: 'administrators', key: 'a' },
      { path: '/administration/roles', name: 'roles', needs: 'administrators', key: 'r' },
      { path: '/administration/api-keys', name: 'apiKeys', needs: 'api-keys', key: 'k' },
      { path: '/administration/keys', name: 'signingKeys', needs: 'organization', key: 's' },
      { path: '/administration/data', name: 'data', needs: 'audit' },
      { path: '/administration/emergency', name: 'emergency', needs: 'audit' },
      { path: '/administration/about', name: 'about', needs: null },
    ],
  },
];

/** The rail of the operators' own area. */
export const operatorAreas: readonly RailArea[] = [
  {
    name: 'organizations',
    icon: IconBuilding,
    pages: [{ path: '', name: 'organizations', needs: 'operator', key: 'o' }],
  },
  { name: 'audit', icon: IconClipboardList, pages: [{ path: '/audit', name: 'audit', needs: 'audit', key: 'l' }] },
  {
    name: 'administration',
    icon: IconShieldLock,
    pages: [
      { path: '/administration/operators', name: 'operators', needs: 'operator', key: 'a' },
      { path: '/administration/api-keys', name: 'apiKeys', needs: 'api-keys', key: 'k' },
      { path: '/administration/emergency', name: 'emergency', needs: 'operator' },
      { path: '/administration/about', name: 'about', needs: 'operator' },
    ],
  },
];
