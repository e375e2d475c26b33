/**
 * The tables, one interface each. Times are integers (milliseconds since 1970, UTC), flags are 0 or 1, structures are JSON text,
 * ids are text with a prefix (`org_`, `dev_`, ...). Nothing here is known to one engine only.
 */

export interface OrganizationsTable {
  readonly id: string;
  readonly name: string;
  readonly state: 'active' | 'suspended';
  readonly created_at: number;
  /** When everything of it is removed; null: it stays. */
  readonly delete_at: number | null;
}

export interface DomainsTable {
  readonly id: string;
  readonly organization_id: string;
  /** Folded (lower-case ASCII form). One row for each proved name on the server: see the unique index. */
  readonly name: string;
  readonly proof: 'granted' | 'dns' | 'none';
  readonly created_at: number;
  /** When its DNS record was last looked up. */
  readonly checked_at: number | null;
  /** Since when the record of a proved domain is gone. */
  readonly failing_since: number | null;
  /** Since when a claim has a proof beside that of another organization. */
  readonly contested_at: number | null;
  readonly next_check_at: number | null;
}

/** The draft of the authentication settings, one row an organization. */
export interface SettingsDraftsTable {
  readonly organization_id: string;
  readonly document: string;
  /** Grows with each save: the ETag. */
  readonly revision: number;
  readonly updated_at: number;
  readonly updated_by: string;
}

/** Who has looked at the draft, or saved it, and when last. */
export interface SettingsEditorsTable {
  readonly organization_id: string;
  readonly actor: string;
  readonly seen_at: number;
}

/** Activated settings; immutable. The active one is the row with the highest `version`. */
export interface SettingsVersionsTable {
  readonly organization_id: string;
  readonly version: number;
  readonly document: string;
  readonly activated_at: number;
  readonly activated_by: string;
  readonly comment: string;
}

export interface UsersTable {
  readonly id: string;
  readonly organization_id: string;
  /** As written by its source: `User@Domain`. */
  readonly user_name: string;
  /** Folded; unique in the organization among users that are not deleted. */
  readonly user_name_key: string;
  readonly display_name: string;
  readonly state: 'active' | 'disabled' | 'deleted';
  /** `console`, `api`, `csv`, `scim:<idp>`, `jit:<idp>`. */
  readonly source: string;
  readonly created_at: number;
  readonly updated_at: number;
  /** Folded, to be searched by its beginning. */
  readonly display_name_key: string;
  readonly email: string;
  readonly department_id: string | null;
  readonly comments: string;
  /** A source; null: not disabled. */
  readonly disabled_by: string | null;
  /** Grows with each change: the ETag. */
  readonly revision: number;
  /** The import that has made the user, until that has ended: before it is decided nobody sees the user. */
  readonly import_id: string | null;
  /** 1 for one row in 256, from which large totals are estimated. */
  readonly sampled: number;
  /** The provisioning source's own id of the user. */
  readonly scim_external_id: string | null;
  /** JSON: the SCIM attributes as the source has sent them, but for `active`. */
  readonly scim: string | null;
  /** While the source can undo a deletion: when it becomes one. */
  readonly scim_delete_at: number | null;
}

/** Groups or departments. */
export interface UserSetsTable {
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  /** Folded; unique in the organization among those that are not deleted. */
  readonly name_key: string;
  readonly comments: string;
  readonly source: string;
  readonly system: number;
  readonly revision: number;
  readonly created_at: number;
  readonly updated_at: number;
  /** When it was deleted; its members are let go of in the background. */
  readonly deleted_at: number | null;
  readonly sampled: number;
}

export interface UserGroupsTable extends UserSetsTable {
  readonly scim_external_id: string | null;
  /** JSON: the SCIM attributes as the source has sent them, but for the members. */
  readonly scim: string | null;
}

/** The e-mail addresses of users that a provisioning source has made, to find them by. */
export interface UserEmailsTable {
  readonly organization_id: string;
  readonly user_id: string;
  /** Folded. */
  readonly email_key: string;
}

/** One row for each group in a group; only provisioning sources nest them. */
export interface NestedGroupsTable {
  readonly organization_id: string;
  readonly group_id: string;
  readonly member_id: string;
}

/** How many users and groups a provisioning source has, spread over rows so that writers do not wait for each other. */
export interface ScimCountsTable {
  readonly organization_id: string;
  readonly source: string;
  readonly resource: 'User' | 'Group';
  readonly shard: number;
  readonly count: number;
}

export interface ScimTokensTable {
  readonly id: string;
  readonly organization_id: string;
  readonly idp: string;
  readonly description: string;
  /** The public part that names the token on the wire; unique on the server. */
  readonly lookup: string;
  /** Keyed hash of the whole token. */
  readonly hash: string;
  readonly hint: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly expires_at: number;
  readonly revoked_at: number | null;
  readonly last_used_at: number | null;
}

/** The sync log: requests of provisioning sources that could change something. */
export interface ScimExchangesTable {
  readonly id: string;
  readonly organization_id: string;
  readonly idp: string;
  readonly at: number;
  readonly client: string;
  readonly token_id: string;
  readonly entity: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly microseconds: number;
  readonly correlation_id: string;
  /** Bodies without secrets. */
  readonly request: string;
  readonly response: string;
  readonly expires_at: number;
}

/** One row for each user in a group. */
export interface GroupMembersTable {
  readonly organization_id: string;
  readonly group_id: string;
  readonly user_id: string;
  /** The user's, so that members are listed in its order. */
  readonly user_name_key: string;
  readonly sampled: number;
}

/** A CSV file of users, from its upload until what it asks for is done. */
export interface ImportsTable {
  readonly id: string;
  readonly organization_id: string;
  readonly file_name: string;
  readonly existing: 'override' | 'error';
  readonly state:
    | 'uploading'
    | 'checking'
    | 'ready'
    | 'preparing'
    | 'finishing'
    | 'cancelling'
    | 'applied'
    | 'cancelled'
    | 'failed';
  readonly reason: string;
  readonly bytes: number;
  readonly row_count: number;
  /** How many lines this state has dealt with. */
  readonly done: number;
  readonly position: string;
  readonly adds: number;
  readonly modifies: number;
  readonly deletes: number;
  readonly unchanged: number;
  readonly errors: number;
  /** Rows that had become impossible when their turn came. */
  readonly skipped: number;
  /** JSON list: which columns the file has. */
  readonly columns: string;
  /** JSON list: groups and departments that are made with it. */
  readonly new_sets: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly applied_by: string;
  /** From when on its new users are seen, and it is finished whatever happens. */
  readonly decided_at: number | null;
  readonly ended_at: number | null;
  /** Who works on it; '' if nobody. */
  readonly lease: string;
  readonly lease_until: number;
}

/** One line of such a file. */
export interface ImportRowsTable {
  readonly organization_id: string;
  readonly import_id: string;
  readonly line: number;
  /** Folded user name; '' if it has none. */
  readonly user_name_key: string;
  /** JSON: what the line says. */
  readonly content: string;
  readonly change: 'new' | 'add' | 'modify' | 'delete' | 'none' | 'error' | 'skipped';
  /** JSON list: column, message. */
  readonly problems: string;
}

export interface DeviceTokensTable {
  readonly id: string;
  readonly organization_id: string;
  readonly description: string;
  /** The public part that names the token on the wire; unique on the server. */
  readonly lookup: string;
  /** Keyed hash (HMAC-SHA256, base64url) of the whole token. */
  readonly hash: string;
  /** Last four characters, to recognize it by. */
  readonly hint: string;
  /** JSON list of folded domains; empty: every domain of the organization. */
  readonly domains: string;
  readonly enrollment: 'automatic' | 'approval';
  readonly max_enrollments: number | null;
  readonly enrollments: number;
  readonly created_at: number;
  readonly created_by: string;
  readonly expires_at: number;
  readonly revoked_at: number | null;
  readonly last_used_at: number | null;
  /** JSON list; empty: every platform. */
  readonly platforms: string;
  /** JSON list of CIDR ranges; empty: from anywhere. */
  readonly networks: string;
  /** The id of the token that takes its place. */
  readonly rotated_to: string | null;
  /** The last of 14, 7 and 1 days before its end that somebody was told of. */
  readonly warned_days: number | null;
}

export interface DevicesTable {
  readonly id: string;
  readonly organization_id: string;
  /** JWK thumbprint (RFC 7638) of the device key; unique in the organization. */
  readonly jkt: string;
  /** JSON: the public JWK. */
  readonly public_key: string;
  readonly user_name: string;
  /** Folded name the device is bound to. */
  readonly user_name_key: string;
  /** The account, once the first assertion has been accepted. */
  readonly user_id: string | null;
  readonly state: 'pending' | 'denied' | 'registered' | 'unregistered' | 'removal_pending' | 'removed' | 'quarantined';
  /** Why it is in that state, as a code. */
  readonly state_reason: string;
  readonly evidence: 'E0' | 'E1' | 'E2' | 'E3' | 'E4';
  readonly token_id: string;
  /** JSON of strings: what the agent said of the machine. */
  readonly parameters: string;
  readonly host_name: string;
  /** Folded, to be searched by its beginning; so is `serial_key`. */
  readonly host_name_key: string;
  readonly serial_key: string;
  readonly sampled: number;
  readonly machine_id: string;
  readonly serial: string;
  readonly external_device_id: string;
  /** The join state (device-binding §5.9): how many sign-ins, and the id of the document handed out for that count. */
  readonly counter: number;
  readonly join_id: string;
  /** The id that was current at `counter - 1`: a lost reply is repeated with it. */
  readonly previous_join_id: string;
  /** Bad proof signatures in the running window of 10 minutes. */
  readonly bad_proofs: number;
  readonly bad_proofs_since: number;
  readonly remote_address: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly last_seen_at: number;
}

export interface SessionsTable {
  readonly id: string;
  readonly organization_id: string;
  readonly device_id: string;
  readonly user_id: string;
  readonly idp: string;
  readonly assertion_id: string;
  readonly session_index: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly ended_at: number | null;
}

/** Things that may be used once: nonces, proof ids, request ids, assertion ids. Swept after `expires_at`. */
export interface UsedOnceTable {
  readonly organization_id: string;
  readonly kind: 'nonce' | 'jti' | 'request' | 'response' | 'assertion';
  readonly value: string;
  readonly expires_at: number;
}

export interface ApplicationsTable {
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly kind: 'saml' | 'api' | 'gateway';
  /** SAML entityID, the audience of access tokens, or the origin behind the gateway; unique in the organization. */
  readonly identifier: string;
  /** SAML: the metadata as it was registered. Otherwise ''. */
  readonly metadata: string;
  readonly enabled: number;
  readonly min_evidence: 'E0' | 'E1' | 'E2' | 'E3' | 'E4';
  readonly allow_bearer: number;
  readonly created_at: number;
}

export interface SigningKeysTable {
  readonly id: string;
  readonly organization_id: string;
  /** `idp-ec` and `idp-rsa` sign assertions, `sp-ec` requests, `token` access tokens. */
  readonly purpose: 'idp-ec' | 'idp-rsa' | 'sp-ec' | 'token';
  /** AES-256-GCM under the master key: base64url of nonce, ciphertext and tag of the PKCS#8 DER. */
  readonly private_key: string;
  /** Base64 DER. */
  readonly certificate: string;
  readonly created_at: number;
  /** `next` is published and does not sign yet, `active` signs, `retiring` is published and signs no more. */
  readonly state: 'next' | 'active' | 'retiring';
  /** 0: since it was made. */
  readonly state_since: number;
}

export interface ApiKeysTable {
  readonly id: string;
  /** null: an operator's key. */
  readonly organization_id: string | null;
  readonly description: string;
  readonly lookup: string;
  readonly hash: string;
  readonly hint: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly revoked_at: number | null;
  readonly last_used_at: number | null;
  /** JSON list: `devices:read`, `all:write`, ... */
  readonly scopes: string;
}

/** Where an organization wants to be told of things; one row at most. */
export interface WebhooksTable {
  readonly organization_id: string;
  readonly url: string;
  /** AES-256-GCM under the master key. */
  readonly secret: string;
  readonly created_at: number;
  readonly created_by: string;
}

/** What is still to be sent. */
export interface WebhookMessagesTable {
  readonly id: string;
  readonly organization_id: string;
  readonly type: string;
  readonly body: string;
  readonly attempts: number;
  /** When it is due; pushed on by whoever sends it, so that of several nodes one does. */
  readonly next_at: number;
  readonly created_at: number;
}

/** POSTs of the admin API with an Idempotency-Key, for 24 hours. */
export interface RepeatableRequestsTable {
  readonly api_key_id: string;
  /** Method and path. */
  readonly operation: string;
  readonly idempotency_key: string;
  /** Keyed hash of the body. */
  readonly fingerprint: string;
  /** null while it runs. */
  readonly status: number | null;
  /** Body and headers, AES-256-GCM under the master key: a new secret may be among them. */
  readonly answer: string | null;
  readonly expires_at: number;
}

/** Who did what to what, from where, with before and after; append-only. */
export interface AuditEventsTable {
  readonly id: string;
  /** null: the operator's own acts. */
  readonly organization_id: string | null;
  readonly at: number;
  /** `api-key:<id>`, `administrator:<id>`, `device:<id>`, `operator`, `system`, `anonymous`. */
  readonly actor: string;
  /** `device.enrolled`, `sign_in.accepted`, ...: see the table of codes. */
  readonly action: string;
  readonly outcome: 'success' | 'refused';
  /** The code of a refusal, or ''. */
  readonly reason: string;
  /** What it was done to: `device:<id>`, `user:<id>`, ... */
  readonly subject: string;
  readonly remote_address: string;
  /** The id that a device or a person sees, to find this row by. */
  readonly correlation_id: string;
  /** JSON: before, after, message ids. */
  readonly details: string;
  readonly sampled: number;
}

/** How long an organization keeps things, in days, and how far that was carried out. */
export interface RetentionTable {
  readonly organization_id: string;
  readonly audit_days: number;
  readonly sign_in_details_days: number;
  readonly removed_days: number;
  /** Grows with each change: the ETag. */
  readonly revision: number;
  readonly updated_at: number | null;
  readonly updated_by: string | null;
  /** Id of the last event that has lost its sign-in details; '' if none has. */
  readonly reduced_to: string;
  /** When it is due; pushed on by whoever carries it out, so that of several nodes one does. */
  readonly next_at: number;
  readonly swept_at: number | null;
}

/** How often something happened in an hour: counted from the audit, after it (0009-overview.ts). */
export interface EventCountsTable {
  readonly organization_id: string;
  /** Hours since 1970, UTC. */
  readonly hour: number;
  readonly kind: 'sign_in' | 'refusal' | 'enrollment';
  readonly count: number;
}

/** What is limited, counted by all nodes together. */
export interface RateCountsTable {
  readonly limiter: string;
  /** Minutes since 1970. */
  readonly minute: number;
  readonly name: string;
  readonly count: number;
}

/** People who sign in to the console. */
export interface AdministratorsTable {
  readonly id: string;
  /** null: an operator. */
  readonly organization_id: string | null;
  readonly user_name: string;
  /** Folded; unique on the server. */
  readonly user_name_key: string;
  readonly display_name: string;
  /** `full`, `view` or the id of a role of the organization. */
  readonly role_id: string;
  readonly state: 'active' | 'disabled';
  /** A scrypt hash with its parameters. */
  readonly password: string;
  /** The secret, AES-256-GCM under the master key. */
  readonly totp: string | null;
  /** The step of the last code that was taken: each works once (RFC 6238 §5.2). */
  readonly totp_step: number;
  /** JSON list of keyed hashes. */
  readonly recovery_codes: string;
  readonly created_at: number;
  readonly last_signed_in_at: number | null;
}

export interface AdministratorPasskeysTable {
  readonly id: string;
  readonly organization_id: string | null;
  readonly administrator_id: string;
  /** Base64url; unique on the server. */
  readonly credential_id: string;
  /** Base64url of the COSE key. */
  readonly public_key: string;
  readonly counter: number;
  /** JSON list. */
  readonly transports: string;
  readonly name: string;
  readonly created_at: number;
  readonly last_used_at: number | null;
}

/** Sessions of the console. */
export interface AdministratorSessionsTable {
  /** Keyed hash of the cookie's value. */
  readonly id: string;
  readonly organization_id: string | null;
  readonly administrator_id: string;
  readonly state: 'second_factor' | 'second_factor_enrolment' | 'signed_in';
  readonly created_at: number;
  readonly expires_at: number;
  readonly last_seen_at: number;
  readonly reauthenticated_at: number | null;
  /** Of WebAuthn: what is to be answered, and until when. */
  readonly challenge: string | null;
  /** A TOTP secret that is not confirmed yet, AES-256-GCM under the master key. */
  readonly pending_totp: string | null;
  readonly remote_address: string;
}

/** Roles of an organization's own, beside the built-in ones. */
export interface AdministratorRolesTable {
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly name_key: string;
  /** JSON: area to `view` or `full`. */
  readonly permissions: string;
}

export interface AdministratorInvitationsTable {
  readonly id: string;
  readonly organization_id: string | null;
  readonly user_name: string;
  readonly user_name_key: string;
  readonly role_id: string;
  /** Keyed hash of what the link carries. */
  readonly hash: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly expires_at: number;
}

/** Failed attempts to sign in to the console since the last that succeeded. */
export interface SignInFailuresTable {
  /** `account:<keyed hash of the name>` or `address:<address>`. */
  readonly name: string;
  readonly failures: number;
  readonly failed_at: number;
}

/** Facts of the server itself, such as the seed of the one-time setup code. */
export interface ServerFactsTable {
  readonly name: string;
  readonly value: string;
}

export interface Database {
  readonly administrators: AdministratorsTable;
  readonly administrator_passkeys: AdministratorPasskeysTable;
  readonly administrator_sessions: AdministratorSessionsTable;
  readonly administrator_roles: AdministratorRolesTable;
  readonly administrator_invitations: AdministratorInvitationsTable;
  readonly sign_in_failures: SignInFailuresTable;
  readonly webhooks: WebhooksTable;
  readonly webhook_messages: WebhookMessagesTable;
  readonly repeatable_requests: RepeatableRequestsTable;
  readonly organizations: OrganizationsTable;
  readonly domains: DomainsTable;
  readonly settings_drafts: SettingsDraftsTable;
  readonly settings_versions: SettingsVersionsTable;
  readonly settings_editors: SettingsEditorsTable;
  readonly users: UsersTable;
  readonly user_groups: UserGroupsTable;
  readonly departments: UserSetsTable;
  readonly group_members: GroupMembersTable;
  readonly nested_groups: NestedGroupsTable;
  readonly user_emails: UserEmailsTable;
  readonly scim_counts: ScimCountsTable;
  readonly scim_tokens: ScimTokensTable;
  readonly scim_exchanges: ScimExchangesTable;
  readonly imports: ImportsTable;
  readonly import_rows: ImportRowsTable;
  readonly device_tokens: DeviceTokensTable;
  readonly devices: DevicesTable;
  readonly sessions: SessionsTable;
  readonly used_once: UsedOnceTable;
  readonly applications: ApplicationsTable;
  readonly signing_keys: SigningKeysTable;
  readonly api_keys: ApiKeysTable;
  readonly audit_events: AuditEventsTable;
  readonly event_counts: EventCountsTable;
  readonly retention: RetentionTable;
  readonly rate_counts: RateCountsTable;
  readonly server_facts: ServerFactsTable;
}
