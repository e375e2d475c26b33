import { AgentError } from './errors.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const CLOUD_NAME = /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:\d{1,5})?$/;

/** True for what never leaves this machine; the only place plain HTTP may go. */
export const isLoopback = (url: URL): boolean => LOOPBACK.test(url.hostname);

/** `https://` + cloud name, or `http://` for loopback. `names` maps short names and comes from the policy file alone. */
export const originOfCloudName = (cloudName: string, names: Readonly<Record<string, string>> = {}): string => {
  const name = (Object.hasOwn(names, cloudName) ? (names[cloudName] ?? cloudName) : cloudName).trim().toLowerCase();
  const withoutScheme = /^[a-z]+:\/\/([^/]+)/.exec(name)?.[1] ?? /^([^/]+)\/$/.exec(name)?.[1];
  if (withoutScheme !== undefined) {
    throw new AgentError('usage', `cloudName "${name}" must be a host name only.`, { hint: `Did you mean "${withoutScheme}"?` });
  }
  const host = CLOUD_NAME.exec(name)?.[1];
  if (host === undefined || !URL.canParse(`https://${name}`)) {
    throw new AgentError('usage', `cloudName "${name}" is not a host name.`, {
      hint: 'It has the form host or host:port, like id.acme.com.',
    });
  }
  const loopback = LOOPBACK.test(host);
  if (!loopback && !/[.:]/.test(host)) {
    throw new AgentError('usage', `cloudName "${name}" is a short name that is not known here.`, {
      hint: 'Give the whole host name, or map the short one in the policy file: {"cloudNames": {"short": "id.acme.com"}}.',
    });
  }
  return new URL(`${loopback ? 'http' : 'https'}://${name}`).origin;
};
