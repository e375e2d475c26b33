import type {
  DeviceTokenView,
  DeviceView,
  DomainView,
  SettingsDiffView,
  SettingsDraftView,
  SettingsVersionView,
} from '@latchkey/contract';

/** What the overview knows; undefined is what this administrator may not see, or what is not there yet. */
export interface Standing {
  readonly domains: readonly DomainView[] | undefined;
  readonly draft: SettingsDraftView | undefined;
  readonly diff: SettingsDiffView | undefined;
  readonly active: SettingsVersionView | null | undefined;
  readonly tokens: readonly DeviceTokenView[] | undefined;
  readonly devices: readonly DeviceView[] | undefined;
}

export type StepName = 'domain' | 'idp' | 'activate' | 'token' | 'device';

const hasDeviceIdp = (settings: { readonly document: SettingsDraftView['document'] } | null | undefined): boolean =>
  settings?.document.identityProviders.some(({ kind, status }) => kind === 'device' && status === 'enabled') ?? false;

/** The way from nothing to the first device, and what of it is done. */
export const stepsOf = ({
  domains,
  draft,
  active,
  tokens,
  devices,
}: Standing): readonly { readonly name: StepName; readonly done: boolean }[] => [
  { name: 'domain', done: domains?.some(({ state }) => state === 'proved' || state === 'failing') ?? false },
  { name: 'idp', done: hasDeviceIdp(draft) || hasDeviceIdp(active) },
  { name: 'activate', done: hasDeviceIdp(active) },
  { name: 'token', done: tokens?.some(({ state }) => state === 'live' || state === 'spent') ?? false },
  { name: 'device', done: (devices?.length ?? 0) > 0 },
];

const DAY = 86_400_000;
/** As long before its end as the server begins to warn. */
const SOON = 14 * DAY;

/** Live tokens that end soon and have no successor yet. */
export const endingTokens = (tokens: readonly DeviceTokenView[] | undefined, now: number): readonly DeviceTokenView[] =>
  (tokens ?? []).filter(
    ({ state, expiresAt, rotatedTo }) => state === 'live' && rotatedTo === null && Date.parse(expiresAt) - now < SOON,
  );
