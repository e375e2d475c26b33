import { defineTexts } from '../../app/language.tsx';

export const texts = defineTexts(
  {
    title: 'Sessions',
    description: 'The devices that are signed in now. A session ends by itself after the time of the authentication profile.',
    search: 'User, host or serial number',
    emptyTitle: 'Nobody is signed in',
    emptyText: 'Devices show up here while they are signed in.',
    columns: { user: 'User', device: 'Device', since: 'Since', until: 'Until', idp: 'Identity provider', proof: 'Last proof' },
    idps: (idp: string) => (idp === 'device' ? 'Latchkey' : idp),
    nameless: 'without a name',
    end: 'End',
    endOf: (user: string) => `End the session of ${user}`,
    endTitle: (user: string) => `End the session of ${user}?`,
    endManyTitle: (count: number) => `End ${count} sessions?`,
    consequence:
      'No new access token is issued, and the gateway lets nobody in by it any more, within 2 seconds. Whoever only checks the signature of an access token learns of it when that expires, after 5 minutes at most.',
    returns:
      'The device signs in again by itself, within 15 minutes. To keep it out, put the device in quarantine or disable the user.',
    ended: (count: number) => (count === 1 ? 'The session has ended.' : `${count} sessions have ended.`),
  },
  {
    title: 'Sitzungen',
    description:
      'Die Geräte, die jetzt angemeldet sind. Eine Sitzung endet von selbst nach der Zeit im Authentifizierungsprofil.',
    search: 'Benutzer, Host oder Seriennummer',
    emptyTitle: 'Niemand ist angemeldet',
    emptyText: 'Geräte erscheinen hier, solange sie angemeldet sind.',
    columns: {
      user: 'Benutzer',
      device: 'Gerät',
      since: 'Seit',
      until: 'Bis',
      idp: 'Identitätsanbieter',
      proof: 'Letzter Nachweis',
    },
    idps: (idp) => (idp === 'device' ? 'Latchkey' : idp),
    nameless: 'ohne Namen',
    end: 'Beenden',
    endOf: (user) => `Sitzung von ${user} beenden`,
    endTitle: (user) => `Sitzung von ${user} beenden?`,
    endManyTitle: (count) => `${count} Sitzungen beenden?`,
    consequence:
      'Binnen 2 Sekunden wird kein neues Zugriffstoken mehr ausgestellt, und das Gateway lässt damit niemanden mehr ein. Wer nur die Signatur eines Zugriffstokens prüft, erfährt es, wenn dieses abläuft: nach höchstens 5 Minuten.',
    returns:
      'Das Gerät meldet sich binnen 15 Minuten von selbst neu an. Soll es draußen bleiben, nehmen Sie es in Quarantäne oder deaktivieren Sie den Benutzer.',
    ended: (count) => (count === 1 ? 'Die Sitzung ist beendet.' : `${count} Sitzungen sind beendet.`),
  },
);
