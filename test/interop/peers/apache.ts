import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../programs.ts';
import { handOver, type Running, start, waitUntil } from './process.ts';

/** A service provider of Debian with one protected page, which prints who is in. */
export interface Peer {
  /** What everybody knows it by: the relay in front of it. */
  readonly origin: string;
  /** Where it really listens. */
  readonly port: number;
  readonly entityID: string;
  readonly protectedUrl: string;
  /** Where the Response goes (saml-profiles §4.2.4.1). */
  readonly assertionConsumerServiceURL: string;
  /** As it serves it. */
  readonly metadata: string;
  readonly logs: () => string;
  readonly stop: () => Promise<void>;
}

/** A key and certificate as a service provider's administrator makes them. */
export const makeKey = (folder: string, name: string): { readonly key: string; readonly certificate: string } => {
  const key = join(folder, `${name}.key`);
  const certificate = join(folder, `${name}.crt`);
  const made = run('openssl', [
    ...'req -x509 -newkey rsa:3072 -sha256 -nodes -days 30'.split(' '),
    ...['-subj', `/CN=${name}`, '-keyout', key, '-out', certificate],
  ]);
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
  return { key: handOver(key), certificate };
};

const baseModules = ['mpm_prefork', 'authn_core', 'authz_core', 'authz_user', 'mime', 'dir', 'include', 'env'];

/** What a service provider's administrator is told. */
export interface PeerSettings {
  /** The origin that people use; the peer itself is on a port behind it. */
  readonly origin: string;
  readonly idp: { readonly entityID: string; readonly metadata: string };
}

interface ApacheSettings {
  readonly folder: string;
  readonly origin: string;
  readonly port: number;
  /** What guards `/secret/`: the name in the module's file, and its file. */
  readonly module: readonly [name: string, file: string];
  /** Its directives. */
  readonly config: string;
  /** The page, in the language of mod_include. */
  readonly page: string;
}

/** Apache as any user may run it: its own folder, its own port of loopback. */
export const startApache = async ({ folder, origin, port, module, config, page }: ApacheSettings): Promise<Running> => {
  const root = join(folder, 'www');
  mkdirSync(join(root, 'secret'), { recursive: true });
  writeFileSync(join(root, 'index.html'), 'open to everybody\n');
  writeFileSync(join(root, 'secret', 'index.shtml'), page);
  const load = [...baseModules.map((name) => [`${name}_module`, `mod_${name}`] as const), module]
    .map(([name, file]) => `LoadModule ${name} /usr/lib/apache2/modules/${file}.so`)
    .join('\n');
  const file = join(folder, 'apache2.conf');
  writeFileSync(
    file,
    `${load}
ServerName ${origin}
UseCanonicalName On
Listen 127.0.0.1:${port}
ServerRoot ${folder}
DefaultRuntimeDir ${folder}
PidFile ${folder}/apache2.pid
ErrorLog ${folder}/error.log
LogLevel info
StartServers 2
TypesConfig /etc/mime.types
DocumentRoot ${root}
DirectoryIndex index.html index.shtml
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
<Directory ${root}>
  Options +IncludesNoExec
  Require all granted
</Directory>
${config}
`,
  );
  const apache = start(folder, 'apache2', 'apache2', ['-f', file, '-DFOREGROUND']);
  try {
    await waitUntil('apache2', folder, apache, async () => (await fetch(`http://127.0.0.1:${port}/`)).ok);
  } catch (error) {
    await apache.stop();
    throw error;
  }
  return apache;
};

export const fetchText = async (url: string): Promise<string> => {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer.text();
};
