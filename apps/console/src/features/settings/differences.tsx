import { useTexts } from '../../app/language.tsx';
import classes from './differences.module.css';
import type { Difference } from './document.ts';
import { texts } from './texts.ts';

type MemberName = keyof (typeof texts.en)['members'];

/** What is live and what would be, side by side, a line for each member that differs. */
export const Differences = ({ differences }: { readonly differences: readonly Difference[] }) => {
  const t = useTexts(texts);
  const nameOf = (name: string): string => (name in t.members ? t.members[name as MemberName] : name); // just asked
  const words: Readonly<Record<string, string>> = {
    enabled: t.idps.enabled,
    disabled: t.idps.disabled,
    hosted: t.profile.hosted,
    directory: t.profile.directory,
    any: t.idps.any,
    device: t.idps.kinds.device,
    saml: t.idps.kinds.saml,
    ...t.profile.frequencies,
    ...t.data.collects,
  };
  const show = (value: unknown, name: string | undefined): string => {
    if (value === undefined || value === null) return t.changes.absent;
    if (typeof value === 'boolean') return value ? t.idps.on : t.idps.off;
    if (Array.isArray(value)) {
      const listed = value.map((each) => words[String(each)] ?? String(each)).join(', ');
      return listed || (name === 'domains' ? t.idps.none : t.changes.absent);
    }
    return words[String(value)] ?? String(value);
  };
  return (
    <table className={classes.differences}>
      <thead>
        <tr>
          <th scope="col">{t.changes.what}</th>
          <th scope="col">{t.changes.active}</th>
          <th scope="col">{t.changes.draft}</th>
        </tr>
      </thead>
      <tbody>
        {differences.map(({ path, before, after }) => (
          <tr key={path.join('/')}>
            <th scope="row">
              <small>{path.slice(0, -1).map(nameOf).join(' · ')}</small>
              {nameOf(path.at(-1) ?? '')}
            </th>
            <td data-label={t.changes.active}>
              <span className={classes.before}>{show(before, path.at(-1))}</span>
            </td>
            <td data-label={t.changes.draft}>
              <span className={classes.after}>{show(after, path.at(-1))}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};
