import type { Translations } from './describe-problem.ts';

/**
 * What the admin API refuses, in German, by its code; in English its own sentences stand. `title` says what, `detail` how to mend it; where that is missing
 * the server's own stands, because it has names in it that nobody else knows. `{n}` is the first number of the server's detail.
 * german-problems.test.ts holds it complete.
 */
export const germanProblems: Translations = {
  activated_meanwhile: {
    title: 'Soeben hat jemand anderes Einstellungen aktiviert.',
    detail: 'Sehen Sie sie an und aktivieren Sie dann erneut.',
  },
  administrator_unknown: { title: 'Diesen Administrator gibt es nicht.' },
  api_key_in_use: {
    title: 'Ein Schlüssel kann sich nicht selbst widerrufen.',
    detail: 'Legen Sie einen anderen an und widerrufen Sie diesen damit.',
  },
  api_key_needed: { title: 'Diese Auskunft gilt API-Schlüsseln.' },
  api_key_unknown: { title: 'Diesen API-Schlüssel gibt es nicht.' },
  application_unknown: { title: 'Diese Anwendung gibt es nicht.' },
  backup_elsewhere: {
    title: 'Dieser Server hält seine Daten in PostgreSQL.',
    detail: 'Sichern Sie es mit dessen eigenen Werkzeugen, pg_dump oder fortlaufender Archivierung, und dazu den Hauptschlüssel.',
  },
  backup_running: {
    title: 'Gerade läuft eine andere Sicherung.',
    detail: 'Versuchen Sie es erneut, wenn sie fertig ist.',
  },
  break_glass_reads_only: {
    title: 'Im Notfallzugriff darf ein Operator lesen, nicht ändern.',
    detail: 'Ändern kann, wer zur Organisation gehört: Laden Sie einen Administrator ein.',
  },
  break_glass_reason_invalid: {
    title: 'Sagen Sie, wozu die Daten dieser Organisation gebraucht werden.',
    detail: 'Ein Grund von 1 bis {n} Zeichen aus ASCII; beide Protokolle behalten ihn.',
  },
  busy: {
    title: 'In diesem Augenblick melden sich zu viele Leute an.',
    detail: 'Versuchen Sie es in ein paar Sekunden erneut.',
  },
  comments_invalid: { title: 'Diese Bemerkung ist nicht verwendbar.' },
  cross_site: {
    title: 'Diese Anfrage kommt nicht von der Konsole.',
    detail: 'Öffnen Sie die Konsole unter der Adresse, die der Server als seine kennt.',
  },
  csv_invalid: { title: 'Diese Datei ist kein lesbares CSV.' },
  csv_needed: { title: 'Die Datei muss als CSV gesendet werden.' },
  cursor_invalid: { title: 'Diese Stelle der Liste gibt es nicht.', detail: 'Laden Sie die Liste neu.' },
  department_unknown: { title: 'Diese Abteilung gibt es nicht.', detail: 'Legen Sie sie zuerst an.' },
  device_state: { title: 'In seinem Zustand ist das mit diesem Gerät nicht möglich.' },
  device_token_rotated: { title: 'Soeben hat jemand anderes dieses Geräte-Token erneuert oder widerrufen.' },
  device_token_unknown: { title: 'Dieses Geräte-Token gibt es nicht.' },
  device_unknown: { title: 'Dieses Gerät gibt es nicht.' },
  display_name_invalid: { title: 'Dieser Anzeigename ist nicht verwendbar.' },
  domain_invalid: { title: 'Das ist kein Name einer Domain.' },
  domain_not_proved: { title: 'Eine Domain gehört nicht nachweislich zu dieser Organisation.' },
  domain_taken: {
    title: 'Die Domain gehört einer anderen Organisation.',
    detail: 'Eine bewiesene Domain hat auf diesem Server eine Organisation. Nehmen Sie sie zuerst der anderen.',
  },
  domain_unknown: { title: 'Die Organisation hat keine solche Domain.', detail: 'Beanspruchen Sie sie zuerst.' },
  draft_changed: {
    title: 'Seit Sie den Entwurf gesehen haben, hat ihn jemand geändert.',
    detail: 'Er hat jetzt die Revision {n}. Sehen Sie ihn wieder an und wiederholen Sie Ihre Änderung.',
  },
  draft_empty: {
    title: 'Es gibt nichts zu aktivieren: Noch wurden keine Einstellungen gespeichert.',
    detail: 'Fügen Sie zuerst einen Identitätsanbieter hinzu.',
  },
  email_invalid: { title: 'Diese E-Mail-Adresse ist nicht verwendbar.' },
  event_unknown: { title: 'Dieses Ereignis gibt es nicht.' },
  identifier_taken: {
    title: 'Eine Anwendung mit dieser Kennung gibt es schon.',
    detail: 'Löschen Sie sie zuerst, oder nehmen Sie eine andere.',
  },
  idempotency_in_flight: {
    title: 'An derselben Anfrage wird noch gearbeitet.',
    detail: 'Versuchen Sie es erneut, wenn sie erledigt ist.',
  },
  idempotency_key_invalid: { title: 'Der Kopf Idempotency-Key ist nicht verwendbar.' },
  idempotency_key_reused: { title: 'Dieser Idempotency-Key wurde für eine andere Anfrage benutzt.' },
  idempotency_outcome_unknown: {
    title: 'Der Server wurde angehalten, während er daran arbeitete.',
    detail: 'Sehen Sie nach, ob es geschehen ist; wenn nicht, tun Sie es noch einmal.',
  },
  if_match_invalid: { title: 'Der Kopf If-Match ist kein ETag hiervon.' },
  if_match_required: { title: 'Es fehlt, welcher Entwurf geprüft wurde.', detail: 'Laden Sie die Seite neu.' },
  import_cancelled: { title: 'Dieser Import wurde abgebrochen.', detail: 'Laden Sie die Datei wieder hoch.' },
  import_changed: { title: 'Dieser Import ist eben weitergegangen.', detail: 'Sehen Sie ihn wieder an.' },
  import_decided: {
    title: 'Dieser Import lässt sich nicht mehr abbrechen.',
    detail: 'Exportieren Sie die Benutzer, und importieren Sie, was anders sein soll.',
  },
  import_has_errors: {
    title: 'Einige Zeilen können nicht ausgeführt werden.',
    detail: 'Verbessern Sie sie und laden Sie die Datei wieder hoch, oder führen Sie nur die anderen aus.',
  },
  import_not_ready: { title: 'Ausgeführt wird nur ein Import, der bereit ist.' },
  import_running: {
    title: 'Ein anderer Import wird gerade ausgeführt.',
    detail: 'Versuchen Sie es erneut, wenn er zu Ende ist.',
  },
  import_unknown: { title: 'Diesen Import gibt es nicht.' },
  internal_error: {
    title: 'Auf dem Server ist etwas schiefgegangen.',
    detail: 'Versuchen Sie es erneut; bleibt es dabei, nennen Sie die Kennung dem, der den Server betreut.',
  },
  invalid_request: { title: 'Die Angaben sind nicht gültig.' },
  invitation_spent: {
    title: 'Diese Einladung gilt nicht (mehr).',
    detail: 'Ein Link gilt sieben Tage und einmal. Bitten Sie, wer Sie eingeladen hat, um einen neuen.',
  },
  invitation_unknown: { title: 'Diese Einladung gibt es nicht.' },
  last_full_administrator: {
    title: 'Das ist der letzte Administrator mit vollem Zugriff.',
    detail: 'Geben Sie zuerst jemand anderem vollen Zugriff.',
  },
  last_second_factor: {
    title: 'Das ist Ihr einziger zweiter Faktor.',
    detail: 'Richten Sie zuerst einen anderen ein: Ein zweiter Faktor wird von allen verlangt.',
  },
  name_invalid: { title: 'Dieser Name ist nicht verwendbar.' },
  network_invalid: {
    title: 'Das ist kein Netz.',
    detail: 'Schreiben Sie es wie 192.0.2.0/24 oder 2001:db8::/32.',
  },
  next_key_exists: {
    title: 'Der nächste Schlüssel ist schon veröffentlicht.',
    detail: 'Machen Sie ihn zum aktiven, oder entfernen Sie ihn.',
  },
  not_activated: { title: 'Noch wurden keine Einstellungen aktiviert.', detail: 'Aktivieren Sie den Entwurf.' },
  not_found: { title: 'Unter dieser Adresse gibt es nichts.' },
  not_gateway: { title: 'Nur eine Anwendung hinter dem Gateway kann Bearer-Token einlassen.' },
  operator_needed: { title: 'Das darf nur ein Operator dieses Servers.' },
  organization_key_needed: {
    title: 'Operatoren lesen und ändern keine Daten einer Organisation.',
    detail: 'Laden Sie einen Administrator der Organisation ein, oder lesen Sie im Notfallzugriff mit einem Grund.',
  },
  organization_suspended: {
    title: 'Diese Organisation ist gesperrt.',
    detail: 'Fragen Sie den Operator dieses Servers.',
  },
  organization_unknown: { title: 'Diese Organisation gibt es nicht.' },
  own_second_factor: {
    title: 'Das ist Ihr eigenes Konto.',
    detail:
      'Richten Sie einen anderen zweiten Faktor ein und entfernen Sie den alten, oder bitten Sie einen anderen Administrator.',
  },
  owned_elsewhere: { title: 'Darüber entscheidet allein, woher es kommt.' },
  passkey_none: { title: 'Sie haben hier keinen Passkey.', detail: 'Nehmen Sie einen anderen zweiten Faktor.' },
  passkey_not_begun: {
    title: 'Gerade wird nach keinem Passkey gefragt.',
    detail: 'Beginnen Sie von vorn; eine Frage gilt fünf Minuten.',
  },
  passkey_refused: {
    title: 'Dieser Passkey ist hier nicht verwendbar.',
    detail: 'Beginnen Sie von vorn, im selben Browser und unter der Adresse dieses Servers.',
  },
  passkey_unknown: { title: 'Diesen Passkey gibt es nicht.' },
  password_unusable: { title: 'Dieses Passwort ist nicht verwendbar.' },
  password_weak: {
    title: 'Das Passwort zum Anlegen eines Tokens hat mindestens 6 Zeichen, darunter einen Buchstaben und eine Ziffer.',
    detail: 'Oder lassen Sie es weg: Es ist nicht nötig, und es wird nie wieder danach gefragt.',
  },
  password_wrong: {
    title: 'Das Passwort stimmt nicht.',
    detail: 'Prüfen Sie es, und ob die Feststelltaste an ist.',
  },
  permission_needed: {
    title: 'Ihre Rolle erlaubt das nicht.',
    detail: 'Bitten Sie einen Administrator mit vollem Zugriff.',
  },
  rate_limited: { title: 'Zu viele Anfragen.', detail: 'Versuchen Sie es in {n} Sekunden erneut.' },
  reauthentication_needed: {
    title: 'Zeigen Sie noch einmal, wer Sie sind.',
    detail: 'Was gefährlich ist, geht zehn Minuten lang, nachdem beide Faktoren gezeigt wurden.',
  },
  retention_changed: {
    title: 'Jemand hat das inzwischen geändert.',
    detail: 'Sehen Sie es noch einmal an und entscheiden Sie dann.',
  },
  retiring_key_exists: {
    title: 'Der Schlüssel vor dem aktiven ist noch veröffentlicht.',
    detail: 'Entfernen Sie ihn zuerst: Nichts, was er unterschrieben hat, wird dann mehr angenommen.',
  },
  role_built_in: { title: 'Die eingebauten Rollen bleiben, wie sie sind.', detail: 'Legen Sie eine eigene an.' },
  role_exceeds_own: {
    title: 'Diese Rolle erlaubt mehr als Ihre.',
    detail: 'Niemand vergibt, ändert oder nimmt, was er selbst nicht darf. Bitten Sie einen Administrator mit vollem Zugriff.',
  },
  role_in_use: {
    title: 'Administratoren oder Einladungen haben diese Rolle.',
    detail: 'Geben Sie ihnen zuerst eine andere, oder ziehen Sie die Einladungen zurück.',
  },
  role_name_taken: { title: 'Eine Rolle mit diesem Namen gibt es schon.', detail: 'Nehmen Sie einen anderen Namen.' },
  role_unknown: { title: 'Diese Rolle gibt es nicht.' },
  scope_exceeds_own: {
    title: 'Dieser Schlüssel dürfte mehr als Sie.',
    detail: 'Wählen Sie Bereiche, die Ihre Rolle hat, oder bitten Sie jemanden mit vollem Zugriff.',
  },
  scope_needed: { title: 'Dieser API-Schlüssel darf das nicht.' },
  second_factor_needed: { title: 'Auch Ihr zweiter Faktor ist nötig.' },
  second_factor_wrong: {
    title: 'Das stimmt nicht.',
    detail: 'Ein Code gilt einmal und eine halbe Minute: Nehmen Sie den nächsten, und prüfen Sie die Uhr Ihres Geräts.',
  },
  serial_claimed: { title: 'Ein anderes Gerät mit dieser Seriennummer ist schon registriert.' },
  session_unknown: { title: 'Diese Sitzung gibt es nicht.', detail: 'Sie ist vielleicht von selbst zu Ende gegangen.' },
  setup_code_wrong: {
    title: 'Der Einrichtungscode gilt nicht.',
    detail:
      'Er gilt einmal. Nehmen Sie den neuesten vom Bildschirm des Servers, oder lassen Sie ihn einen neuen machen (npm start -- --reset-setup).',
  },
  sign_in_refused: {
    title: 'Benutzername oder Passwort stimmt nicht.',
    detail: 'Prüfen Sie beides, und ob die Feststelltaste an ist.',
  },
  signed_out: { title: 'Sie sind abgemeldet.', detail: 'Melden Sie sich wieder an.' },
  signing_key_active: {
    title: 'Dieser Schlüssel unterschreibt.',
    detail: 'Veröffentlichen Sie zuerst den nächsten, und machen Sie ihn zum aktiven.',
  },
  signing_key_unknown: { title: 'Diesen Schlüssel gibt es nicht.' },
  system_group: { title: 'Eine Systemgruppe behält ihren Namen und bleibt.', detail: 'Ihre Mitglieder kann man ändern.' },
  too_many_attempts: {
    title: 'Zu viele Versuche, sich anzumelden, sind gescheitert.',
    detail: 'Versuchen Sie es in {n} Sekunden erneut.',
  },
  too_many_device_tokens: {
    title: 'Eine Organisation hat nicht mehr gültige Geräte-Token.',
    detail: 'Widerrufen Sie eines, das nicht mehr gebraucht wird; damit registrierte Geräte bleiben es.',
  },
  too_many_domains: { title: 'Mehr Domains hat eine Organisation nicht.', detail: 'Entfernen Sie zuerst eine.' },
  too_many_groups: { title: 'In mehr Gruppen kann ein Benutzer nicht sein.' },
  too_many_streams: { title: 'Zu viele Seiten hören zugleich zu.', detail: 'Schließen Sie einige.' },
  totp_code_wrong: {
    title: 'Das ist nicht der Code dieses Augenblicks.',
    detail: 'Nehmen Sie den Code, den die App jetzt zeigt, und prüfen Sie die Uhr Ihres Geräts.',
  },
  totp_not_begun: { title: 'Gerade wird keine Authenticator-App eingerichtet.', detail: 'Beginnen Sie von vorn.' },
  totp_unknown: { title: 'Es ist keine Authenticator-App eingerichtet.' },
  unauthorized: { title: 'Dafür muss man angemeldet sein.' },
  unavailable: { title: 'Der Dienst kann gerade nicht antworten.', detail: 'Versuchen Sie es später erneut.' },
  user_name_invalid: { title: 'Dieser Benutzername ist nicht verwendbar.' },
  user_name_taken: {
    title: 'Diesen Benutzernamen hat schon jemand.',
    detail: 'Aktivieren Sie ihn wieder, falls er deaktiviert ist, oder nehmen Sie einen anderen.',
  },
  user_unknown: { title: 'Diesen Benutzer gibt es nicht.' },
  version_unknown: { title: 'Diese Version der Einstellungen gibt es nicht.' },
  webhook_unknown: { title: 'Die Organisation hat keinen Webhook.', detail: 'Richten Sie zuerst einen ein.' },
  webhook_url_refused: { title: 'Diese Adresse ist nicht verwendbar.' },
  idp_unknown: { title: 'Diesen Identitätsanbieter gibt es nicht.', detail: 'Legen Sie ihn zuerst an.' },
  scim_exchange_unknown: { title: 'Diesen Eintrag des Sync-Protokolls gibt es nicht.' },
  scim_token_unknown: { title: 'Dieses SCIM-Token gibt es nicht.' },
  too_many_scim_tokens: {
    title: 'Dieser Identitätsanbieter hat schon so viele gültige SCIM-Token, wie er haben darf.',
    detail: 'Geben Sie dem Client das neuere, widerrufen Sie das ältere und versuchen Sie es dann noch einmal.',
  },
};
