/**
 * The install options as administrators know them from other device agents (the same spelling in flags and files), and which of
 * them mean something here. The others are taken and reported, so that an install line made for another agent still works.
 */
export interface OptionRule {
  readonly name: string;
  readonly kind: 'text' | 'flag' | 'ignored';
  readonly help: string;
  /** Only a flag of one command, never in a file or the environment. */
  readonly commandOnly?: true;
  readonly hidden?: true;
}

const ignored = (names: string): OptionRule[] =>
  names.split(' ').map((name) => ({ name, kind: 'ignored', help: 'accepted and ignored', hidden: true }));

export const optionTable: readonly OptionRule[] = [
  { name: 'deviceToken', kind: 'text', help: 'the device token; "-" reads it from standard input' },
  { name: 'deviceTokenFile', kind: 'text', help: 'a file that holds the device token' },
  { name: 'userDomain', kind: 'text', help: 'the domain of the user, like acme.com' },
  { name: 'cloudName', kind: 'text', help: 'the host[:port] of the server, like id.acme.com' },
  { name: 'userName', kind: 'text', help: 'the local part of the user name; default: who is signed in to this machine' },
  { name: 'externalDeviceId', kind: 'text', help: 'an id of this machine in another system' },
  { name: 'stateDir', kind: 'text', help: 'where key and state are kept' },
  { name: 'caFile', kind: 'text', help: 'certificates (PEM) to trust for the server, instead of the built-in ones' },
  { name: 'config', kind: 'text', help: 'a JSON file with options', commandOnly: true },
  { name: 'keepMessages', kind: 'text', help: 'write each SAML message into this folder', commandOnly: true, hidden: true },
  { name: 'explain', kind: 'flag', help: 'print each step of the sign-in with its ids', commandOnly: true },
  { name: 'json', kind: 'flag', help: 'print JSON', commandOnly: true },
  { name: 'local', kind: 'flag', help: 'unenroll: forget key and state without telling the server', commandOnly: true },
  { name: 'bearer', kind: 'flag', help: 'token: bound to no key, where the application lets such tokens in', commandOnly: true },
  { name: 'help', kind: 'flag', help: 'print help', commandOnly: true },
  { name: 'version', kind: 'flag', help: 'print the version', commandOnly: true },
  ...ignored(
    'policyToken strictEnforcement enableFips hideAppUIOnLaunch launchTray authByTunnel autoEnrollWithMDM ownership Ownership',
  ),
  ...ignored(
    'externalRedirect enableSSO mtAuthRequired vdi mode unattendedmodeui uninstallPasswordCmdLine upgradePasswordCmdLine',
  ),
  ...ignored('revertPasswordCmdLine excludeList allowRunningOnRootedDevice allowRunningOnEmulator allowZccOnRootedDevice'),
  ...ignored(
    'allowZccOnEmulator customDNS reinstallDriver enableAntiTampering enableImprivataIntegration bcpConfigFilePath bcpMAPubKeyHash',
  ),
  ...ignored(
    'importSEFailCloseConfig failCloseConfigThumbprint installWebView2 lwfBootStart useLWFDriver installLWFDriver configTimeout',
  ),
  ...ignored(
    'enableCustomProxyDetection revertzcc installer-language newBindFlow SkipInterfaceInstallation DropNonRoutingTraffic',
  ),
  ...ignored('PAVConnectionSynced MatchDomainsNoSearch disableCaptivePortalNotification SystemDNSEnabled'),
];

/** Spellings of other platforms' installers that mean one of ours (MSI, iOS). */
const otherSpellings: Readonly<Record<string, string>> = { uname: 'userName', username: 'userName', cloudname: 'cloudName' };

const rules = new Map(optionTable.map((rule) => [rule.name, rule]));
const byFolded = new Map(optionTable.map((rule) => [rule.name.toLowerCase(), rule.name]));

export const findOption = (name: string): OptionRule | undefined => rules.get(name);

/** What was meant by a name that is not in the table: another case, dashes, another platform's spelling, or one typing error. */
export const suggestOption = (name: string): string | undefined => {
  const folded = name.toLowerCase().replaceAll(/[-_]/g, '');
  const known = otherSpellings[folded] ?? byFolded.get(folded);
  if (known !== undefined) return known;
  return optionTable.find((rule) => rule.kind !== 'ignored' && isOneEditAway(rule.name.toLowerCase(), folded))?.name;
};

const isOneEditAway = (a: string, b: string): boolean => {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  return short.slice(short.length === long.length ? at + 1 : at) === long.slice(at + 1);
};

/** The name of an option in the environment. */
export const environmentName = (option: string): string => `LATCHKEY_${option.toUpperCase()}`;
