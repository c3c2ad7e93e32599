-- The schema of the job queue, and which of Procrastinate's migrations were applied to it.

-- name: create_job_migrations_table
-- Which migrations of the library were applied.
CREATE TABLE IF NOT EXISTS {jobs}.applied_migrations (
    name        text PRIMARY KEY,
    applied_at  timestamptz NOT NULL DEFAULT now()
);

-- name: find_job_migrations_table
-- Whether it is there.
SELECT to_regclass('{jobs}.applied_migrations') IS NOT NULL AS exists;

-- name: list_job_migrations
-- What was applied.
SELECT name FROM {jobs}.applied_migrations;

-- name: insert_job_migrations
-- These have been applied now.
INSERT INTO {jobs}.applied_migrations (name) SELECT unnest(%(names)s::text[]);

-- name: use_job_schema
-- For this transaction: the library's SQL names no schema.
SELECT set_config('search_path', '{jobs}, pg_temp', true);

-- name: list_job_schema_statements
-- Statements by which functions find the tables, whatever the session's search path, and the tables are for their
-- owner alone.
SELECT format('ALTER FUNCTION %%s SET search_path = pg_catalog, %%I, pg_temp', p.oid::regprocedure, n.nspname) AS statement
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.oid = to_regnamespace('{jobs}')
UNION ALL
SELECT format('REVOKE ALL ON FUNCTION %%s FROM PUBLIC', p.oid::regprocedure)
FROM pg_proc AS p WHERE p.pronamespace = to_regnamespace('{jobs}')
UNION ALL
SELECT format('ALTER TABLE %%s ENABLE ROW LEVEL SECURITY', c.oid::regclass)
FROM pg_class AS c
WHERE c.relnamespace = to_regnamespace('{jobs}') AND c.relkind = 'r';
