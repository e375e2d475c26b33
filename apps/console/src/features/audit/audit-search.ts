import { beginOf, isLast, type Last } from '../../components/last.ts';

/** What events are filtered by, as text. */
export const textFilters = ['action', 'actor', 'subject', 'correlationId'] as const;
export type TextFilter = (typeof textFilters)[number];

/** What of the list stands in the URL. */
export interface AuditSearch extends Readonly<Partial<Record<TextFilter, string>>> {
  readonly outcome?: 'success' | 'refused';
  /** The last so long, or from and until. */
  readonly last?: Last;
  readonly from?: string;
  readonly until?: string;
  /** The id of the one that is open. */
  readonly open?: string;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const momentOf = (value: unknown): string | undefined => {
  const text = textOf(value);
  return text === undefined || Number.isNaN(Date.parse(text)) ? undefined : new Date(text).toISOString();
};

/** Reads any URL; what is none of it is left out. */
export const readAuditSearch = (search: Record<string, unknown>): AuditSearch => {
  const { outcome, last } = search;
  const given = {
    ...Object.fromEntries(textFilters.map((name) => [name, textOf(search[name])])),
    outcome: outcome === 'success' || outcome === 'refused' ? outcome : undefined,
    last: isLast(last) ? last : undefined,
    from: momentOf(search.from),
    until: momentOf(search.until),
    open: textOf(search.open),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
};

/** The same as the API takes it. */
export const queryOf = (
  { open: _, last, ...filters }: AuditSearch,
  now: number,
): Readonly<Record<string, string | undefined>> => ({
  ...filters,
  ...(last === undefined ? {} : { from: beginOf(last, now) }),
});

/** Whether an event of that action may be one of the list. */
export const concerns =
  ({ action }: AuditSearch) =>
  (heard: string): boolean =>
    action === undefined || action === heard;
