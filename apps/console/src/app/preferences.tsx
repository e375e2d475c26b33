import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';

/** What each browser keeps of how its user wants to see things: the first is what holds until something is chosen. */
const choices = {
  times: ['local', 'utc'],
  density: ['comfortable', 'compact'],
} as const;

type Choices = typeof choices;
type Name = keyof Choices;
export type Preferences = { readonly [Each in Name]: Choices[Each][number] };

const storedAs = (name: Name): string => `latchkey-${name}`;

/** What is stored under a name, if it is one of what may be chosen; else the first of them. */
const stored = <Choice extends string>(name: Name, [first, second]: readonly [Choice, Choice]): Choice =>
  localStorage.getItem(storedAs(name)) === second ? second : first;

interface PreferencesContext extends Preferences {
  readonly prefer: (change: Partial<Preferences>) => void;
}
const initial: PreferencesContext = { times: 'local', density: 'comfortable', prefer: () => undefined };
const Context = createContext(initial);

export const PreferencesProvider = ({ children }: { readonly children: ReactNode }) => {
  const [preferences, setPreferences] = useState<Preferences>(() => ({
    times: stored('times', choices.times),
    density: stored('density', choices.density),
  }));
  useEffect(() => {
    // Everything that has rows looks at it: base.css.
    document.documentElement.dataset.density = preferences.density;
  }, [preferences.density]);
  const value = useMemo(
    () => ({
      ...preferences,
      prefer: (change: Partial<Preferences>) => {
        for (const [name, each] of Object.entries(change)) localStorage.setItem(storedAs(name as Name), each);
        setPreferences((old) => ({ ...old, ...change }));
      },
    }),
    [preferences],
  );
  return <Context value={value}>{children}</Context>;
};

export const usePreferences = (): PreferencesContext => useContext(Context);
