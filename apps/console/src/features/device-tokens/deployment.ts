/** What an MDM hands to devices: the three words of docs/guides/agent.md, in each form that the agent reads. */
export interface Deployment {
  readonly deviceToken: string;
  readonly userDomain: string;
  readonly cloudName: string;
}

/** Single quotes keep everything in a POSIX shell but themselves. */
const quoted = (text: string): string => (/^[\w.:@/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

export const deploymentLines = (words: Deployment): Readonly<Record<'command' | 'policy' | 'environment', string>> => ({
  // The token goes in by standard input: arguments of a process can be read by every user of the machine.
  command: `printf %s ${quoted(words.deviceToken)} | latchkey-agent enroll --deviceToken - --userDomain ${quoted(words.userDomain)} --cloudName ${quoted(words.cloudName)}`,
  policy: JSON.stringify(words, undefined, 2),
  environment: Object.entries(words)
    .map(([name, value]) => `LATCHKEY_${name.toUpperCase()}=${quoted(value)}`)
    .join('\n'),
});
