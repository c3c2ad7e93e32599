-- Internal tables: runs, streams, skipped objects, the state of each workspace.

-- part: is_not_removed
-- Nobody has removed the workspace, where it was connected.
(NOT %(is_connected)s OR EXISTS (
    SELECT FROM {schema}.workspace_connections
    WHERE workspace_id = %(workspace_id)s AND state <> 'removing' FOR SHARE
))

-- name: begin_run_transaction
-- Of a workspace one such transaction is open at a time, and the run is given to nobody else until it ends. No row
-- where the run was given to another worker, or ended. Marks the transaction as one of the sync's, and says whether
-- others changed rows of the mirror. The triggers of history get to know the workspace, and ClickUp's clock.
SELECT pg_advisory_xact_lock(hashtextextended('{schema} ' || %(workspace_id)s, 0)) IS NULL AS locked,
    set_config('clickup_sync.writer', 'on', true) AS writer,
    set_config('clickup_sync.history', CASE WHEN %(records_history)s THEN 'on' ELSE 'off' END, true) AS history,
    set_config('clickup_sync.workspace_id', %(workspace_id)s, true) AS workspace_id,
    set_config('clickup_sync.clickup_now', %(clickup_now)s::timestamptz::text, true) AS clickup_now,
    set_config('clickup_sync.clock_ahead', %(clock_ahead)s::interval::text, true) AS clock_ahead,
    set_config('clickup_sync.read_since', %(read_since)s::timestamptz::text, true) AS read_since,
    EXISTS (SELECT FROM {schema}.external_changes) AS has_external_changes
FROM {schema}.runs WHERE run_id = %(run_id)s AND fence = %(fence)s AND status = 'running' FOR KEY SHARE OF runs;

-- name: insert_run
-- A run is a row from its start.
INSERT INTO {schema}.runs (workspace_id, kind, trigger, fence)
VALUES (%(workspace_id)s, %(kind)s, %(trigger)s, 1)
RETURNING run_id, fence, max_deleted_percent, started_at, requests, rows_written, checkpoint::text;

-- name: request_run
-- A run that waits for a worker; no row while one of its kind waits or runs.
INSERT INTO {schema}.runs (workspace_id, kind, trigger, status, fence, max_deleted_percent)
VALUES (%(workspace_id)s, %(kind)s, %(trigger)s, 'waiting', 0, %(max_deleted_percent)s)
ON CONFLICT DO NOTHING
RETURNING run_id, status, max_deleted_percent;

-- name: get_unended_run
-- The run of a kind that waits or is under way; there is one at most.
SELECT run_id, status, max_deleted_percent
FROM {schema}.runs
WHERE workspace_id = %(workspace_id)s AND kind = %(kind)s AND status IN ('waiting', 'running');

-- name: get_run
-- One run as it stands.
SELECT run_id, workspace_id, kind, trigger, status, started_at, ended_at, requests, rows_written, counts,
    notes, progress, error
FROM {schema}.runs WHERE run_id = %(run_id)s;

-- name: start_run
-- The run of a kind that waits, or that another worker left, begins; from now on nobody else writes for it. Whoever
-- writes for it just now is waited for. With a checkpoint it goes on from there, also where it failed or was
-- interrupted of late. No row where there is no such run.
WITH found AS (
    SELECT run_id FROM {schema}.runs
    WHERE workspace_id = %(workspace_id)s AND kind = %(kind)s AND kind NOT IN ('webhook', 'verification')
      AND (status IN ('waiting', 'running') OR checkpoint IS NOT NULL AND ended_at > now() - interval '12 hours')
    ORDER BY ended_at DESC
    LIMIT 1
    FOR UPDATE
)
UPDATE {schema}.runs AS r
SET status = 'running', fence = r.fence + 1, ended_at = NULL, error = NULL, fault = NULL,
    started_at = CASE WHEN r.checkpoint IS NULL THEN now() ELSE r.started_at END,
    progress = CASE WHEN r.checkpoint IS NULL THEN '{}' ELSE r.progress END
FROM found WHERE r.run_id = found.run_id
RETURNING r.run_id, r.fence, r.max_deleted_percent, r.started_at, r.requests, r.rows_written, r.checkpoint::text;

-- name: give_up_runs
-- Runs of a worker that ended wait for the next one; what it still writes for them is refused. Single objects are
-- read by a run of their own. With an `error` there is no next attempt: they have failed.
WITH found AS (
    SELECT run_id FROM {schema}.runs
    WHERE workspace_id = %(workspace_id)s AND kind = %(kind)s
      AND (status = 'running' OR status = 'waiting' AND %(error)s::text IS NOT NULL)
    FOR UPDATE
)
UPDATE {schema}.runs AS r
SET status = CASE
        WHEN %(error)s::text IS NOT NULL THEN 'failed'
        WHEN kind IN ('webhook', 'verification') THEN 'interrupted'
        ELSE 'waiting'
    END, fence = r.fence + 1, error = %(error)s, fault = CASE WHEN %(error)s::text IS NOT NULL THEN 'process' END,
    ended_at = CASE WHEN %(error)s::text IS NOT NULL OR kind IN ('webhook', 'verification') THEN now() END
FROM found WHERE r.run_id = found.run_id;

-- name: cancel_run
-- Whoever asked for it waits no longer.
UPDATE {schema}.runs SET status = 'interrupted', ended_at = now()
WHERE run_id = %(run_id)s AND status = 'waiting';

-- name: list_runs_without_job
-- Runs that wait, or are under way, and no job in the queue does them: their process ended between the two.
SELECT r.workspace_id, r.kind, r.trigger
FROM {schema}.runs AS r
WHERE r.status IN ('waiting', 'running') AND r.kind NOT IN ('webhook', 'verification')
  AND r.started_at < now() - interval '10 seconds'
  AND NOT EXISTS (
      SELECT FROM {jobs}.procrastinate_jobs AS j
      WHERE j.status IN ('todo', 'doing') AND j.queueing_lock = r.workspace_id || '/' || r.kind
  );

-- name: note_progress
-- How far a run is, for whoever watches it.
UPDATE {schema}.runs SET progress = %(progress)s::jsonb, requests = %(requests)s, rows_written = %(rows_written)s
WHERE run_id = %(run_id)s AND status = 'running' AND fence = %(fence)s;

-- name: store_checkpoint
-- Where a pass is, for the job that continues it, which may run on another machine.
UPDATE {schema}.runs
SET checkpoint = %(checkpoint)s::jsonb, progress = %(progress)s::jsonb, requests = %(requests)s,
    rows_written = %(rows_written)s
WHERE run_id = %(run_id)s AND fence = %(fence)s;

-- name: insert_seen_tasks
-- Tasks that listings showed since the last checkpoint; `seen_before` of them came earlier.
INSERT INTO {schema}.run_seen_tasks (run_id, seen_before, task_ids)
SELECT run_id, %(seen_before)s, %(task_ids)s FROM {schema}.runs
WHERE run_id = %(run_id)s AND fence = %(fence)s
ON CONFLICT (run_id, seen_before) DO UPDATE SET task_ids = excluded.task_ids;

-- name: list_seen_tasks
-- What the listings of a pass showed before its last checkpoint.
SELECT task_ids FROM {schema}.run_seen_tasks WHERE run_id = %(run_id)s;

-- name: delete_seen_tasks
-- A pass begins anew.
DELETE FROM {schema}.run_seen_tasks WHERE run_id = %(run_id)s;

-- name: finish_run
-- How it ended, and with `is_over` for good: then nothing continues it, nor an earlier one of its kind that ended
-- otherwise. Of a run that was given to another worker, that one says it.
WITH finished AS (
    UPDATE {schema}.runs
    SET status = %(status)s, ended_at = now(), requests = %(requests)s, rows_written = %(rows_written)s,
        clock_ahead_ms = %(clock_ahead_ms)s, counts = %(counts)s::jsonb, notes = %(notes)s::jsonb, error = %(error)s, fault = %(fault)s,
        checkpoint = CASE WHEN NOT %(is_over)s THEN checkpoint END
    WHERE run_id = %(run_id)s AND status = 'running' AND fence = %(fence)s
    RETURNING run_id, workspace_id, kind
), earlier AS (
    UPDATE {schema}.runs AS r SET checkpoint = NULL
    FROM finished
    WHERE %(is_over)s AND r.workspace_id = finished.workspace_id AND r.kind = finished.kind
      AND r.run_id <> finished.run_id AND r.checkpoint IS NOT NULL AND r.ended_at IS NOT NULL
    RETURNING r.run_id
)
DELETE FROM {schema}.run_seen_tasks
WHERE %(is_over)s AND run_id IN (SELECT run_id FROM finished UNION ALL SELECT run_id FROM earlier);

-- name: upsert_skipped
-- Objects of ClickUp's answers that could not be understood or read.
INSERT INTO {schema}.skipped_objects AS stored (workspace_id, kind, object_id, reason, run_id)
SELECT DISTINCT ON (r.kind, r.object_id) %(workspace_id)s, r.kind, r.object_id, r.reason, %(run_id)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (kind text, object_id text, reason text)
ON CONFLICT (workspace_id, kind, object_id) DO UPDATE SET
    reason = excluded.reason, run_id = excluded.run_id, skipped_at = now();

-- name: list_recently_skipped
-- Objects that could not be read of late.
SELECT object_id FROM {schema}.skipped_objects
WHERE workspace_id = %(workspace_id)s AND skipped_at >= %(since)s;

-- name: forget_skipped
-- What later passes could read again.
DELETE FROM {schema}.skipped_objects WHERE workspace_id = %(workspace_id)s AND run_id <> %(run_id)s;

-- name: get_stream
-- How far a stream is known.
SELECT watermark, read_at, complete_at, blind_spot
FROM {schema}.streams WHERE workspace_id = %(workspace_id)s AND stream = %(stream)s;

-- name: advance_stream
-- The watermark moves forward only; it stands in the transaction of the rows it stands for.
INSERT INTO {schema}.streams AS stored (workspace_id, stream, watermark, read_at)
VALUES (%(workspace_id)s, %(stream)s, %(watermark)s, %(read_at)s)
ON CONFLICT (workspace_id, stream) DO UPDATE SET
    watermark = greatest(excluded.watermark, stored.watermark),
    read_at = greatest(excluded.read_at, stored.read_at);

-- name: complete_stream
-- The stream was read whole, as asked at `read_at`; `blind_spot` says what the token cannot see.
INSERT INTO {schema}.streams AS stored (workspace_id, stream, read_at, complete_at, blind_spot)
VALUES (%(workspace_id)s, %(stream)s, %(read_at)s, %(read_at)s, %(blind_spot)s)
ON CONFLICT (workspace_id, stream) DO UPDATE SET
    read_at = greatest(excluded.read_at, stored.read_at),
    complete_at = greatest(excluded.complete_at, stored.complete_at), blind_spot = excluded.blind_spot;

-- name: set_blind_spot
-- What of a stream the token cannot see, as found by a read that was not of the whole stream.
UPDATE {schema}.streams SET blind_spot = %(blind_spot)s
WHERE workspace_id = %(workspace_id)s AND stream = %(stream)s AND blind_spot IS DISTINCT FROM %(blind_spot)s;

-- name: get_last_full_pass
-- The last full pass that came to its end: when it began, and what it cost in requests.
SELECT started_at, requests
FROM {schema}.runs
WHERE workspace_id = %(workspace_id)s AND kind = 'full' AND status = 'succeeded'
ORDER BY started_at DESC LIMIT 1;

-- name: get_last_comparison
-- When the last pass over everything began, whether it was a full one, a deep one or the first sync;
-- no instant while the first sync has not come to its end.
SELECT greatest(
        (SELECT max(started_at) FROM {schema}.runs
         WHERE workspace_id = %(workspace_id)s AND kind IN ('full', 'deep') AND status <> 'waiting'),
        min(complete_at)
    ) AS started_at
FROM {schema}.streams
WHERE workspace_id = %(workspace_id)s AND stream IN ('tasks', 'archived tasks', 'time')
HAVING count(complete_at) = 3;

-- name: upsert_workspace_state
-- What a worker knows of a workspace after a job: its token, budget and intervals, and the requests since the last
-- time. A worker that has not asked ClickUp since says nothing of the token. `is_connected`: the workspace was; of one
-- that is removed meanwhile nothing is stored.
INSERT INTO {schema}.workspace_states AS stored (
    workspace_id, started_at, seen_at, token_rejected_at, token_error, requests_per_minute, requests_left,
    incremental_interval, full_interval, full_interval_reason, public_url, requests_answered,
    requests_rate_limited, requests_failed
)
SELECT
    %(workspace_id)s, now(), now(), CASE WHEN %(token_error)s::text IS NOT NULL THEN now() END, %(token_error)s,
    %(requests_per_minute)s::integer, %(requests_left)s::integer, %(incremental_interval)s::interval,
    %(full_interval)s::interval, %(full_interval_reason)s, %(public_url)s, %(requests_answered)s::bigint,
    %(requests_rate_limited)s::bigint, %(requests_failed)s::bigint
WHERE {is_not_removed}
ON CONFLICT (workspace_id) DO UPDATE SET
    seen_at = excluded.seen_at,
    token_rejected_at = CASE
        WHEN excluded.token_error IS NOT NULL THEN coalesce(stored.token_rejected_at, excluded.token_rejected_at)
        WHEN NOT %(token_accepted)s THEN stored.token_rejected_at
    END,
    token_error = CASE WHEN %(token_accepted)s THEN NULL ELSE coalesce(excluded.token_error, stored.token_error) END,
    requests_per_minute = coalesce(excluded.requests_per_minute, stored.requests_per_minute),
    requests_left = coalesce(excluded.requests_left, stored.requests_left),
    incremental_interval = excluded.incremental_interval, full_interval = excluded.full_interval,
    full_interval_reason = excluded.full_interval_reason,
    public_url = excluded.public_url,
    requests_answered = stored.requests_answered + excluded.requests_answered,
    requests_rate_limited = stored.requests_rate_limited + excluded.requests_rate_limited,
    requests_failed = stored.requests_failed + excluded.requests_failed;

-- name: vacuum_data
-- Has PostgreSQL look at the data anew: after a first sync the planner still takes the tables for empty ones, and
-- what an index holds is looked up in its table all the same, until PostgreSQL comes round to it by itself. No
-- file is made shorter, because whoever reads would have to wait for that.
VACUUM (ANALYZE, TRUNCATE false) {schema}.employees, {schema}.memberships, {schema}.spaces, {schema}.folders, {schema}.lists,
    {schema}.tasks, {schema}.task_people, {schema}.task_tags, {schema}.task_dependencies,
    {schema}.time_entries, {schema}.comments, {schema}.task_reads, {schema}.daily_snapshots;
