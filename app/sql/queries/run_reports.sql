-- Runs as people ask for them.

-- part: passing_runs
-- Runs that pass every filter.
WHERE r.workspace_id = %(workspace_id)s
  AND (%(run_ids)s::uuid[] IS NULL OR r.run_id = ANY(%(run_ids)s))
  AND (%(kinds)s::text[] IS NULL OR r.kind = ANY(%(kinds)s))
  AND (%(statuses)s::text[] IS NULL OR r.status = ANY(%(statuses)s))
  AND (%(triggers)s::text[] IS NULL OR r.trigger = ANY(%(triggers)s))
  AND (%(since)s::timestamptz IS NULL OR r.started_at >= %(since)s)

-- name: list_runs
-- Runs that pass every filter, newest start first, from a place on; or, with `again`, those that began since
-- `written_since`, oldest first: a run that waited gets a new start time when it runs.
SELECT r.run_id, r.workspace_id, r.kind, r.trigger, r.status, r.started_at, r.ended_at,
    round(extract(epoch FROM r.ended_at - r.started_at)::numeric, 3) AS seconds, r.requests, r.rows_written,
    r.counts, r.notes, r.progress, r.error, r.fault
FROM {schema}.runs AS r
{passing_runs}
  AND (NOT %(again)s OR r.started_at > %(written_since)s)
  AND (%(again)s OR %(after_id)s::uuid IS NULL OR (r.started_at, r.run_id) < (%(after_time)s, %(after_id)s::uuid))
  AND (NOT %(again)s OR %(after_id)s::uuid IS NULL OR (r.started_at, r.run_id) > (%(after_time)s, %(after_id)s::uuid))
ORDER BY
    CASE WHEN NOT %(again)s THEN r.started_at END DESC,
    CASE WHEN NOT %(again)s THEN r.run_id END DESC,
    CASE WHEN %(again)s THEN r.started_at END,
    CASE WHEN %(again)s THEN r.run_id END
LIMIT %(limit)s;

-- name: count_runs
-- How many runs pass every filter, wherever the walk is.
SELECT count(*) AS total
FROM {schema}.runs AS r
{passing_runs};
