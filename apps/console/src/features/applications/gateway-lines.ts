import protect from '../../../../../deploy/nginx/latchkey-protect.conf?raw';
import server from '../../../../../deploy/nginx/latchkey-server.conf?raw';
import verify from '../../../../../deploy/nginx/latchkey-verify.conf?raw';
import guide from '../../../../../docs/guides/gateway.md?raw';

/** The files that the lines include, as the release has them. */
export const nginxFiles = {
  'latchkey-server.conf': server,
  'latchkey-verify.conf': verify,
  'latchkey-protect.conf': protect,
} as const;

/** What the guide's example is about. */
const example = { id: 'app_0192...', host: 'wiki.acme.com', evidence: '&evidence=E1', listens: 'listen 443 ssl;' } as const;

/** The first block of code of a language in a guide, without what it is indented by. */
const codeOf = (text: string, language: string): string => {
  const [, indent = '', code = ''] = new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, 'm').exec(text) ?? [];
  return code.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trimEnd();
};

/** The site of the guide's example, put together for another application: docs/guides/gateway.md is the one place where it stands. */
export const nginxLines = (application: { readonly id: string; readonly identifier: string }): string => {
  const { protocol, hostname, port } = new URL(application.identifier);
  const listens = protocol === 'https:' ? `${port || 443} ssl` : port || '80';
  return (
    codeOf(guide, 'nginx')
      .replaceAll(example.id, application.id)
      .replaceAll(example.host, hostname)
      .replaceAll(example.listens, `listen ${listens};`)
      // The application's own minimum counts by itself, and can be changed here.
      .replaceAll(example.evidence, '')
  );
};
