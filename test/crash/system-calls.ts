import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A call as strace saw it. `begin` and `end` are positions in the log: a call that ended before another began really did. */
export type SystemCall = { readonly thread: number; readonly begin: number; readonly end: number } & (
  | { readonly kind: 'create' | 'unlink'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly path: string; readonly size: number }
  | { readonly kind: 'fsync' | 'fdatasync'; readonly path: string }
  | { readonly kind: 'line'; readonly text: string }
  /** What left through a socket. */
  | { readonly kind: 'answer'; readonly text: string }
);
type Seen = SystemCall extends infer Call ? (Call extends unknown ? Omit<Call, 'thread' | 'begin' | 'end'> : never) : never;

export const canTrace = (): boolean => spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

const unhex = (text: string): Buffer => Buffer.from(text.replaceAll('\\x', ''), 'hex');
/** The buffers of a writev, joined. */
const joined = (vector: string): string =>
  [...vector.matchAll(/iov_base="([^"]*)"/g)].map(([, part = '']) => unhex(part).toString()).join('');
const descriptor = '\\d+<(?<path>[^>]*)>';
const string = '"(?<text>[^"]*)"';

const text = (groups: Record<string, string | undefined>, name: string): string => unhex(groups[name] ?? '').toString();

/** How each call of interest is written by `strace -yy -xx`. */
const forms: readonly [RegExp, (groups: Record<string, string | undefined>) => Seen][] = [
  [new RegExp(`^write\\(1<.*?>, ${string}`), (g) => ({ kind: 'line', text: text(g, 'text').trimEnd() })],
  [new RegExp(`^write\\(\\d+<(?:TCP|UNIX)[^,]*, ${string}`), (g) => ({ kind: 'answer', text: text(g, 'text') })],
  [/^writev\(\d+<(?:TCP|UNIX)[^,]*, \[(?<vector>.*)\], \d+\)/, (g) => ({ kind: 'answer', text: joined(g.vector ?? '') })],
  [
    new RegExp(`^pwrite64\\(${descriptor}, ${string}, \\d+, (?<offset>\\d+)\\)`),
    (g) => ({ kind: 'write', path: text(g, 'path'), offset: Number(g.offset), bytes: unhex(g.text ?? '') }),
  ],
  [
    new RegExp(`^ftruncate\\(${descriptor}, (?<size>\\d+)\\)`),
    (g) => ({ kind: 'truncate', path: text(g, 'path'), size: Number(g.size) }),
  ],
  [new RegExp(`^fsync\\(${descriptor}\\)`), (g) => ({ kind: 'fsync', path: text(g, 'path') })],
  [new RegExp(`^fdatasync\\(${descriptor}\\)`), (g) => ({ kind: 'fdatasync', path: text(g, 'path') })],
  [new RegExp(`^openat\\([^,]*, ${string}, [A-Z_|]*O_CREAT`), (g) => ({ kind: 'create', path: text(g, 'text') })],
  [new RegExp(`^unlink\\(${string}\\)`), (g) => ({ kind: 'unlink', path: text(g, 'text') })],
];

const traced = 'openat,unlink,pwrite64,write,writev,ftruncate,fsync,fdatasync';
// Calls that would change files in a way the forms do not know.
const unknown = 'pwritev,pwritev2,sync_file_range,rename,renameat2,unlinkat,fallocate,truncate';

/** The command that runs a program with its system calls written to `log`. */
export const traceInto = (log: string): readonly string[] => [
  'strace',
  ...['-f', '-yy', '-xx', '-s', '1000000', '-e', 'signal=none', '-e', `trace=${traced},${unknown}`, '-o', log],
];

/** libuv must not hand calls to the kernel where strace does not see them. */
export const traceable = { UV_USE_IO_URING: '0' };

/** What the traced program did to files, and what it wrote to its standard output and sockets, in the order in which it ended. */
export const readTrace = (log: string, folder: string): readonly SystemCall[] => {
  const hexadecimal = [...Buffer.from(folder)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  const found: SystemCall[] = [];
  const unfinished = new Map<number, { readonly begin: number; readonly head: string }>();
  for (const [position, entry] of readFileSync(log, 'latin1').split('\n').entries()) {
    const [, id, rest = ''] = /^(\d+) +(.*)$/.exec(entry) ?? [];
    const thread = Number(id);
    if (rest.endsWith('<unfinished ...>')) {
      unfinished.set(thread, { begin: position, head: rest.slice(0, -'<unfinished ...>'.length).trimEnd() });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(?<tail>.*)$/.exec(rest);
    const { begin, head } = (resumed && unfinished.get(thread)) ?? { begin: position, head: '' };
    const call = head + (resumed?.groups?.tail ?? rest);
    if (/ = -1 /.test(call)) continue;
    for (const [form, read] of forms) {
      const match = form.exec(call);
      if (match) found.push({ ...read(match.groups ?? {}), thread, begin, end: position });
    }
    if (/^(pwritev|sync_file|rename|unlinkat|fallocate|truncate)/.test(call) && call.includes(hexadecimal)) {
      throw new Error(`not understood: ${call.slice(0, 200)}`);
    }
  }
  return found;
};

/** Runs a program to its end (it may kill itself) and returns what it did. */
export const traceProgram = (log: string, folder: string, program: readonly string[]): readonly SystemCall[] => {
  const [command = '', ...args] = [...traceInto(log), ...program];
  spawnSync(command, args, {
    env: { ...process.env, ...traceable },
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 30,
  });
  return readTrace(log, folder);
};
