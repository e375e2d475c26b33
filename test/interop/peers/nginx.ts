import { copyFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder, readLogs, removeFolder, start, waitUntil } from './process.ts';

const shipped = fileURLToPath(new URL('../../../deploy/nginx/', import.meta.url));

/** A request as the application behind the proxy got it. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  /** Names as they came, and values, in turns. */
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingHttpHeaders;
}

/** The application: it believes what it is told, and answers `page`. */
export const startApplication = async () => {
  const arrived: Arrived[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '', rawHeaders, headers } = request;
    arrived.push({ method, url, rawHeaders, headers });
    response.setHeader('content-type', 'text/plain');
    response.end('page');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    port,
    arrived,
    stop: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Debian's nginx with the snippet we ship, as any user may run it. */
export const startNginx = async (settings: {
  readonly port: number;
  readonly latchkeyPort: number;
  readonly applicationPort: number;
  /** The query of the subrequest for each protected path. */
  readonly protect: Readonly<Record<string, string>>;
  /** Directives of `http {}`. */
  readonly http?: string;
  /** Names of the site; without one it answers to every Host. */
  readonly serverName?: string;
}) => {
  const folder = makeFolder('nginx');
  for (const file of ['latchkey-server.conf', 'latchkey-verify.conf', 'latchkey-protect.conf']) {
    copyFileSync(join(shipped, file), join(folder, file));
  }
  const locations = Object.entries(settings.protect).map(
    ([path, query], index) => `
    location = /_latchkey/verify-${index} {
      include latchkey-verify.conf;
      proxy_pass http://latchkey/gateway/v1/verify?${query};
    }
    location ${path} {
      auth_request /_latchkey/verify-${index};
      include latchkey-protect.conf;
      proxy_pass http://application;
    }`,
  );
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${folder}/${name};`);
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr warn;
events {}
http {
  access_log ${folder}/access.log;
${temporary.join('\n')}
  ${settings.http ?? ''}
  upstream latchkey { server 127.0.0.1:${settings.latchkeyPort}; keepalive 16; }
  upstream application { server 127.0.0.1:${settings.applicationPort}; }
  server {
    listen 127.0.0.1:${settings.port};
    server_name ${settings.serverName ?? '""'};
    include latchkey-server.conf;
    location = /_ready { return 204; }${locations.join('')}
  }
}
`,
  );
  const nginx = start(folder, 'nginx', 'nginx', ['-p', folder, '-c', file, '-e', 'stderr']);
  const stop = async (): Promise<void> => {
    await nginx.stop();
    removeFolder(folder);
  };
  try {
    await waitUntil('nginx', folder, nginx, async () => (await fetch(`http://127.0.0.1:${settings.port}/_ready`)).ok);
  } catch (error) {
    await stop();
    throw error;
  }
  return { logs: () => readLogs(folder), stop };
};
