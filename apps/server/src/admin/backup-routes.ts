import { createReadStream, statSync } from 'node:fs';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { actOf } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import type { AdminStorage } from './store.ts';

export interface BackupRoutesNeeds {
  readonly storage: AdminStorage;
  /** A sealed backup and what describes it; missing where the database has tools of its own. */
  readonly backUp?:
    | (() => Promise<{ readonly manifest: object; readonly file: string; readonly discard: () => void }>)
    | undefined;
}

/** The backup, over the network: sealed under the master key, which never leaves the server. */
export const backupRoutes =
  (needs: BackupRoutesNeeds): FastifyPluginAsyncZod =>
  async (app) => {
    let running = false;

    app.get(
      '/backup',
      {
        config: { access: 'operator' },
        schema: {
          tags: ['Server'],
          summary: 'Take a backup',
          description:
            'Answers the sealed database (`application/octet-stream`); the header `Latchkey-Backup` is the base64url of its `backup.json`. The master key is not in it, and without that nobody can open it.',
        },
      },
      async (request, reply) => {
        if (needs.backUp === undefined) {
          throw new Problem(
            409,
            'backup_elsewhere',
            'This server keeps its data in PostgreSQL.',
            "Back it up with PostgreSQL's own tools, pg_dump or continuous archiving, and the master key with them.",
          );
        }
        if (running) throw new Problem(409, 'backup_running', 'Another backup is being taken.', 'Try again when it is done.');
        running = true;
        let discard = (): void => {
          running = false;
        };
        try {
          const backup = await needs.backUp();
          discard = () => {
            running = false;
            backup.discard();
          };
          await needs.storage.serverTransaction((store) =>
            store.appendAuditEvent({
              ...actOf(request),
              action: 'server.backed_up',
              outcome: 'success',
              reason: '',
              subject: 'server',
              details: {},
            }),
          );
          const stream = createReadStream(backup.file);
          stream.once('close', discard); // Also when the caller has gone away.
          return reply
            .type('application/octet-stream')
            .header('Content-Length', statSync(backup.file).size)
            .header('Latchkey-Backup', Buffer.from(JSON.stringify(backup.manifest), 'utf8').toString('base64url'))
            .send(stream);
        } catch (error) {
          discard();
          throw error;
        }
      },
    );
  };
