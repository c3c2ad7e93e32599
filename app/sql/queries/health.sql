-- What those who watch over the service ask.

-- name: get_schema_revision
-- The revision that the database stands at.
SELECT version_num AS revision FROM {schema}.clickup_sync_version;

-- name: list_ended_runs
-- Runs that ended since an instant, in the order of their ends.
SELECT run_id, workspace_id, kind, status, ended_at, rows_written,
    extract(epoch FROM ended_at - started_at)::double precision AS seconds
FROM {schema}.runs WHERE ended_at > %(since)s
ORDER BY ended_at LIMIT %(limit)s;

-- name: count_unended_runs
-- Runs that wait or are running.
SELECT workspace_id, kind, status, count(*) AS total
FROM {schema}.runs WHERE ended_at IS NULL
GROUP BY workspace_id, kind, status;
