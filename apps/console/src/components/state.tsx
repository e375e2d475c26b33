import classes from './state.module.css';

export type Tone = 'good' | 'warn' | 'bad' | 'calm';

/** A state in words, with a dot whose shape and color say the same. */
export const State = ({
  tone,
  sentence = false,
  children,
}: {
  readonly tone: Tone;
  /** Longer than a word: only the dot has the color. */
  readonly sentence?: boolean;
  readonly children: string;
}) => (
  <span className={classes.state} data-tone={tone} data-sentence={sentence || undefined}>
    <svg viewBox="0 0 10 10" width="9" height="9" aria-hidden="true">
      {tone === 'good' && <circle cx="5" cy="5" r="4.5" />}
      {tone === 'warn' && <path d="M5 .5 9.800 9.500H.2Z" />}
      {tone === 'bad' && <path d="M.8.8h8.400v8.400H.8Z" />}
      {tone === 'calm' && <circle cx="5" cy="5" r="3.700" fill="none" stroke="currentColor" strokeWidth="1.600" />}
    </svg>
    <span>{children}</span>
  </span>
);
