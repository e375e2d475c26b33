import { type Command, InvalidArgumentError, Option } from 'commander';
import { type GlobalOptions, openSession, type Session } from '../session.ts';

/** What a command's action does, once the session is open. */
export type Action<Options> = (session: Session, options: Options, operands: readonly string[]) => Promise<void>;

/** Gives a command its action: opens the session by the global options. */
export const act = <Options extends object>(command: Command, action: Action<Options>): Command =>
  command.action(async () => {
    // Commander has parsed them by the definitions beside the action.
    const options = command.opts<Options>();
    await action(openSession(command.optsWithGlobals<GlobalOptions>(), process.env), options, command.args);
  });

const limit = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('A number of 1 or more was expected.');
  return value;
};

export const limitOption = (most = 100): Option => new Option('--limit <n>', 'how many at most').argParser(limit).default(most);

export const wholeNumber = limit;

/** `on` or `off`. */
export const onOff = (text: string): boolean => {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new InvalidArgumentError('Write "on" or "off".');
};

/** `any`, or names with commas between. */
export const domainList = (text: string): 'any' | readonly string[] =>
  text === 'any'
    ? 'any'
    : text
        .split(',')
        .map((name) => name.trim().toLowerCase())
        .filter((name) => name !== '');

/** Names with commas between. */
export const names = (text: string): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

export const domainNames = (text: string): readonly string[] => {
  const names = domainList(text);
  return names === 'any' ? [] : names;
};
