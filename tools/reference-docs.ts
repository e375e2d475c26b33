import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { settings } from '../apps/server/src/config.ts';
import { type DeviceErrorCode, deviceErrorRemedies, deviceErrorTexts } from '../core/device/src/index.ts';
import { dialectNames, quirks } from '../core/scim/src/index.ts';

/** Makes the pages of docs/reference that would drift if written by hand; with --check it only compares. */

const root = new URL('../', import.meta.url);

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const configuration = (): string => {
  const rows = Object.entries(settings).map(([name, setting]) => {
    const { variable, schema } = setting;
    const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    const standard = json.default === undefined ? '' : `\`${String(json.default)}\``;
    const names = 'secret' in setting ? `\`${variable}\` or \`${variable}_FILE\`` : `\`${variable}\``;
    return row([names, `\`${name}\``, standard, schema.description ?? '']);
  });
  return `# Configuration of the server

Each setting comes from its environment variable, else from the JSON file that \`LATCHKEY_CONFIG\` names, else it has its default.
Unknown names in the file are refused, and every problem is reported at once (\`npm start -- --check-config\` does only that). What ends in \`_FILE\`
names a file: a secret in a file is not seen by other programs, as the environment may be. This page is made from \`apps/server/src/config.ts\`.

${row(['variable', 'in the file', 'default', 'what it is'])}
${row(['---', '---', '---', '---'])}
${rows.join('\n')}
`;
};

const errors = (): string => `# Refusals that a device can meet

The code is in the problem document (\`code\`), in the header \`Latchkey-Error\` of a SAML answer, in the audit event and in the log; the sentence
is what the person at the device reads, beside the id that finds the event: in the console under *Sign-ins*, or by
\`latchkey audit list --correlation ID\`. This page is made from \`core/device/src/errors.ts\` and \`remedies.ts\`; the console shows the same.

${row(['code', 'sentence', 'what an administrator does'])}
${row(['---', '---', '---'])}
${(Object.keys(deviceErrorTexts) as DeviceErrorCode[]) // its keys
  .map((code) => row([`\`${code}\``, deviceErrorTexts[code], deviceErrorRemedies[code]]))
  .join('\n')}
`;

const scimClients = (): string => {
  const habits = Object.entries(quirks).map(([name, { meaning, clients, against }]) => ({
    cells: [meaning, clients, `\`${name}\``],
    against,
  }));
  const always = habits.flatMap(({ cells, against }) => (against === undefined ? [row(cells)] : []));
  const sometimes = habits.flatMap(({ cells, against }) =>
    against === undefined
      ? []
      : [row([...cells, against.clause, against.dialects.map((dialect) => `\`${dialect}\``).join(', ')])],
  );
  return `# Habits of SCIM clients

What clients send beyond the examples of RFC 7643 and RFC 7644. What contradicts no clause is always understood. What does is understood only in the
*dialects* that name it: a setting of the endpoint, one of ${dialectNames.map((dialect) => `\`${dialect}\``).join(', ')}; \`standard\` has none, and neither has \`okta\`.
The message that shows each habit is in \`core/scim/src/fixtures/quirks\`, by its name. This page is made from \`core/scim/src/dialect.ts\`.

## Always understood

${row(['what is understood', 'who sends it', 'name'])}
${row(['---', '---', '---'])}
${always.join('\n')}

## Understood in a dialect, against the RFCs

${row(['what is understood', 'who sends it', 'name', 'against', 'dialects'])}
${row(['---', '---', '---', '---', '---'])}
${sometimes.join('\n')}
`;
};

const pages: Readonly<Record<string, () => string>> = {
  'docs/reference/configuration.md': configuration,
  'docs/reference/errors.md': errors,
  'docs/reference/scim-clients.md': scimClients,
};

const check = process.argv.includes('--check');
let stale = 0;
for (const [file, make] of Object.entries(pages)) {
  const url = new URL(file, root);
  const text = make();
  if (!check) writeFileSync(url, text);
  else if (readFileSync(url, 'utf8') !== text) {
    stale++;
    console.error(`${file} is stale: run "node tools/reference-docs.ts".`);
  }
}
process.exitCode = stale === 0 ? 0 : 1;
