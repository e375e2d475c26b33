/** Keeps the documents whole: every relative link leads to a file and a heading that exist, and nothing is left to be written. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const placeholder = /\b(TODO|TBD|FIXME|XXX|lorem ipsum|coming soon)\b/i;

/** The anchor GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

const withoutCode = (text: string): string => text.replace(/^(```|~~~)[\s\S]*?^\1/gm, (block) => block.replace(/[^\n]/g, ''));

const anchorsIn = (file: string): ReadonlySet<string> =>
  new Set([...withoutCode(readFileSync(file, 'utf8')).matchAll(/^#+\s+(.*)$/gm)].map(([, heading = '']) => anchorOf(heading)));

const problemOfLink = (file: string, link: string): string | undefined => {
  if (/^[a-z][a-z+.-]*:/i.test(link)) return undefined;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? file : normalize(join(dirname(file), path));
  if (!existsSync(target)) return `leads to ${target}, which is not there`;
  if (anchor && target.endsWith('.md') && !anchorsIn(target).has(anchor)) return `names no heading of ${target}`;
  return undefined;
};

/** One line for each thing that is wrong in a Markdown file of the repository. */
export const checkDocs = (): readonly string[] =>
  globSync(['*.md', 'docs/**/*.md', '{core,apps,test,bench,tools}/**/*.md'], {
    exclude: (name) => String(name).includes('node_modules'),
  }).flatMap((file) =>
    withoutCode(readFileSync(file, 'utf8'))
      .split('\n')
      .flatMap((line, index) => {
        const problems = [...line.matchAll(/!?\[[^\]]*\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
          const problem = problemOfLink(file, link);
          return problem ? [`the link ${link} ${problem}`] : [];
        });
        const [word] = placeholder.exec(line) ?? [];
        return [...problems, ...(word ? [`"${word}": write it or leave it out`] : [])].map(
          (problem) => `${file}:${index + 1}: ${problem}`,
        );
      }),
  );
