import type { AttentionView } from '@latchkey/contract';
import type { Tone } from '../../components/state.tsx';

type Ending = Extract<AttentionView, { readonly kind: 'ending' }>;

const DAY = 86_400_000;
/** Days before its end in which something is told of by itself, and how loud. */
const tiers = [
  { days: 7, tone: 'bad' },
  { days: 30, tone: 'warn' },
] as const satisfies readonly { readonly days: number; readonly tone: Tone }[];

/** What ends within 30 days, each by itself; and how many of each kind end later. */
export const sortEndings = (
  endings: readonly Ending[],
  now: number,
): {
  readonly soon: readonly (Ending & { readonly tone: Tone })[];
  readonly later: readonly (readonly [Ending['what'], number])[];
} => {
  const toneOf = ({ endsAt }: Ending): Tone | undefined => tiers.find(({ days }) => Date.parse(endsAt) - now <= days * DAY)?.tone;
  const later = new Map<Ending['what'], number>();
  const soon = endings.flatMap((each) => {
    const tone = toneOf(each);
    if (tone === undefined) later.set(each.what, (later.get(each.what) ?? 0) + 1);
    return tone === undefined ? [] : [{ ...each, tone }];
  });
  return { soon, later: [...later] };
};
