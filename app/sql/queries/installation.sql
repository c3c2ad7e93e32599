-- What of this program a database holds, and in which schemas. Catalogs alone are asked, until it is known whose
-- a table is: other programs have tables of these names too.

-- name: find_installation
-- What is in the schemas of the settings, and whether other schemas hold a mirror. `old_version_is_ours`: the
-- table of versions before this program had its own, with the row-level security that the first migration gave
-- it. `left_behind`: a mirror of such a version, in the schema in which the user's tables are looked for.
-- `views_in`: the schema that holds the views of this mirror; `views_of`: the schema of another mirror, whose views
-- are where those of this one are to be.
WITH mirrors AS (
    -- Their inner tables are there, with columns that they have had from the first version on.
    SELECT c.relnamespace AS schema, min(c.relowner) FILTER (WHERE c.relname = 'streams') AS owner
    FROM pg_class AS c
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind = 'r' AND (c.relname, a.attname) IN (
        ('task_reads', 'clickup_task_id'), ('task_reads', 'comments_read_at'), ('task_reads', 'time_spent_ms'),
        ('streams', 'stream'), ('streams', 'watermark'), ('streams', 'blind_spot'),
        ('skipped_objects', 'object_id'), ('tasks', 'clickup_task_id'), ('tasks', 'fingerprint')
    )
    GROUP BY c.relnamespace
    HAVING count(*) = 9
), shown AS (
    -- Which schema holds the views of which mirror: a view of the streams, beside the function that answers.
    SELECT DISTINCT t.relnamespace AS tables, n.nspname AS views
    FROM pg_class AS t
    JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid
      AND d.classid = 'pg_rewrite'::regclass
    JOIN pg_rewrite AS r ON r.oid = d.objid
    JOIN pg_class AS v ON v.oid = r.ev_class AND v.relname = 'freshness' AND v.relkind = 'v'
    JOIN pg_namespace AS n ON n.oid = v.relnamespace
    WHERE t.relname = 'streams'
      AND EXISTS (SELECT FROM pg_proc AS p WHERE p.pronamespace = n.oid AND p.proname = 'answer')
)
SELECT
    EXISTS (
        SELECT FROM pg_class AS v
        WHERE v.relnamespace = to_regnamespace('{schema}') AND v.relname = 'clickup_sync_version'
    ) AS has_version,
    EXISTS (SELECT FROM mirrors AS m WHERE m.schema = to_regnamespace('{schema}')) AS has_tables,
    EXISTS (
        SELECT FROM pg_class AS o
        JOIN mirrors AS m ON m.schema = o.relnamespace AND m.owner = o.relowner
        WHERE o.relnamespace = to_regnamespace('{schema}') AND o.relname = 'alembic_version'
          AND o.relkind = 'r' AND o.relrowsecurity
    ) AS old_version_is_ours,
    ARRAY(
        SELECT m.schema::regnamespace::text FROM mirrors AS m
        WHERE m.schema IS DISTINCT FROM to_regnamespace('{schema}') ORDER BY 1
    ) AS elsewhere,
    (
        SELECT m.schema::regnamespace::text FROM mirrors AS m
        WHERE m.schema IS DISTINCT FROM to_regnamespace('{schema}') AND NOT EXISTS (
              SELECT FROM pg_class AS v WHERE v.relnamespace = m.schema AND v.relname = 'clickup_sync_version'
          )
          AND m.schema = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
    ) AS left_behind,
    (SELECT s.views::text FROM shown AS s WHERE s.tables = to_regnamespace('{schema}') LIMIT 1) AS views_in,
    (
        SELECT s.tables::regnamespace::text
        FROM shown AS s
        JOIN pg_namespace AS n ON n.nspname = s.views AND n.oid = to_regnamespace('{views}')
        WHERE s.tables IS DISTINCT FROM to_regnamespace('{schema}')
        LIMIT 1
    ) AS views_of;

-- name: list_revisions
-- The revision that the tables are at.
SELECT version_num AS revision FROM {schema}.clickup_sync_version;

-- name: list_old_revisions
-- The same, in the table that versions before this program's own one used.
SELECT version_num AS revision FROM {schema}.alembic_version;

-- name: list_objects_in_the_way
-- Objects that have a name which pending migrations give to an object of theirs, and, where the views are still
-- to be made, everything in their schema: rights are granted on it as a whole.
SELECT format('%%s %%I.%%I', f.kind, n.nspname, f.name) AS object, f.schema = to_regnamespace('{views}') AS of_views
FROM (
    SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
            WHEN 'i' THEN 'index' WHEN 'I' THEN 'index' WHEN 'c' THEN 'type' ELSE 'table' END AS kind,
        c.relname AS name, c.relnamespace AS schema
    FROM pg_class AS c
    WHERE (c.relnamespace = to_regnamespace('{schema}') AND c.relname = ANY(%(relations)s))
       OR (%(views)s AND c.relnamespace = to_regnamespace('{views}') AND c.relkind IN ('r', 'p', 'v', 'm', 'f'))
    UNION ALL
    SELECT 'type', t.typname, t.typnamespace
    FROM pg_type AS t
    WHERE t.typnamespace = to_regnamespace('{schema}') AND t.typname = ANY(%(relations)s)
      AND t.typrelid = 0 AND t.typelem = 0
    UNION ALL
    SELECT 'function', p.proname, p.pronamespace
    FROM pg_proc AS p
    WHERE (p.pronamespace = to_regnamespace('{schema}') AND p.proname = ANY(%(functions)s) AND p.pronargs = 0)
       OR (%(views)s AND p.pronamespace = to_regnamespace('{views}'))
) AS f
JOIN pg_namespace AS n ON n.oid = f.schema
ORDER BY of_views, f.kind, f.name;

-- name: lock_migrations
-- Of two processes that migrate one waits. Any number does, the same for every process.
SELECT pg_advisory_xact_lock(7260114);

-- name: create_schemas
-- Those of the tables, the views and the job queue, where they are not there yet. Who may not is told of all at once.
DO $$
DECLARE
    missing text[] := ARRAY(
        SELECT (parse_ident(wanted))[1] FROM unnest(ARRAY['{schema}', '{views}', '{jobs}']) AS wanted
        WHERE to_regnamespace(wanted) IS NULL);
    statements text := '';
    schema_name text;
BEGIN
    FOREACH schema_name IN ARRAY missing LOOP
        statements := statements || format(' CREATE SCHEMA %%I AUTHORIZATION %%I;', schema_name, current_user);
    END LOOP;
    EXECUTE statements;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE =
        'this user may not create schemas; an administrator runs once:' || rtrim(statements, ';');
END
$$;

-- name: use_schema
-- Until the transaction ends, names without a schema are names in this one.
SELECT set_config('search_path', '{schema}, pg_temp', true);

-- name: create_version_table
-- The version table of this program's own; a Supabase project publishes the tables of `public`.
CREATE TABLE IF NOT EXISTS {schema}.clickup_sync_version (
    version_num  varchar(32) NOT NULL,
    CONSTRAINT clickup_sync_version_pkc PRIMARY KEY (version_num)
);

-- name: secure_version_table
-- As every table has it.
ALTER TABLE {schema}.clickup_sync_version ENABLE ROW LEVEL SECURITY;

-- name: set_revision
-- The revision at which an older version left the tables.
INSERT INTO {schema}.clickup_sync_version (version_num) VALUES (%(revision)s);

-- name: drop_old_version_table
-- Its one row is in the version table of this program's own.
DROP TABLE {schema}.alembic_version;
