-- What is visible now, to tell whether an answer that is kept is still true.

-- name: get_data_version
-- The same text as long as no statement that writes mirrored data has become visible, and today is the same day:
-- a task becomes overdue by itself.
SELECT concat_ws('/', count(*), max(write_id),
    (SELECT string_agg((now() AT TIME ZONE coalesce(rendered_zone, 'UTC'))::date::text, ',' ORDER BY workspace_id)
     FROM {schema}.workspaces)) AS version
FROM {schema}.data_writes;

-- name: get_snapshot
-- The same text as long as no transaction that writes has ended or begun. The older function's name is known
-- to every PostgreSQL from 13 on.
SELECT txid_current_snapshot()::text AS version;
