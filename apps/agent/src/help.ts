import { optionTable } from './option-table.ts';

const commands: readonly (readonly [string, string])[] = [
  ['run', 'enroll if need be, sign in, renew; stays (for a service manager)'],
  ['enroll', 'enroll this machine'],
  ['sign-in [URL]', 'sign in, or open a page of a SAML service provider that speaks ECP and print it'],
  ['token APPLICATION', 'print an access token for an application'],
  ['fetch URL', 'open a page of a site behind the gateway and print it'],
  ['status', 'how the device stands; asks nobody'],
  ['sign-out', 'end the sessions; the device signs in again by "sign-in" only'],
  ['unenroll', 'remove this device from the server and wipe its key'],
  ['doctor', 'look at everything that can be wrong'],
  ['version', 'print the version'],
];

/** `latchkey-agent help`. */
export const helpText = (): string =>
  [
    'Usage: latchkey-agent COMMAND [OPTION...]',
    '',
    ...commands.map(([name, text]) => `  ${name.padEnd(22)}${text}`),
    '',
    'Options (a policy file overrules --config, that the environment, that flags):',
    '',
    ...optionTable
      .filter(({ hidden }) => !hidden)
      .map(({ name, kind, help }) => `  --${(kind === 'flag' ? name : `${name} VALUE`).padEnd(25)} ${help}`),
    '',
    'In the environment an option is LATCHKEY_ and its name in capitals: LATCHKEY_USERDOMAIN.',
    'Exit codes: 0 ok, 1 failure, 2 usage, 3 unreachable, 4 refused, 5 waits for approval, 6 not enrolled.',
  ].join('\n');
