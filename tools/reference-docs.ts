import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { settings } from '../apps/server/src/config.ts';
import { type DeviceErrorCode, deviceErrorRemedies, deviceErrorTexts } from '../core/device/src/index.ts';

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

const pages: Readonly<Record<string, () => string>> = {
  'docs/reference/configuration.md': configuration,
  'docs/reference/errors.md': errors,
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
