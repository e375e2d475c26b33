import {
  activationSchema,
  newSettingsDocumentSchema,
  pageQuerySchema,
  type SettingsDraftView,
  type SettingsVersionView,
  settingsDiffSchema,
  settingsDraftSchema,
  settingsPlanSchema,
  settingsValidationSchema,
  settingsVersionPageSchema,
  settingsVersionSchema,
} from '@latchkey/contract';
import { diff, emptySettings, readSettings, type SettingsDocument, validate } from '@latchkey/settings';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actOf, callerOf } from '../http/caller.ts';
import { etag, ifMatch } from '../http/etag.ts';
import { pageOf } from '../http/page.ts';
import { Problem } from '../http/problem.ts';
import { activateDraft, activateVersion } from './activate-settings.ts';
import { noteEditor } from './editors.ts';
import { planSettings } from './plan-settings.ts';
import { readDraft } from './read-draft.ts';
import { saveDraft } from './save-draft.ts';
import type { Draft, Editor, SettingsPort, Version } from './store.ts';

type DocumentView = SettingsVersionView['document'];

// A document came in by the schema of the contract, so it goes out by it; only its arrays are declared read-only in the core.
const documentView = (document: SettingsDocument): DocumentView => structuredClone(document) as DocumentView;

const versionView = (version: Version): SettingsVersionView => ({
  version: version.version,
  activatedAt: new Date(version.activatedAt).toISOString(),
  activatedBy: version.activatedBy,
  comment: version.comment,
  document: documentView(version.document),
});

const draftView = async (store: SettingsPort, draft: Draft, editors: readonly Editor[]): Promise<SettingsDraftView> => ({
  document: documentView(draft.document),
  revision: draft.revision,
  updatedAt: draft.revision === 0 ? null : new Date(draft.updatedAt).toISOString(),
  updatedBy: draft.revision === 0 ? null : draft.updatedBy,
  editors: editors.map(({ actor, seenAt }) => ({ actor, lastSeenAt: new Date(seenAt).toISOString() })),
  problems: [...validate(draft.document, { provedDomains: await store.listProvedDomains() })],
});

const params = z.object({ organization: z.string() });
const versionParams = params.extend({ version: z.coerce.number().int().min(1) });

/** The authentication settings: draft, validation, difference, activation, versions. */
export const settingsRoutes =
  (needs: Parameters<typeof activateDraft>[0]): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['Settings'];
    const config = { access: 'organization' } as const;
    const storeOf = (organizationId: string): SettingsPort => needs.storage.organization(organizationId).read;

    app.get(
      '/organizations/:organization/settings/draft',
      { config, schema: { tags, summary: 'Show the draft', params, response: { 200: settingsDraftSchema } } },
      async (request, reply) => {
        const { organization: organizationId } = request.params;
        const editors = await noteEditor(needs, {
          organizationId,
          actor: actOf(request).actor,
          onlyLooks: callerOf(request).kind === 'operator',
        });
        const store = storeOf(organizationId);
        const draft = await readDraft(store);
        reply.header('ETag', etag(draft.revision));
        return draftView(store, draft, editors);
      },
    );

    app.put(
      '/organizations/:organization/settings/draft',
      {
        config,
        schema: {
          tags,
          summary: 'Save the draft',
          description:
            'Nothing that is live changes. With `If-Match`, only if the draft is still the one you have seen (else 412).',
          params,
          body: newSettingsDocumentSchema,
          response: { 200: settingsDraftSchema },
        },
      },
      async (request, reply) => {
        const { organization: organizationId } = request.params;
        const act = actOf(request);
        const draft = await saveDraft(needs, act, { organizationId, settings: request.body, ifRevision: ifMatch(request) });
        const editors = await noteEditor(needs, { organizationId, actor: act.actor, onlyLooks: false });
        reply.header('ETag', etag(draft.revision));
        return draftView(storeOf(organizationId), draft, editors);
      },
    );

    app.post(
      '/organizations/:organization/settings/validate',
      {
        config,
        schema: {
          tags,
          summary: 'List every problem of the draft, or of the document in the body',
          params,
          body: newSettingsDocumentSchema.nullish(),
          response: { 200: settingsValidationSchema },
        },
      },
      async (request) => {
        const store = storeOf(request.params.organization);
        const document = request.body ? readSettings(request.body) : (await readDraft(store)).document;
        const problems = validate(document, { provedDomains: await store.listProvedDomains() });
        return { valid: !problems.some(({ severity }) => severity === 'error'), problems: [...problems] };
      },
    );

    app.get(
      '/organizations/:organization/settings/diff',
      { config, schema: { tags, summary: 'What the draft would change', params, response: { 200: settingsDiffSchema } } },
      async (request, reply) => {
        const store = storeOf(request.params.organization);
        const draft = await readDraft(store);
        const active = await store.findActiveVersion();
        reply.header('ETag', etag(draft.revision));
        // Before the first save there is nothing that would be activated.
        const changes = draft.revision === 0 ? [] : diff(active?.document ?? emptySettings, draft.document);
        return { activeVersion: active?.version ?? null, revision: draft.revision, changes: [...changes] };
      },
    );

    app.post(
      '/organizations/:organization/settings/plan',
      {
        config,
        schema: {
          tags,
          summary: 'What a document would change, and whether it could be activated; nothing is saved',
          params,
          body: newSettingsDocumentSchema,
          response: { 200: settingsPlanSchema },
        },
      },
      async (request, reply) => {
        const plan = await planSettings(storeOf(request.params.organization), request.body);
        reply.header('ETag', etag(plan.revision));
        return plan;
      },
    );

    app.post(
      '/organizations/:organization/settings/activate',
      {
        config,
        schema: {
          tags,
          summary: 'Make the draft live',
          description: 'Needs `If-Match` with the ETag of the draft that was reviewed: exactly that goes live.',
          params,
          body: activationSchema.nullish(),
          response: { 200: settingsVersionSchema },
        },
      },
      async (request) => {
        const revision = ifMatch(request);
        if (revision === undefined) {
          throw new Problem(
            428,
            'if_match_required',
            'Say which draft you have reviewed.',
            'Send its ETag in the header If-Match, so that nothing else goes live.',
          );
        }
        const { organization: organizationId } = request.params;
        const comment = request.body?.comment ?? '';
        return versionView(await activateDraft(needs, actOf(request), { organizationId, revision, comment }));
      },
    );

    app.get(
      '/organizations/:organization/settings/active',
      { config, schema: { tags, summary: 'Show what is live', params, response: { 200: settingsVersionSchema } } },
      async (request) => {
        const active = await storeOf(request.params.organization).findActiveVersion();
        if (active === undefined) {
          throw new Problem(404, 'not_activated', 'No settings were activated yet.', 'Activate the draft: latchkey activate');
        }
        return versionView(active);
      },
    );

    app.get(
      '/organizations/:organization/settings/versions',
      {
        config,
        schema: {
          tags,
          summary: 'List what was live, newest first',
          params,
          querystring: pageQuerySchema,
          response: { 200: settingsVersionPageSchema },
        },
      },
      async (request) => {
        const before = request.query.cursor === undefined ? undefined : Number(request.query.cursor);
        if (before !== undefined && !Number.isSafeInteger(before)) {
          throw new Problem(400, 'cursor_invalid', 'The cursor is not one of this list.');
        }
        return pageOf(
          request.query,
          async ({ limit }) => {
            const versions = await storeOf(request.params.organization).listVersions({
              limit,
              ...(before === undefined ? {} : { before }),
            });
            return versions.map((version) => ({ id: String(version.version), version }));
          },
          ({ version }) => {
            const { document: _, ...summary } = versionView(version);
            return summary;
          },
        );
      },
    );

    app.get(
      '/organizations/:organization/settings/versions/:version',
      { config, schema: { tags, summary: 'Show a version', params: versionParams, response: { 200: settingsVersionSchema } } },
      async (request) => {
        const version = await storeOf(request.params.organization).findVersion(request.params.version);
        if (version === undefined) throw new Problem(404, 'version_unknown', 'There is no such version of the settings.');
        return versionView(version);
      },
    );

    app.post(
      '/organizations/:organization/settings/versions/:version/activate',
      {
        config,
        schema: {
          tags,
          summary: 'Make an older version live again, as the next one',
          params: versionParams,
          body: activationSchema.nullish(),
          response: { 200: settingsVersionSchema },
        },
      },
      async (request) => {
        const { organization: organizationId, version } = request.params;
        const comment = request.body?.comment ?? '';
        return versionView(await activateVersion(needs, actOf(request), { organizationId, version, comment }));
      },
    );
  };
