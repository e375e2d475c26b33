import { isLast, type Last } from '../../components/last.ts';

/** What of the list stands in the URL. */
export interface SignInsSearch {
  /** The id on the screen of a device: it is the only filter then. */
  readonly id?: string;
  readonly kind?: 'sign_in' | 'enrollment';
  readonly result?: 'accepted' | 'refused';
  /** A device's id. */
  readonly device?: string;
  readonly last?: Last;
  /** The event that is open. */
  readonly open?: string;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

export const readSignInsSearch = ({ id, kind, result, device, last, open }: Record<string, unknown>): SignInsSearch => {
  const given = {
    id: textOf(id),
    kind: kind === 'sign_in' || kind === 'enrollment' ? kind : undefined,
    result: result === 'accepted' || result === 'refused' ? result : undefined,
    device: textOf(device),
    last: isLast(last) ? last : undefined,
    open: textOf(open),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
};

/** The id in what somebody has copied or read out: the agent prints it with the code before it, in brackets. */
export const idIn = (text: string): string => /cor_[0-9a-f]+/i.exec(text)?.[0].toLowerCase() ?? text.trim();
