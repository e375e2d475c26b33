import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder, readLogs, removeFolder, start, waitUntil } from './process.ts';

const shipped = fileURLToPath(new URL('../../../deploy/haproxy/haproxy.cfg', import.meta.url));

/** Which node is to answer, in a request; which one has answered, in a response. */
export const NODE_HEADER = 'x-test-node';

const replaceOnce = (text: string, from: string, to: string): string => {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`${shipped} was expected to hold once: ${from}`);
  return parts.join(to);
};

/** Debian's HAProxy with the configuration we ship, but for its user, log and addresses, as any user may run it. */
export const startHaproxy = async (settings: {
  readonly port: number;
  /** Ports by the node's name. */
  readonly nodes: { readonly a: number; readonly b: number };
}) => {
  const folder = makeFolder('haproxy');
  const changes: readonly (readonly [string, string])[] = [
    ['  log /dev/log local0\n', '  log stdout format raw local0\n'],
    ['  user haproxy\n  group haproxy\n', ''],
    [':443 ssl crt /etc/haproxy/id.acme.com.pem ssl-min-ver TLSv1.2 alpn h2,http/1.1\n', `127.0.0.1:${settings.port}\n`],
    ['10.0.0.11:8700', `127.0.0.1:${settings.nodes.a}`],
    ['10.0.0.12:8700', `127.0.0.1:${settings.nodes.b}`],
  ];
  const config = changes.reduce((text, [from, to]) => replaceOnce(text, from, to), readFileSync(shipped, 'utf8'));
  const choice = `  use-server a if { req.hdr(${NODE_HEADER}) a }
  use-server b if { req.hdr(${NODE_HEADER}) b }
  http-response set-header ${NODE_HEADER} %s
`;
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, config + choice);
  const haproxy = start(folder, 'haproxy', 'haproxy', ['-db', '-f', file]);
  const stop = async (): Promise<void> => {
    await haproxy.stop();
    removeFolder(folder);
  };
  try {
    await waitUntil('haproxy', folder, haproxy, async () => (await fetch(`http://127.0.0.1:${settings.port}/readyz`)).ok);
  } catch (error) {
    await stop();
    throw error;
  }
  return { logs: () => readLogs(folder), stop };
};
