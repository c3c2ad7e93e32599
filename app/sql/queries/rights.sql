-- Who may do what with the tables, views and functions of the mirror. The statements that change it are made here,
-- and run by `app/sql/rights.py`.

-- part: our_relations
-- The tables of the mirror, their sequences, and the views of their owner: those beside them, which are readable, and
-- those of the past, `past_` and a table's or view's name, which are not. Here each table is declared: readable, or
-- internal.
(
    WITH tables AS (
        SELECT c.oid, c.relname AS name, c.relowner, declared.readable
        FROM (VALUES
            ('comments', true),
            ('custom_fields', true),
            ('daily_snapshots', true),
            ('daily_syncs', true),
            ('employees', true),
            ('folders', true),
            ('lists', true),
            ('memberships', true),
            ('spaces', true),
            ('task_custom_fields', true),
            ('task_dependencies', true),
            ('task_people', true),
            ('task_tags', true),
            ('tasks', true),
            ('time_entries', true),
            ('workspaces', true),
            ('access_credentials', false),
            ('changes', false),
            ('clickup_sync_version', false),
            ('comment_versions', false),
            ('data_writes', false),
            ('deliveries', false),
            ('employee_versions', false),
            ('external_changes', false),
            ('failed_jobs', false),
            ('folder_versions', false),
            ('history_columns', false),
            ('history_items', false),
            ('history_states', false),
            ('history_statements', false),
            ('history_tables', false),
            ('list_versions', false),
            ('membership_versions', false),
            ('mirrored_columns', false),
            ('oauth_states', false),
            ('refusals', false),
            ('refused_deliveries', false),
            ('run_seen_tasks', false),
            ('runs', false),
            ('schedules', false),
            ('skipped_objects', false),
            ('space_versions', false),
            ('streams', false),
            ('task_reads', false),
            ('task_versions', false),
            ('time_entry_versions', false),
            ('token_budgets', false),
            ('visible_workspaces', false),
            ('webhook_checks', false),
            ('webhooks', false),
            ('worker_processes', false),
            ('workspace_connections', false),
            ('workspace_states', false)
        ) AS declared (name, readable)
        JOIN pg_class AS c ON c.relname = declared.name AND c.relnamespace = to_regnamespace('{schema}')
            AND c.relkind IN ('r', 'p')
    )
    SELECT c.oid, format('%%I.%%I', n.nspname, c.relname) AS name, c.relowner AS owner, c.relacl AS acl, found.readable,
        CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, c.relkind IN ('v', 'm') AS is_view
    FROM (
        SELECT oid, readable FROM tables
        UNION ALL
        SELECT d.objid, false
        FROM pg_depend AS d
        JOIN tables ON d.refclassid = 'pg_class'::regclass AND d.refobjid = tables.oid
        WHERE d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
        UNION ALL
        SELECT oid, true FROM pg_class
        WHERE relnamespace = to_regnamespace('{views}') AND relkind IN ('v', 'm')
          AND relowner IN (SELECT relowner FROM tables)
        UNION ALL
        SELECT p.oid, false
        FROM pg_class AS p
        JOIN tables ON p.relowner = tables.relowner
            AND p.relname IN ('past_' || tables.name, 'past_view_' || tables.name)
        WHERE p.relnamespace = to_regnamespace('{schema}') AND p.relkind = 'v'
    ) AS found
    JOIN pg_class AS c ON c.oid = found.oid AND c.relkind IN ('r', 'p', 'S', 'v', 'm')
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
)

-- part: our_functions
-- The functions of the mirror, beside its tables and beside its views, as far as this user may grant them. Those of
-- the user are none of them. `readable`: they answer as views do.
(
    SELECT p.oid, p.proowner AS owner, coalesce(p.proacl, acldefault('f', p.proowner)) AS acl,
        p.pronamespace = to_regnamespace('{views}') AS of_views,
        p.pronamespace = to_regnamespace('{views}') AND p.proname = ANY ('{tasks_at,time_entries_at}') AS readable,
        format('%%I.%%I(%%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS name
    FROM pg_proc AS p
    JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE pg_has_role(p.proowner, 'USAGE')
      AND n.oid IN (to_regnamespace('{schema}'), to_regnamespace('{views}'))
      AND p.proname IN ('mark_data_write', 'begin_task_reads', 'record_external_change', 'restore_external_changes',
        'install_change_triggers', 'record_history', 'make_history_statement', 'install_history', 'refresh_history',
        'past_instant', 'local_iso', 'past_value', 'past_custom_fields', 'install_past_views', 'list_versions_around',
        'split_versions', 'compared_since', 'thin_history',
        'tasks_at', 'time_entries_at', 'answer', 'at_most', 'counted', 'document_at_most', 'kept',
        'limit_temporary_files', 'number_at_most', 'pattern_at_most')
)

-- part: strangers
-- Everybody, and those whom Supabase's web API is asked by, where there are any.
(
    SELECT 0::oid AS oid, 'PUBLIC' AS name
    UNION ALL
    SELECT oid, quote_ident(rolname) FROM pg_roles WHERE rolname IN ('anon', 'authenticated')
)

-- part: rows_are_not_all
-- What is more than to read and to write rows. Nobody but the owner needs it, and default privileges give it.
privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN')

-- name: list_excess_grants
-- Statements that take back what default privileges gave to strangers. What the owner opened stays: what a policy of
-- a table lets a role do, and grants that name single rights on what was there `before`, its relations and schemas.
WITH held AS (
    SELECT r.oid, r.kind, r.name, s.oid AS holder, s.name AS holder_name, a.privilege_type,
        bool_or({rows_are_not_all}) OVER (PARTITION BY r.oid, s.oid) AS by_default
    FROM {our_relations} AS r
    CROSS JOIN LATERAL aclexplode(r.acl) AS a
    JOIN {strangers} AS s ON s.oid = a.grantee
)
SELECT format('REVOKE %%s ON %%s %%s FROM %%s', string_agg(DISTINCT privilege_type, ', '),
    kind, name, holder_name) AS statement
FROM held
WHERE kind = 'SEQUENCE' OR oid <> ALL (%(relations)s::oid[]) OR (by_default AND NOT EXISTS (
    SELECT FROM pg_policy AS p
    WHERE p.polrelid = held.oid AND p.polroles && ARRAY[0::oid, held.holder]
      AND CASE privilege_type WHEN 'SELECT' THEN p.polcmd IN ('r', '*') WHEN 'INSERT' THEN p.polcmd IN ('a', '*')
          WHEN 'UPDATE' THEN p.polcmd IN ('w', '*') WHEN 'DELETE' THEN p.polcmd IN ('d', '*') ELSE false END
))
GROUP BY kind, name, holder_name
UNION ALL
SELECT format('REVOKE ALL ON FUNCTION %%s FROM %%s', f.name, string_agg(s.name, ', '))
FROM {our_functions} AS f
CROSS JOIN LATERAL aclexplode(f.acl) AS a
JOIN (
    SELECT oid, name FROM {strangers} AS t
    UNION ALL
    SELECT oid, quote_ident(rolname) FROM pg_roles WHERE rolname = 'service_role'
) AS s ON s.oid = a.grantee
GROUP BY f.name
UNION ALL
SELECT format('REVOKE ALL ON SCHEMA %%I FROM %%s', n.nspname, string_agg(DISTINCT s.name, ', '))
FROM pg_namespace AS n
CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
JOIN {strangers} AS s ON s.oid = a.grantee
WHERE n.oid IN (to_regnamespace('{schema}'), to_regnamespace('{views}')) AND n.oid <> ALL (%(schemas)s::oid[])
GROUP BY n.nspname;

-- name: get_granted
-- The relations and schemas that are there, and what others than their owner were granted on relations.
SELECT
    ARRAY(SELECT r.oid::bigint FROM {our_relations} AS r) AS relations,
    ARRAY(SELECT oid::bigint FROM pg_namespace
        WHERE oid IN (to_regnamespace('{schema}'), to_regnamespace('{views}'))) AS schemas,
    (
        SELECT jsonb_agg(jsonb_build_object('oid', r.oid::bigint, 'name', r.name, 'column_name', a.column_name,
            'role', g.rolname, 'privilege', a.privilege_type, 'grantable', a.is_grantable))
        FROM {our_relations} AS r
        CROSS JOIN LATERAL (
            SELECT NULL::name AS column_name, x.* FROM aclexplode(r.acl) AS x
            UNION ALL
            SELECT c.attname, x.* FROM pg_attribute AS c CROSS JOIN LATERAL aclexplode(c.attacl) AS x
            WHERE c.attrelid = r.oid AND NOT c.attisdropped
        ) AS a
        LEFT JOIN pg_roles AS g ON g.oid = a.grantee
        WHERE a.grantee <> r.owner AND r.kind <> 'SEQUENCE'
    ) AS granted;

-- name: list_lost_grants
-- Statements that grant again what was `granted` on a relation that was dropped and created again.
SELECT format('GRANT %%s%%s ON TABLE %%s TO %%s%%s', g.privilege, ' (' || quote_ident(c.attname) || ')', r.name,
    coalesce(quote_ident(o.rolname), 'PUBLIC'), CASE WHEN g.grantable THEN ' WITH GRANT OPTION' END) AS statement
FROM jsonb_to_recordset(%(granted)s::jsonb) AS g (
    oid bigint, name text, column_name text, role text, privilege text, grantable boolean)
JOIN {our_relations} AS r ON r.name = g.name AND r.oid::bigint <> g.oid
LEFT JOIN pg_roles AS o ON o.rolname = g.role
LEFT JOIN pg_attribute AS c ON c.attrelid = r.oid AND c.attname = g.column_name AND NOT c.attisdropped
WHERE (o.oid IS NOT NULL OR g.role IS NULL) AND (c.attname IS NOT NULL OR g.column_name IS NULL);

-- name: list_assistants_grants
-- Statements that give the role of the assistants the views and the functions that `query` calls.
SELECT format('GRANT %%s %%s TO %%s', wanted.right, wanted.name, '{reader}') AS statement
FROM (
    SELECT 'SELECT ON TABLE' AS right, r.name, r.owner, r.acl FROM {our_relations} AS r
    WHERE r.is_view AND r.readable
    UNION ALL
    SELECT 'EXECUTE ON FUNCTION', f.name, f.owner, f.acl FROM {our_functions} AS f WHERE f.of_views
) AS wanted
JOIN pg_roles AS o ON o.oid = to_regrole('{reader}') AND o.oid <> wanted.owner
WHERE NOT EXISTS (SELECT FROM aclexplode(wanted.acl) AS a WHERE a.grantee = o.oid);

-- name: list_readers
-- The roles that were made readers.
SELECT DISTINCT o.rolname AS role
FROM {our_relations} AS r
JOIN pg_policy AS p ON p.polrelid = r.oid AND p.polname = 'clickup_sync_readers'
JOIN pg_roles AS o ON o.oid = ANY(p.polroles);

-- name: list_role_powers
-- Each role whose rights a role has, itself among them; none where there is no such role.
WITH RECURSIVE roles AS (
    SELECT oid FROM pg_roles WHERE rolname = %(role)s
    UNION
    SELECT m.roleid FROM pg_auth_members AS m JOIN roles ON m.member = roles.oid
)
SELECT o.rolname AS name, o.rolsuper AS is_superuser, o.rolbypassrls AS bypasses_row_security,
    o.rolcreaterole AS makes_roles, o.rolreplication AS replicates,
    o.oid IN (
        SELECT r.owner FROM {our_relations} AS r
        UNION ALL SELECT datdba FROM pg_database WHERE datname = current_database()
        UNION ALL SELECT nspowner FROM pg_namespace
            WHERE oid IN (to_regnamespace('{schema}'), to_regnamespace('{views}'))
    ) AS is_owner,
    o.rolname IN ('pg_read_all_data', 'pg_write_all_data', 'pg_maintain', 'pg_read_server_files',
        'pg_write_server_files', 'pg_execute_server_program') AS is_predefined
FROM roles
JOIN pg_roles AS o USING (oid)
ORDER BY o.rolname <> %(role)s, o.rolname;

-- part: held_by_role
-- What a role was itself granted of each relation: to read it, and more than that.
SELECT r.*, coalesce(a.may_read, false) AS may_read, coalesce(a.may_more, false) AS may_more
FROM {our_relations} AS r
CROSS JOIN LATERAL (
    SELECT bool_or(x.whole AND x.privilege_type = 'SELECT') AS may_read,
        bool_or(NOT x.whole OR x.privilege_type <> 'SELECT' OR x.is_grantable) AS may_more
    FROM (
        SELECT true AS whole, t.* FROM aclexplode(r.acl) AS t
        UNION ALL
        SELECT false, t.* FROM pg_attribute AS c CROSS JOIN LATERAL aclexplode(c.attacl) AS t WHERE c.attrelid = r.oid
    ) AS x
    JOIN pg_roles AS o ON o.oid = x.grantee AND o.rolname = %(role)s
) AS a

-- part: revoke_functions
-- Statements that take the functions from a role, as the fifth of the kinds of statements.
SELECT 5 AS step, true AS of_mirror, format('REVOKE ALL ON FUNCTION %%s FROM %%I', f.name, o.rolname) AS statement
FROM {our_functions} AS f
CROSS JOIN LATERAL aclexplode(f.acl) AS a
JOIN pg_roles AS o ON o.oid = a.grantee AND o.rolname = %(role)s AND o.oid <> f.owner

-- name: list_reader_grants
-- The statements that make a role a reader and nothing more, which may still be to be made; none where it is one.
-- `of_mirror`: the owner of the tables may run it.
WITH held AS ({held_by_role}), role AS (
    SELECT name, (SELECT oid FROM pg_roles WHERE rolname = name) AS oid FROM (VALUES (%(role)s::text)) AS given (name)
)
SELECT statement, of_mirror FROM (
    SELECT 1 AS step, false AS of_mirror, format('CREATE ROLE %%I LOGIN', name) AS statement FROM role WHERE oid IS NULL
    UNION ALL
    SELECT 2, false, format('GRANT CONNECT ON DATABASE %%I TO %%I', d.datname, role.name)
    FROM pg_database AS d
    CROSS JOIN role
    WHERE d.datname = current_database() AND NOT EXISTS (
        SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
        WHERE a.grantee IN (0, role.oid) AND a.privilege_type = 'CONNECT')
    UNION ALL
    SELECT 3, false, format('REVOKE %%s FROM %%I', '{reader}', role.name)
    FROM role
    JOIN pg_auth_members AS m ON m.member = role.oid AND m.roleid = to_regrole('{reader}')
    UNION ALL
    SELECT 4, true, format('REVOKE ALL ON %%s %%s FROM %%I', kind, string_agg(held.name, ', ' ORDER BY held.name),
        role.name)
    FROM held
    CROSS JOIN role
    WHERE may_more OR (may_read AND NOT readable)
    GROUP BY kind, role.name
    UNION ALL
    {revoke_functions}
    WHERE NOT f.readable
    UNION ALL
    SELECT 6, true, format('REVOKE CREATE ON SCHEMA %%I FROM %%I', n.nspname, role.name)
    FROM pg_namespace AS n
    CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
    JOIN role ON role.oid = a.grantee AND a.privilege_type = 'CREATE'
    WHERE n.oid IN (to_regnamespace('{schema}'), to_regnamespace('{views}'))
    UNION ALL
    SELECT 7, true, format('GRANT USAGE ON SCHEMA %%I TO %%I', n.nspname, role.name)
    FROM pg_namespace AS n
    CROSS JOIN role
    WHERE n.oid IN (to_regnamespace('{schema}'), to_regnamespace('{views}')) AND NOT EXISTS (
        SELECT FROM aclexplode(n.nspacl) AS a WHERE a.grantee IN (0, role.oid) AND a.privilege_type = 'USAGE')
    UNION ALL
    SELECT 8, true, format('GRANT SELECT ON TABLE %%s TO %%I', string_agg(held.name, ', ' ORDER BY held.name), role.name)
    FROM held
    CROSS JOIN role
    WHERE readable AND (may_more OR NOT may_read)
    GROUP BY role.name
    UNION ALL
    SELECT 8, true, format('GRANT EXECUTE ON FUNCTION %%s TO %%I', string_agg(f.name, ', ' ORDER BY f.name), role.name)
    FROM {our_functions} AS f
    CROSS JOIN role
    WHERE f.readable AND role.oid IS DISTINCT FROM f.owner
      AND NOT EXISTS (SELECT FROM aclexplode(f.acl) AS a WHERE a.grantee = role.oid)
    GROUP BY role.name
    UNION ALL
    SELECT 9, true, CASE
        WHEN p.oid IS NULL THEN
            format('CREATE POLICY clickup_sync_readers ON %%s FOR SELECT TO %%I USING (true)', held.name, role.name)
        ELSE format('ALTER POLICY clickup_sync_readers ON %%s TO %%s, %%I', held.name,
            (SELECT string_agg(quote_ident(rolname), ', ') FROM pg_roles WHERE oid = ANY(p.polroles)), role.name)
    END
    FROM held
    CROSS JOIN role
    LEFT JOIN pg_policy AS p ON p.polrelid = held.oid AND p.polname = 'clickup_sync_readers'
    WHERE readable AND NOT is_view AND (p.oid IS NULL OR NOT p.polroles && ARRAY[0::oid, role.oid])
) AS made
ORDER BY step, statement;

-- name: list_reader_revokes
-- The statements that take from a role everything that it was itself granted on the mirror.
SELECT statement, of_mirror FROM (
    SELECT 4 AS step, true AS of_mirror,
        format('REVOKE ALL ON %%s %%s FROM %%I', kind, string_agg(name, ', ' ORDER BY name), %(role)s) AS statement
    FROM ({held_by_role}) AS held
    WHERE may_read OR may_more
    GROUP BY kind
    UNION ALL
    {revoke_functions}
    UNION ALL
    SELECT 6, true, format('REVOKE ALL ON SCHEMA %%I FROM %%I', n.nspname, o.rolname)
    FROM pg_namespace AS n
    CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
    JOIN pg_roles AS o ON o.oid = a.grantee AND o.rolname = %(role)s
    WHERE n.oid IN (to_regnamespace('{schema}'), to_regnamespace('{views}')) AND n.nspname <> 'public'
    UNION ALL
    SELECT 7, true, coalesce(
        format('ALTER POLICY clickup_sync_readers ON %%s TO ', r.name) || string_agg(quote_ident(other.rolname), ', '),
        format('DROP POLICY clickup_sync_readers ON %%s', r.name))
    FROM {our_relations} AS r
    JOIN pg_policy AS p ON p.polrelid = r.oid AND p.polname = 'clickup_sync_readers'
    JOIN pg_roles AS o ON o.oid = ANY(p.polroles) AND o.rolname = %(role)s
    LEFT JOIN pg_roles AS other ON other.oid = ANY(p.polroles) AND other.oid <> o.oid
    GROUP BY r.name
) AS made
GROUP BY step, statement, of_mirror
ORDER BY step, statement;

-- name: list_role_rights
-- What each role but the owner, superusers, the role of the assistants and Supabase's `service_role` was granted on
-- the mirror. `internal`: tables that no reader should read; `beyond_rows`: tables on which it may do more than read
-- and write rows; `may_be_assistant`: it has the rights of the role of the assistants, which owns their function.
SELECT o.name AS role, o.is_stranger, count(DISTINCT a.name) FILTER (WHERE a.readable) AS readable,
    coalesce(array_agg(DISTINCT a.name) FILTER (WHERE NOT a.readable AND a.kind = 'TABLE'), '{}') AS internal,
    coalesce(array_agg(DISTINCT a.name) FILTER (WHERE a.beyond_rows), '{}') AS beyond_rows,
    o.may_be_assistant,
    o.is_stranger AND o.may_create AS may_create
FROM (
    SELECT s.oid, s.name, s.name IN ('PUBLIC', 'anon', 'authenticated') AS is_stranger,
        EXISTS (SELECT FROM pg_auth_members AS m WHERE m.member = s.oid AND m.roleid = to_regrole('{reader}'))
            AS may_be_assistant,
        EXISTS (
            SELECT FROM pg_namespace AS n CROSS JOIN LATERAL aclexplode(n.nspacl) AS x
            WHERE n.oid IN (to_regnamespace('{schema}'), to_regnamespace('{views}'))
              AND x.grantee = s.oid AND x.privilege_type = 'CREATE'
        ) AS may_create
    FROM (
        SELECT 0::oid AS oid, 'PUBLIC' AS name
        UNION ALL
        SELECT g.oid, g.rolname FROM pg_roles AS g
        WHERE NOT g.rolsuper AND g.rolname <> 'service_role' AND g.oid IS DISTINCT FROM to_regrole('{reader}')
          AND g.oid NOT IN (SELECT r.owner FROM {our_relations} AS r)
    ) AS s
) AS o
LEFT JOIN (
    SELECT r.name, r.readable, r.kind, x.grantee, {rows_are_not_all} AS beyond_rows
    FROM {our_relations} AS r
    CROSS JOIN LATERAL (
        SELECT t.* FROM aclexplode(r.acl) AS t
        UNION ALL
        SELECT t.* FROM pg_attribute AS c CROSS JOIN LATERAL aclexplode(c.attacl) AS t WHERE c.attrelid = r.oid
    ) AS x
) AS a ON a.grantee = o.oid
WHERE a.name IS NOT NULL OR o.may_be_assistant OR (o.is_stranger AND o.may_create)
GROUP BY o.oid, o.name, o.is_stranger, o.may_be_assistant, o.may_create
ORDER BY o.name;

-- name: limit_lock_wait
-- A lock that does not come in half a second is given up.
SELECT set_config('lock_timeout', '500ms', true);
