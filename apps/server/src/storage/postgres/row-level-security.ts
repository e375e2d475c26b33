/**
 * Row-level security, the second wall between organizations. Every table is closed by FORCE, to its owner too, and opened by one
 * policy: to the organization that the transaction names in `latchkey.organization`, or to a transaction of the server
 * (`latchkey.server`). It is made for tables as they are found, so that no migration can forget it.
 *
 * Transactions run as the role `<database>_app`, which owns nothing and cannot log in. If it is not there and may not be made, they run
 * as the user who connects, for whom FORCE holds as well.
 */
export const protectTables = `
do $$
declare
  app text := left(current_database(), 59) || '_app';
  found record;
begin
  if not exists (select from pg_roles where rolname = app) then
    begin
      execute format('create role %I nologin', app);
    exception when insufficient_privilege then null;
    end;
  end if;
  if exists (select from pg_roles where rolname = app) then
    begin
      execute format('grant %I to current_user', app);
    exception when insufficient_privilege or invalid_grant_operation then null;
    end;
    execute format('grant usage on schema %I to %I', current_schema(), app);
  end if;
  for found in
    select c.relname as name, c.relforcerowsecurity as closed,
      case when c.relname = 'organizations' then 'id'
        when exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped)
          then 'organization_id' end as tenant
    from pg_class c
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relname <> 'migrations'
  loop
    if exists (select from pg_roles where rolname = app) then
      execute format('grant select, insert, update, delete on %I to %I', found.name, app);
    end if;
    if not found.closed then
      execute format('drop policy if exists latchkey on %I', found.name);
      execute format(
        'create policy latchkey on %I using (%s current_setting(''latchkey.server'', true) = ''on'')', found.name,
        case when found.tenant is null then '' else format('%I = current_setting(''latchkey.organization'', true) or', found.tenant) end);
      execute format('alter table %I enable row level security, force row level security', found.name);
    end if;
  end loop;
end
$$`;

/** The tables that are not closed yet. */
export const openTables = `
select c.relname as name from pg_class c
where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relname <> 'migrations' and not c.relforcerowsecurity`;

/** Which role transactions run as, and whether row-level security holds for the user who connects. */
export const appRole = `
select app.rolname as role, me.rolsuper or me.rolbypassrls as bypasses
from pg_roles me
left join pg_roles app on app.rolname = left(current_database(), 59) || '_app'
  and pg_has_role(me.oid, app.oid, case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end)
where me.rolname = current_user`;
