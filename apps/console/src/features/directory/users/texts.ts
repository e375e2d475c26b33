import { defineTexts } from '../../../app/language.tsx';

export const texts = defineTexts(
  {
    title: 'Users',
    description: 'Everybody who can be signed in. What you do here is live at once; it needs no activation.',
    emptyTitle: 'Nobody is here yet',
    emptyText:
      'Create users, import them from a CSV file, or let an identity provider make them at the first sign-in (auto-provisioning).',
    create: 'Create user',
    import: 'Import CSV',
    export: 'Export CSV',
    search: 'User name or display name',
    anyState: 'Every state',
    anySource: 'Every source',
    anyDepartment: 'Every department',
    anyGroup: 'Every group',
    columns: {
      userName: 'User',
      displayName: 'Display name',
      department: 'Department',
      state: 'State',
      source: 'Source',
      updated: 'Changed',
      group: 'Group',
    },
    states: { active: 'Active', disabled: 'Disabled', deleted: 'Deleted' },
    disabledBy: (source: string) => `Disabled by: ${source}`,
    fields: {
      userName: 'User name',
      userNameHint: (domains: string) => `What the user signs in with; ends in @${domains}.`,
      or: ' or @',
      userNameHintNone: 'What the user signs in with; ends in a domain that the organization has proved.',
      displayName: 'Display name',
      email: 'E-mail address',
      emailHint: 'The user name need not be a mailbox.',
      department: 'Department',
      departmentHint: 'One, or none.',
      groups: 'Groups',
      comments: 'Comments',
    },
    adoptField: (owner: string) => `${owner} decides on this. Take the user over to change it here.`,
    acts: { enable: 'Enable', disable: 'Disable', delete: 'Delete', join: 'Add to group' },
    titles: {
      enable: (what: string) => `Enable ${what}?`,
      disable: (what: string) => `Disable ${what}?`,
      delete: (what: string) => `Delete ${what}?`,
      join: (what: string) => `Add ${what} to a group`,
    },
    consequences: {
      enable: 'They can be signed in again, at once.',
      disable:
        'Nobody of them can be signed in, and all their sessions end at once. They stay here with everything, and can be enabled again.',
      delete:
        'Sessions end at once, groups are left, and user names are free for somebody new. Who is deleted does not come back, not even at a sign-in.',
      join: 'Who is in it already stays in it.',
    },
    usersCount: (count: number) => (count === 1 ? '1 user' : `${count} users`),
    devicesHit: (count: number) =>
      count === 0
        ? 'No device is bound to them.'
        : count === 1
          ? '1 device is bound to them; it signs nobody in any more.'
          : `${count} devices are bound to them; they sign nobody in any more.`,
    signedInHit: (count: number) => (count === 1 ? '1 of them is signed in now.' : `${count} of them are signed in now.`),
    leftOut: (count: number) =>
      count === 1
        ? '1 of those selected is left out: it is so already, or owned elsewhere.'
        : `${count} of those selected are left out: they are so already, or owned elsewhere.`,
    running: (ended: number, all: number) => `${ended} of ${all}`,
    stop: 'Stop',
    results: {
      enable: (count: string) => `${count} enabled.`,
      disable: (count: string) => `${count} disabled.`,
      delete: (count: string) => `${count} deleted.`,
      join: (count: string) => `${count} added to the group.`,
    },
    failed: (count: number) => (count === 1 ? '1 could not be done:' : `${count} could not be done:`),
    stopped: (count: number) => `${count} were left as they are.`,
    close: 'Close',
    createdDone: (name: string) => `${name} is created.`,
    disabledDone: (name: string) => `${name} is disabled.`,
    enabledDone: (name: string) => `${name} is enabled.`,
    deletedDone: (name: string) => `${name} is deleted.`,
    ownerText: (fields: string) =>
      `It alone decides on ${fields}: change them there. Comments and groups are yours, and anybody can be disabled here.`,
    jitText: (fields: string) =>
      `It decides on ${fields}; the rest is yours. Taken over, all of it is: the identity provider then changes nothing more.`,
    adopt: 'Take over',
    adopted: 'The user is yours now.',
    groupsTitle: 'Groups',
    noGroups: 'In no group.',
    addGroup: 'Add to a group',
    leaveGroup: (name: string) => `Take out of ${name}`,
    leftGroup: (name: string) => `Taken out of ${name}.`,
    joinedGroup: (name: string) => `Added to ${name}.`,
    devicesTitle: 'Devices',
    noDevices: 'No device has enrolled for this user.',
    allDevices: (count: number) => (count === 1 ? 'Show in the list of devices' : `All ${count} in the list of devices`),
    lastSeen: 'Last seen',
    signIns: 'Sign-ins',
    history: 'What was done to this user',
  },
  {
    title: 'Benutzer',
    description: 'Alle, die angemeldet werden können. Was Sie hier tun, gilt sofort; es braucht keine Aktivierung.',
    emptyTitle: 'Noch ist niemand hier',
    emptyText:
      'Legen Sie Benutzer an, importieren Sie sie aus einer CSV-Datei, oder lassen Sie sie von einem Identitätsanbieter bei der ersten Anmeldung anlegen (automatische Bereitstellung).',
    create: 'Benutzer anlegen',
    import: 'CSV importieren',
    export: 'CSV exportieren',
    search: 'Benutzername oder Anzeigename',
    anyState: 'Jeder Zustand',
    anySource: 'Jede Quelle',
    anyDepartment: 'Jede Abteilung',
    anyGroup: 'Jede Gruppe',
    columns: {
      userName: 'Benutzer',
      displayName: 'Anzeigename',
      department: 'Abteilung',
      state: 'Zustand',
      source: 'Quelle',
      updated: 'Geändert',
      group: 'Gruppe',
    },
    states: { active: 'Aktiv', disabled: 'Gesperrt', deleted: 'Gelöscht' },
    disabledBy: (source) => `Gesperrt durch: ${source}`,
    fields: {
      userName: 'Benutzername',
      userNameHint: (domains) => `Damit wird der Benutzer angemeldet; endet auf @${domains}.`,
      or: ' oder @',
      userNameHintNone: 'Damit wird der Benutzer angemeldet; endet auf eine Domain, die die Organisation bewiesen hat.',
      displayName: 'Anzeigename',
      email: 'E-Mail-Adresse',
      emailHint: 'Der Benutzername muss kein Postfach sein.',
      department: 'Abteilung',
      departmentHint: 'Eine oder keine.',
      groups: 'Gruppen',
      comments: 'Kommentar',
    },
    adoptField: (owner) => `Darüber entscheidet ${owner}. Übernehmen Sie den Benutzer, um es hier zu ändern.`,
    acts: { enable: 'Entsperren', disable: 'Sperren', delete: 'Löschen', join: 'In Gruppe aufnehmen' },
    titles: {
      enable: (what) => `${what} entsperren?`,
      disable: (what) => `${what} sperren?`,
      delete: (what) => `${what} löschen?`,
      join: (what) => `${what} in eine Gruppe aufnehmen`,
    },
    consequences: {
      enable: 'Die Anmeldung ist sofort wieder möglich.',
      disable:
        'Eine Anmeldung ist nicht mehr möglich, und alle Sitzungen enden sofort. Alles bleibt hier erhalten und lässt sich wieder entsperren.',
      delete:
        'Sitzungen und Mitgliedschaften enden sofort, und Benutzernamen werden für andere frei. Wer gelöscht ist, kommt nicht zurück, auch nicht durch eine Anmeldung.',
      join: 'Wer schon darin ist, bleibt es.',
    },
    usersCount: (count) => `${count} Benutzer`,
    devicesHit: (count) =>
      count === 0
        ? 'Kein Gerät ist daran gebunden.'
        : count === 1
          ? '1 Gerät ist daran gebunden; es meldet niemanden mehr an.'
          : `${count} Geräte sind daran gebunden; sie melden niemanden mehr an.`,
    signedInHit: (count) => (count === 1 ? '1 davon ist jetzt angemeldet.' : `${count} davon sind jetzt angemeldet.`),
    leftOut: (count) =>
      count === 1
        ? '1 der Ausgewählten bleibt, wie er ist: Es ist schon so, oder er gehört jemand anderem.'
        : `${count} der Ausgewählten bleiben, wie sie sind: Es ist schon so, oder sie gehören jemand anderem.`,
    running: (ended, all) => `${ended} von ${all}`,
    stop: 'Anhalten',
    results: {
      enable: (count) => `${count} entsperrt.`,
      disable: (count) => `${count} gesperrt.`,
      delete: (count) => `${count} gelöscht.`,
      join: (count) => `${count} in die Gruppe aufgenommen.`,
    },
    failed: (count) => (count === 1 ? 'Bei 1 ging es nicht:' : `Bei ${count} ging es nicht:`),
    stopped: (count) => `${count} blieben, wie sie waren.`,
    close: 'Schließen',
    createdDone: (name) => `${name} ist angelegt.`,
    disabledDone: (name) => `${name} ist gesperrt.`,
    enabledDone: (name) => `${name} ist entsperrt.`,
    deletedDone: (name) => `${name} ist gelöscht.`,
    ownerText: (fields) =>
      `Darüber wird allein dort entschieden: ${fields}. Ändern Sie es dort. Kommentar und Gruppen bestimmen Sie, und sperren lässt sich hier jeder.`,
    jitText: (fields) =>
      `Dort wird entschieden über: ${fields}; das Übrige bestimmen Sie. Nach der Übernahme alles: Der Identitätsanbieter ändert dann nichts mehr.`,
    adopt: 'Übernehmen',
    adopted: 'Der Benutzer gehört jetzt Ihnen.',
    groupsTitle: 'Gruppen',
    noGroups: 'In keiner Gruppe.',
    addGroup: 'In eine Gruppe aufnehmen',
    leaveGroup: (name) => `Aus ${name} nehmen`,
    leftGroup: (name) => `Aus ${name} genommen.`,
    joinedGroup: (name) => `In ${name} aufgenommen.`,
    devicesTitle: 'Geräte',
    noDevices: 'Für diesen Benutzer hat sich kein Gerät registriert.',
    allDevices: (count) => (count === 1 ? 'In der Geräteliste zeigen' : `Alle ${count} in der Geräteliste`),
    lastSeen: 'Zuletzt gesehen',
    signIns: 'Anmeldungen',
    history: 'Was mit diesem Benutzer geschah',
  },
);
