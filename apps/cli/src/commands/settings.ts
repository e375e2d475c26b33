import type {
  SettingsDiffView,
  SettingsDocumentView,
  SettingsDraftView,
  SettingsValidationView,
  SettingsVersionView,
} from '@latchkey/contract';
import type { Command } from 'commander';
import { editDraft, printChanges, printEditors, printProblems, readActive } from '../draft.ts';
import { readDuration } from '../duration.ts';
import { CliError, usage } from '../errors.ts';
import { safe, when } from '../output.ts';
import { listAll, type Session } from '../session.ts';
import { addSettingsFile, diffFile } from './settings-file.ts';
import { act, limitOption, names, wholeNumber } from './shared.ts';

const printDocument = (session: Session, document: SettingsDocumentView): void => {
  for (const idp of document.identityProviders) {
    session.output.line(
      `${idp.id} (${idp.kind}, ${safe(idp.name)}): ${idp.status}, domains ${
        idp.domains === 'any' ? 'any' : safe(idp.domains.join(', ')) || 'none'
      }, auto-provisioning ${idp.autoProvisioning ? 'on' : 'off'}`,
    );
  }
  const profile = document.authenticationProfile;
  session.output.line(
    `authentication: ${profile.authenticationType}, users ${profile.userRepositoryType}, browsers ${
      profile.authenticationFrequencyDays === null
        ? profile.authenticationFrequency
        : `every ${profile.authenticationFrequencyDays} days`
    }, device sessions ${profile.deviceSessionSeconds / 3600} h at most`,
  );
  session.output.line(`agents also tell: ${profile.collectedParameters.join(', ') || 'nothing more than they must'}`);
  session.output.line(`default identity provider: ${document.defaultIdp ?? 'none'}`);
};

interface ProfileOptions {
  readonly userRepository?: string;
  readonly frequency?: string;
  readonly deviceSession?: string;
  readonly collect?: string;
}

type Profile = SettingsDocumentView['authenticationProfile'];

const oneOf = <Word extends string>(text: string, words: readonly Word[], what: string): Word => {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw usage(`"${text}" is no ${what}.`, `Write one of: ${words.join(', ')}.`);
};

/** `all`, `none`, or names with commas between. */
const collectable: Profile['collectedParameters'] = ['loginName', 'hostName', 'serial', 'externalDeviceId'];
const collectedOf = (text: string): Profile['collectedParameters'] => {
  if (text === 'all') return collectable;
  return text === 'none' ? [] : names(text).map((name) => oneOf(name, collectable, 'parameter that may be left out'));
};

const frequencyOf = (text: string): Pick<Profile, 'authenticationFrequency' | 'authenticationFrequencyDays'> =>
  /^\d{1,4}$/.test(text)
    ? { authenticationFrequency: 'custom', authenticationFrequencyDays: Number(text) }
    : {
        authenticationFrequency: oneOf(text, ['daily', 'only_once', 'session'], 'frequency'),
        authenticationFrequencyDays: null,
      };

const profileOf = ({ userRepository, frequency, deviceSession, collect }: ProfileOptions): Partial<Profile> => ({
  ...(userRepository === undefined
    ? {}
    : { userRepositoryType: oneOf(userRepository, ['hosted', 'directory'], 'user repository') }),
  ...(frequency === undefined ? {} : frequencyOf(frequency)),
  ...(deviceSession === undefined ? {} : { deviceSessionSeconds: readDuration(deviceSession) }),
  ...(collect === undefined ? {} : { collectedParameters: collectedOf(collect) }),
});

export const addSettings = (program: Command): void => {
  const settings = program
    .command('settings')
    .summary('authentication settings: draft, live, history')
    .description(
      'The authentication settings are edited in a draft and go live by "latchkey activate". Each activation makes a version that stays.',
    );

  act<{ draft?: boolean; version?: number }>(
    settings
      .command('show')
      .summary('show what is live')
      .option('--draft', 'show the draft instead')
      .option('--version <n>', 'show an earlier version instead', wholeNumber),
    async (session, options) => {
      const organization = await session.organization();
      if (options.draft === true) {
        const { body } = await organization.call<SettingsDraftView>('GET', '/settings/draft');
        if (session.output.json) return session.output.done(body, '');
        session.output.line(
          `Draft, revision ${body.revision}${body.updatedAt === null ? '' : `, saved ${when(body.updatedAt)} by ${body.updatedBy}`}`,
        );
        printDocument(session, body.document);
        printEditors(session, body.editors);
        return printProblems(session, body.problems);
      }
      const version =
        options.version === undefined
          ? await readActive<SettingsVersionView>(organization)
          : (await organization.call<SettingsVersionView>('GET', `/settings/versions/${options.version}`)).body;
      if (version === undefined) {
        throw new CliError('Nothing is live yet.', {
          code: 'not_activated',
          hint: 'Look at the draft: latchkey settings show --draft. Then: latchkey activate',
        });
      }
      if (session.output.json) return session.output.done(version, '');
      session.output.line(
        `Version ${version.version}, activated ${when(version.activatedAt)} by ${version.activatedBy}${version.comment === '' ? '' : `: ${safe(version.comment)}`}`,
      );
      printDocument(session, version.document);
    },
  );

  act(
    settings
      .command('validate')
      .summary('list every problem of the draft')
      .description('Lists every problem of the draft. Ends with 1 if it could not be activated.'),
    async (session) => {
      const { call } = await session.organization();
      const { body } = await call<SettingsValidationView>('POST', '/settings/validate');
      if (session.output.json) session.output.done(body, '');
      else {
        printProblems(session, body.problems);
        session.output.line(body.valid ? 'The draft can be activated.' : 'The draft cannot be activated as it is.');
      }
      if (!body.valid) process.exitCode = 1;
    },
  );

  addSettingsFile(settings);

  act<ProfileOptions>(
    settings
      .command('set')
      .summary('change the authentication profile in the draft')
      .option('--user-repository <where>', 'where users live: hosted, or directory')
      .option('--frequency <how>', 'how often a browser authenticates again: daily, only_once, session, or days such as 30')
      .option('--device-session <duration>', 'how long the session of a device lasts at most, such as 12h; 24h at most')
      .option('--collect <what>', 'what agents also tell: all, none, or of loginName, hostName, serial, externalDeviceId'),
    async (session, options) => {
      if (Object.keys(options).length === 0) throw usage('What should change?', 'See the options: latchkey settings set --help');
      const changed = profileOf(options);
      await editDraft(session, (document) => ({
        ...document,
        authenticationProfile: { ...document.authenticationProfile, ...changed },
      }));
    },
  );

  act<{ file?: string }>(
    settings
      .command('diff')
      .summary('show what activation would change')
      .description(
        'Shows what activating the draft would change. With -f, how a file differs from what is live; ends with 4 if it does.',
      )
      .option('-f, --file <file>', 'compare this file, YAML or JSON, with what is live; "-" is standard input'),
    async (session, options) => {
      if (options.file !== undefined) return diffFile(session, options.file);
      const { call } = await session.organization();
      const { body } = await call<SettingsDiffView>('GET', '/settings/diff');
      if (session.output.json) return session.output.done(body, '');
      printChanges(session, body);
      session.output.note(
        body.changes.length === 0
          ? body.activeVersion === null
            ? 'Nothing was drafted yet.'
            : `The draft is what is live (version ${body.activeVersion}).`
          : `Draft revision ${body.revision} against ${body.activeVersion === null ? 'nothing: no settings are live yet' : `version ${body.activeVersion}`}. Next: latchkey activate`,
      );
    },
  );

  act<{ limit: number }>(
    settings.command('history').summary('list what was live, newest first').addOption(limitOption()),
    async (session, options) => {
      const { call } = await session.organization();
      session.output.list(
        await listAll<Omit<SettingsVersionView, 'document'>>(session, call, '/settings/versions', {}, options.limit),
        [
          { name: 'VERSION', value: ({ version }) => String(version) },
          { name: 'ACTIVATED', value: ({ activatedAt }) => when(activatedAt) },
          { name: 'BY', value: ({ activatedBy }) => activatedBy },
          { name: 'COMMENT', value: ({ comment }) => comment },
        ],
        'Nothing was activated yet.',
      );
    },
  );

  act<{ comment?: string }>(
    settings
      .command('rollback')
      .argument('<version>', 'such as 3', wholeNumber)
      .summary('make an earlier version live again')
      .description('Activates an earlier version again, as the next one. The draft stays as it is.')
      .option('--comment <text>', 'why, for the history'),
    async (session, options, [version]) => {
      const { call } = await session.organization();
      const { body } = await call<SettingsVersionView>('POST', `/settings/versions/${version}/activate`, {
        body: { comment: options.comment ?? '' },
      });
      session.output.done(body, `Version ${body.version} is live: what version ${version} was.`);
    },
  );

  act<{ comment?: string; revision?: number }>(
    program
      .command('activate')
      .summary('make the drafted settings live')
      .description('Shows what changes, then makes exactly that live. If somebody changes the draft in between, nothing happens.')
      .option('--comment <text>', 'why, for the history')
      .option('--revision <n>', 'only this revision of the draft, as "settings diff" has shown it', wholeNumber),
    async (session, options) => {
      const { call } = await session.organization();
      const { body: difference, etag } = await call<SettingsDiffView>('GET', '/settings/diff');
      if (!session.output.json) printChanges(session, difference);
      const { body } = await call<SettingsVersionView>('POST', '/settings/activate', {
        body: { comment: options.comment ?? '' },
        ifMatch: options.revision === undefined ? (etag ?? `"${difference.revision}"`) : `"${options.revision}"`,
      });
      session.output.done(
        body,
        body.version === difference.activeVersion
          ? `Nothing to do: version ${body.version} is what was drafted.`
          : `Version ${body.version} is live.`,
      );
    },
  );
};
