import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { SystemCall } from './system-calls.ts';

type Change = Extract<SystemCall, { kind: 'write' | 'truncate' }>;

/**
 * Says for a sector that was written but not synced whether it reached the disk: the number of the write among those not synced (the
 * oldest is 0), and which sector.
 */
export type Fate = (write: number, sector: number) => boolean;

interface File {
  readonly path: string;
  readonly changes: Change[];
  /** Where the last sync that was over before the power was lost had begun. */
  synced: number;
}

// The unit that a disk writes whole.
const sector = 512;

const endOf = (change: Change): number => (change.kind === 'write' ? change.offset + change.bytes.length : change.size);

/** The content of a file after its changes, as far as they reached the disk. */
const replay = ({ changes, synced }: File, fate: Fate): Buffer => {
  const content = Buffer.alloc(changes.reduce((size, change) => Math.max(size, endOf(change)), 0));
  let size = 0;
  let unsynced = -1;
  for (const change of changes) {
    const durable = change.end < synced;
    if (!durable) unsynced += 1;
    if (change.kind === 'truncate') {
      if (!durable && !fate(unsynced, 0)) continue;
      content.fill(0, change.size);
      size = change.size;
      continue;
    }
    for (let from = 0; from < change.bytes.length; ) {
      const at = change.offset + from;
      const to = Math.min(change.bytes.length, from + sector - (at % sector));
      if (durable || fate(unsynced, Math.floor(at / sector))) {
        change.bytes.copy(content, at, from, to);
        size = Math.max(size, change.offset + to);
      }
      from = to;
    }
  }
  return content.subarray(0, size);
};

/**
 * Makes the files as a disk may hold them when the power is lost at `cut`: what a completed sync covers is there; of the rest, what
 * `fate` says. A file is there for sure (or gone) only after a sync of the folder, even when the file itself was synced.
 */
export const losePower = (calls: readonly SystemCall[], cut: number, folder: string, target: string, fate: Fate): void => {
  const present = new Map<string, File>();
  /** Creations and removals in order, with what the folder held after each. */
  const histories: { readonly end: number; readonly files: readonly File[] }[] = [];
  let folderSynced = -1;
  for (const call of calls) {
    if (call.begin > cut || call.kind === 'line' || call.kind === 'answer') continue;
    if ((call.kind === 'fsync' || call.kind === 'fdatasync') && call.path === folder && call.end <= cut) {
      folderSynced = Math.max(folderSynced, call.begin);
    }
    if (!call.path.startsWith(`${folder}/`)) continue;
    if (call.kind === 'create' && !present.has(call.path)) {
      present.set(call.path, { path: call.path, changes: [], synced: -1 });
      histories.push({ end: call.end, files: [...present.values()] });
    } else if (call.kind === 'unlink') {
      present.delete(call.path);
      histories.push({ end: call.end, files: [...present.values()] });
    } else if (call.kind === 'write' || call.kind === 'truncate') {
      present.get(call.path)?.changes.push(call);
    } else if ((call.kind === 'fsync' || call.kind === 'fdatasync') && call.end <= cut) {
      const file = present.get(call.path);
      if (file) file.synced = Math.max(file.synced, call.begin);
    }
  }
  // The folder changes in order: any state since its last sync may be the one on disk.
  let files: readonly File[] = [];
  for (const [index, history] of histories.entries()) {
    if (history.end >= folderSynced && !fate(index, -1)) break;
    files = history.files;
  }
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  for (const file of files) {
    if (file.path.endsWith('-shm') || file.path.endsWith('.lock')) continue; // Made anew at the next start.
    writeFileSync(join(target, basename(file.path)), replay(file, fate));
  }
};
