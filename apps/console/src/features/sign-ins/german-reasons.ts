const update =
  'Aktualisieren Sie den Agenten. Geschieht es wieder, prüfen Sie, was zwischen Gerät und Server steht: Es verändert Nachrichten.';
const repeated =
  'Nichts, wenn es einmal geschieht: Der Agent versucht es erneut. Oft und von einem Gerät: Nehmen Sie es in Quarantäne und prüfen Sie es.';
const wrongServer =
  'Prüfen Sie den Cloud-Namen, den das MDM dem Agenten gibt: Es muss der Name sein, unter dem dieser Server erreichbar ist.';
const itself = 'Nichts: Der Agent meldet sich von selbst neu an.';
const look = 'Prüfen Sie die Zeile im Log mit dieser Kennung: Sie sagt, welche Prüfung gescheitert ist.';

/** What core/device says of each code (errors.ts, remedies.ts), in German: what it means, and what an administrator does. */
export const germanReasons: Readonly<Record<string, readonly [sentence: string, remedy: string]>> = {
  token_malformed: [
    'Das Geräte-Token ist falsch geschrieben.',
    'Kopieren Sie das Token von dort, wo Sie es gesichert haben, noch einmal ins MDM, oder tauschen Sie es aus.',
  ],
  token_unknown: [
    'Dieses Geräte-Token ist hier nicht bekannt.',
    'Prüfen Sie, ob das MDM ein Token dieser Organisation und den Cloud-Namen dieses Servers verteilt.',
  ],
  token_revoked: ['Dieses Geräte-Token ist widerrufen.', 'Legen Sie ein neues Geräte-Token an und verteilen Sie es mit dem MDM.'],
  token_expired: [
    'Dieses Geräte-Token ist abgelaufen.',
    'Legen Sie ein neues Geräte-Token an, oder tauschen Sie es künftig vor seinem Ende aus, und verteilen Sie es mit dem MDM.',
  ],
  token_spent: [
    'Dieses Geräte-Token hat so viele Geräte registriert, wie es darf.',
    'Legen Sie ein Geräte-Token mit mehr Registrierungen an und verteilen Sie es mit dem MDM.',
  ],
  token_domain: [
    'Dieses Geräte-Token gilt nicht für diese Benutzerdomain.',
    'Nehmen Sie ein Geräte-Token für diese Domain, oder prüfen Sie die Benutzerdomain, die das MDM dem Agenten gibt.',
  ],
  token_platform: [
    'Dieses Geräte-Token gilt nicht für dieses Betriebssystem.',
    'Nehmen Sie ein Geräte-Token für dieses Betriebssystem.',
  ],
  token_network: [
    'Dieses Geräte-Token gilt nicht in diesem Netz.',
    'Nehmen Sie ein Geräte-Token für dieses Netz, oder prüfen Sie, von welcher Adresse das Gerät kommt.',
  ],
  user_name_invalid: [
    'Der Benutzername muss die Form name@domain haben.',
    'Prüfen Sie Benutzername und Benutzerdomain, die das MDM dem Agenten gibt.',
  ],
  domain_not_proved: [
    'Die Benutzerdomain gehört nicht zu dieser Organisation.',
    'Beanspruchen Sie die Domain unter Domains und weisen Sie sie nach, oder prüfen Sie die Benutzerdomain im MDM.',
  ],
  organization_suspended: [
    'Diese Organisation ist ausgesetzt.',
    'Ein Operator des Servers hat diese Organisation ausgesetzt: Fragen Sie dort.',
  ],
  idp_disabled: [
    'Die stille Anmeldung ist für diese Domain ausgeschaltet.',
    'Schalten Sie den Identitätsanbieter ein, der diese Domain hat, und aktivieren Sie die Änderung.',
  ],
  not_activated: [
    'Die Authentifizierungseinstellungen dieser Organisation sind noch nicht aktiviert.',
    'Fügen Sie Latchkey als Identitätsanbieter für diese Domain hinzu und aktivieren Sie die Änderung.',
  ],
  external_idp: [
    'Die Benutzer dieser Domain melden sich anderswo an.',
    'Nichts, wenn das so gewollt ist. Sonst geben Sie die Domain unter Identitätsanbieter an Latchkey und aktivieren die Änderung.',
  ],
  user_unknown: [
    'Für diesen Benutzer gibt es kein Konto.',
    'Legen Sie den Benutzer an, oder schalten Sie beim Identitätsanbieter die automatische Bereitstellung ein und aktivieren Sie die Änderung.',
  ],
  user_disabled: ['Das Konto dieses Benutzers ist deaktiviert.', 'Aktivieren Sie den Benutzer, wenn er sich anmelden darf.'],
  user_change: [
    'Dieses Gerät ist an einen anderen Benutzer gebunden.',
    'Entfernen Sie das Gerät und lassen Sie es von dem neu registrieren, der es jetzt benutzt.',
  ],
  device_unknown: [
    'Dieses Gerät ist hier nicht registriert.',
    'Lassen Sie das Gerät neu registrieren; nach einer Wiederherstellung aus der Sicherung ist das zu erwarten.',
  ],
  device_pending: ['Ein Administrator muss dieses Gerät erst freigeben.', 'Geben Sie das Gerät frei oder lehnen Sie es ab.'],
  device_denied: [
    'Ein Administrator hat dieses Gerät abgelehnt.',
    'Nichts, wenn das so gewollt ist. Sonst entfernen Sie das Gerät und lassen es neu registrieren.',
  ],
  device_removed: [
    'Dieses Gerät wurde entfernt.',
    'Nichts, wenn das so gewollt ist. Sonst lassen Sie es neu registrieren und geben seine Rückkehr frei.',
  ],
  device_unregistered: ['Dieses Gerät ist abgemeldet.', 'Nichts: Mit der nächsten Anmeldung ist das Gerät wieder registriert.'],
  device_quarantined: [
    'Dieses Gerät ist in Quarantäne.',
    'Prüfen Sie, warum es in Quarantäne ist; dann entlassen oder entfernen Sie es.',
  ],
  removed_needs_approval: [
    'Dieses Gerät wurde früher entfernt; seine Rückkehr braucht eine Freigabe.',
    'Lassen Sie es mit einem Geräte-Token registrieren, das eine Freigabe verlangt, und geben Sie es frei.',
  ],
  serial_claimed: [
    'Ein anderes Gerät mit dieser Seriennummer ist schon registriert.',
    'Ist es dasselbe Gerät, entfernen Sie zuerst das alte; dann lassen Sie es neu registrieren.',
  ],
  clone_suspected: [
    'Diese Geräteidentität wird auf einem anderen Gerät benutzt; sie ist in Quarantäne.',
    'Finden Sie heraus, welches der beiden Geräte das richtige ist. Löschen Sie das andere und entlassen Sie das Gerät.',
  ],
  use_dpop_nonce: ['Der Nachweis braucht eine frische Nonce.', 'Nichts: Der Agent versucht es von selbst erneut.'],
  proof_malformed: ['Der Nachweis ist nicht lesbar.', update],
  proof_type: ['Der Nachweis ist von anderer Art als der, der fällig ist.', update],
  proof_signature: [
    'Der Nachweis ist nicht mit dem Schlüssel dieses Geräts signiert.',
    'Prüfen Sie, ob jemand anders die Kennung dieses Geräts benutzt. Geschieht es wieder, entfernen Sie das Gerät und lassen es neu registrieren.',
  ],
  proof_audience: ['Der Nachweis gilt einem anderen Server.', wrongServer],
  proof_digest: ['Der Nachweis gilt einer anderen Nachricht.', update],
  proof_origin: ['Der Nachweis gilt einer anderen Site.', wrongServer],
  proof_consumer: ['Der Nachweis gilt einem anderen Assertion Consumer Service.', wrongServer],
  proof_device: ['Der Nachweis gilt einem anderen Gerät.', update],
  proof_claim: [
    'Der Nachweis wiederholt nicht, was das Gerät behauptet hat.',
    'Prüfen Sie, ob sich Benutzer- oder Hostname auf dem Gerät gerade geändert haben; die nächste Anmeldung stimmt dann.',
  ],
  proof_method: ['Der Nachweis gilt einer anderen HTTP-Methode.', update],
  proof_target: ['Der Nachweis gilt einer anderen Adresse.', wrongServer],
  proof_replayed: ['Der Nachweis wurde schon benutzt.', repeated],
  parameters_invalid: ['Was das Gerät von sich sagt, ist nicht lesbar.', update],
  request_refused: ['Die Anfrage wurde abgelehnt.', look],
  request_replayed: ['Die Anmeldeanfrage wurde schon benutzt.', repeated],
  response_refused: ['Die Anmeldeantwort wurde abgelehnt.', look],
  evidence_too_low: [
    'Diese Anwendung verlangt ein besser nachgewiesenes Gerät.',
    'Senken Sie die Nachweisstufe, die die Anwendung verlangt, oder nehmen Sie ein besser nachgewiesenes Gerät.',
  ],
  session_unknown: ['Auf diesem Gerät gibt es diese Sitzung nicht.', itself],
  session_ended: ['Die Sitzung ist zu Ende.', itself],
  application_unknown: [
    'Diese Anwendung gibt es nicht.',
    'Registrieren Sie die Anwendung, oder prüfen Sie, nach welcher Adresse der Agent gefragt wird.',
  ],
  application_disabled: [
    'Diese Anwendung ist ausgeschaltet.',
    'Schalten Sie die Anwendung ein, wenn man sich an ihr anmelden darf.',
  ],
  bearer_refused: [
    'Diese Anwendung nimmt Zugriffstoken nur mit dem Nachweis eines Geräts (DPoP).',
    'Erlauben Sie der Anwendung Bearer-Token, oder lassen Sie den Agenten ein Token mit Nachweis holen.',
  ],
  rate_limited: [
    'Zu viele Versuche.',
    'Nichts, wenn es einmal geschieht. Trifft es eine ganze Flotte, heben Sie die Grenzen in der Konfiguration des Servers an.',
  ],
  unavailable: ['Der Dienst kann gerade nicht antworten.', 'Prüfen Sie den Zustand des Servers und seiner Datenbank.'],
};
