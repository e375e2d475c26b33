/** Keeps the documents whole: every relative link leads to a file and a heading that exist, and nothing is left to be written. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { anchorOf } from '../apps/server/src/http/markdown.ts';

const placeholder = /\b(TODO|TBD|FIXME|XXX|lorem ipsum|coming soon)\b/i;

const withoutCode = (text: string): string => text.replace(/^(```|~~~)[\s\S]*?^\1/gm, (block) => block.replace(/[^\n]/g, ''));

const anchorsIn = (file: string): ReadonlySet<string> =>
  new Set([...withoutCode(readFileSync(file, 'utf8')).matchAll(/^#+\s+(.*)$/gm)].map(([, heading = '']) => anchorOf(heading)));

const links = (line: string): readonly string[] => [...line.matchAll(/!?\[[^\]]*\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);

/** The file a relative link leads to; undefined for an address elsewhere. */
const targetOf = (file: string, link: string): string | undefined => {
  if (/^[a-z][a-z+.-]*:/i.test(link)) return undefined;
  const [path = ''] = link.split('#');
  return path === '' ? file : normalize(join(dirname(file), path));
};

const problemOfLink = (file: string, link: string): string | undefined => {
  const target = targetOf(file, link);
  if (target === undefined) return undefined;
  if (!existsSync(target)) return `leads to ${target}, which is not there`;
  const [, anchor] = link.split('#');
  if (anchor && target.endsWith('.md') && !anchorsIn(target).has(anchor)) return `names no heading of ${target}`;
  return undefined;
};

const problemsOfLine = (file: string, line: string): readonly string[] => {
  const dead = links(line).flatMap((link) => {
    const problem = problemOfLink(file, link);
    return problem ? [`the link ${link} ${problem}`] : [];
  });
  const [word] = placeholder.exec(line) ?? [];
  return word ? [...dead, `"${word}": write it or leave it out`] : dead;
};

/** One line for each thing that is wrong in a Markdown file of the repository. */
export const checkDocs = (): readonly string[] => {
  const files = globSync(['*.md', 'docs/**/*.md', '{core,apps,test,bench,tools}/**/*.md'], {
    exclude: (name) => String(name).includes('node_modules'),
  });
  const linked = new Set<string>();
  const problems = files.flatMap((file) =>
    withoutCode(readFileSync(file, 'utf8'))
      .split('\n')
      .flatMap((line, index) => {
        for (const link of links(line)) {
          const target = targetOf(file, link);
          if (target !== undefined && target !== file) linked.add(target);
        }
        return problemsOfLine(file, line).map((problem) => `${file}:${index + 1}: ${problem}`);
      }),
  );
  const orphans = files.filter((file) => file.startsWith('docs/') && !linked.has(file));
  return [...problems, ...orphans.map((file) => `${file}: no other page links here, so nobody finds it`)];
};
