import type { SettingsDiffView, SettingsDocumentView, SettingsDraftView } from '@latchkey/contract';
import { CliError } from './errors.ts';
import { safe, when } from './output.ts';
import type { OrganizationSession, Session } from './session.ts';

export type IdentityProviderView = SettingsDocumentView['identityProviders'][number];

/** The settings as they may be sent: what is left out of SCIM is as its preset has it. */
type DocumentInput = Omit<SettingsDocumentView, 'identityProviders'> & { readonly identityProviders: readonly object[] };

/** Changes the draft, if nobody else has changed it in between, and says what is left to do. */
export const editDraft = async (
  session: Session,
  edit: (document: SettingsDocumentView) => DocumentInput,
): Promise<SettingsDraftView> => {
  const { call } = await session.organization();
  const before = await call<SettingsDraftView>('GET', '/settings/draft');
  const { body: draft } = await call<SettingsDraftView>('PUT', '/settings/draft', {
    body: edit(before.body.document),
    ...(before.etag === undefined ? {} : { ifMatch: before.etag }),
  });
  session.output.done(draft, `Saved in the draft (revision ${draft.revision}). Nothing live has changed yet.`);
  if (!session.output.json) {
    printEditors(session, draft.editors);
    printProblems(session, draft.problems);
    session.output.note('Next: latchkey settings diff, then latchkey activate');
  }
  return draft;
};

export const printProblems = (session: Session, problems: SettingsDraftView['problems']): void => {
  const { note, paint } = session.output;
  for (const { severity, message, path } of problems) {
    note(`${paint(severity === 'error' ? 'bad' : 'warn', severity)}: ${message}${path === '' ? '' : ` (${path})`}`);
  }
};

export const printChanges = (session: Session, { changes }: Pick<SettingsDiffView, 'changes'>): void => {
  const { line, paint } = session.output;
  for (const change of changes) {
    const before = change.before === undefined ? '' : safe(JSON.stringify(change.before));
    const after = change.after === undefined ? '' : safe(JSON.stringify(change.after));
    if (change.kind === 'added') line(paint('good', `+ ${safe(change.path)}: ${after}`));
    else if (change.kind === 'removed') line(paint('bad', `- ${safe(change.path)}: ${before}`));
    else line(`${paint('warn', `~ ${safe(change.path)}:`)} ${before} -> ${after}`);
  }
};

/** So that two people do not undo each other's work. */
export const printEditors = (session: Session, editors: SettingsDraftView['editors']): void => {
  for (const { actor, lastSeenAt } of editors) session.output.note(`Also at the draft: ${safe(actor)}, ${when(lastSeenAt)}`);
};

export const findIdp = (document: SettingsDocumentView, id: string): IdentityProviderView => {
  const found = document.identityProviders.find((idp) => idp.id === id);
  if (found !== undefined) return found;
  const ids = document.identityProviders.map((idp) => idp.id);
  throw new CliError(`The draft has no identity provider "${id}".`, {
    hint:
      ids.length === 0 ? 'Add one: latchkey idp add device --domains any --auto-provisioning on' : `It has: ${ids.join(', ')}`,
  });
};

/** What is live; undefined if nothing was ever activated. */
export const readActive = async <Version>({ call }: OrganizationSession): Promise<Version | undefined> => {
  try {
    return (await call<Version>('GET', '/settings/active')).body;
  } catch (error) {
    if (error instanceof CliError && error.code === 'not_activated') return undefined;
    throw error;
  }
};
