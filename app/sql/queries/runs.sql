-- The mirror's own books: leases, runs, streams, skipped objects.

-- name: take_lease
-- The lease, if it is free or its holder fell silent; the fence counts who holds it.
INSERT INTO {schema}.leases AS held (workspace_id, holder, serves, fence, expires_at)
VALUES (%(workspace_id)s, %(holder)s, %(serves)s, 1, now() + %(ttl)s)
ON CONFLICT (workspace_id) DO UPDATE SET
    holder = excluded.holder, serves = excluded.serves, fence = held.fence + 1, heartbeat_at = now(),
    expires_at = excluded.expires_at
WHERE held.expires_at < now()
RETURNING fence;

-- name: get_lease
-- Who holds the workspace, whether it does what others ask for, and when it was last heard of.
SELECT holder, serves AND expires_at > now() AS serves, heartbeat_at, expires_at
FROM {schema}.leases WHERE workspace_id = %(workspace_id)s;

-- name: get_free_lease
-- A row where nobody holds the workspace: asked before taking it, because taking writes.
SELECT true AS free
WHERE NOT EXISTS (SELECT FROM {schema}.leases WHERE workspace_id = %(workspace_id)s AND expires_at >= now());

-- name: keep_lease
-- The heartbeat; no row means that the lease is lost.
UPDATE {schema}.leases SET heartbeat_at = now(), expires_at = now() + %(ttl)s
WHERE workspace_id = %(workspace_id)s AND fence = %(fence)s
RETURNING fence;

-- name: check_fence
-- Holds the lease for the length of a transaction, so that nobody takes it over in the middle. Marks the
-- transaction as one of the sync's, and says whether others changed rows of the mirror.
SELECT fence, set_config('clickup_sync.writer', 'on', true) AS writer,
    EXISTS (SELECT FROM {schema}.external_changes) AS has_external_changes
FROM {schema}.leases WHERE workspace_id = %(workspace_id)s AND fence = %(fence)s FOR SHARE OF leases;

-- name: release_lease
-- Gives the workspace free at once.
UPDATE {schema}.leases SET expires_at = now() - interval '1 second'
WHERE workspace_id = %(workspace_id)s AND fence = %(fence)s;

-- name: insert_run
-- A run is a row from its start.
INSERT INTO {schema}.runs (workspace_id, kind, trigger, fence)
VALUES (%(workspace_id)s, %(kind)s, %(trigger)s, %(fence)s)
RETURNING run_id, max_deleted_percent;

-- name: request_run
-- A run that waits for the holder of the workspace; no row while one of its kind waits or runs.
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

-- name: list_waiting_runs
-- What the holder of the workspace is asked for, the longest wait first.
SELECT run_id, kind, trigger
FROM {schema}.runs WHERE workspace_id = %(workspace_id)s AND status = 'waiting'
ORDER BY started_at;

-- name: start_run
-- A run that waited begins; no row when it was withdrawn.
UPDATE {schema}.runs SET status = 'running', started_at = now(), fence = %(fence)s
WHERE run_id = %(run_id)s AND status = 'waiting'
RETURNING run_id, max_deleted_percent;

-- name: withdraw_run
-- Whoever asked for it waits no longer.
UPDATE {schema}.runs SET status = 'interrupted', ended_at = now()
WHERE run_id = %(run_id)s AND status = 'waiting';

-- name: interrupt_runs
-- Runs of holders that were killed, and those of the present one whose end could not be recorded.
UPDATE {schema}.runs SET status = 'interrupted', ended_at = now()
WHERE workspace_id = %(workspace_id)s AND status = 'running'
  AND (fence < %(fence)s OR fence = %(fence)s AND run_id <> ALL(%(under_way)s));

-- name: note_progress
-- How far a run is, for whoever watches it.
UPDATE {schema}.runs SET progress = %(progress)s::jsonb, requests = %(requests)s, rows_written = %(rows_written)s
WHERE run_id = %(run_id)s AND status = 'running';

-- name: finish_run
-- How it ended.
UPDATE {schema}.runs
SET status = %(status)s, ended_at = now(), requests = %(requests)s, rows_written = %(rows_written)s,
    counts = %(counts)s::jsonb, notes = %(notes)s::jsonb, error = %(error)s, fault = %(fault)s
WHERE run_id = %(run_id)s;

-- name: upsert_skipped
-- Objects of ClickUp's answers that could not be understood or read.
INSERT INTO {schema}.skipped_objects AS stored (workspace_id, kind, object_id, reason, run_id)
SELECT DISTINCT ON (r.kind, r.object_id) %(workspace_id)s, r.kind, r.object_id, r.reason, %(run_id)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (kind text, object_id text, reason text)
ON CONFLICT (workspace_id, kind, object_id) DO UPDATE SET
    reason = excluded.reason, run_id = excluded.run_id, skipped_at = now();

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

-- name: upsert_service
-- What the service that holds the workspace says of itself.
INSERT INTO {schema}.services AS stored (
    workspace_id, holder, started_at, seen_at, token_dead_since, token_error, requests_a_minute,
    requests_left, changes_every, full_pass_every, full_pass_reason, trouble, public_url
)
VALUES (
    %(workspace_id)s, %(holder)s, %(started_at)s, now(), %(token_dead_since)s, %(token_error)s,
    %(requests_a_minute)s, %(requests_left)s, %(changes_every)s, %(full_pass_every)s, %(full_pass_reason)s,
    %(trouble)s, %(public_url)s
)
ON CONFLICT (workspace_id) DO UPDATE SET
    holder = excluded.holder, started_at = excluded.started_at, seen_at = excluded.seen_at,
    token_dead_since = excluded.token_dead_since, token_error = excluded.token_error,
    requests_a_minute = excluded.requests_a_minute, requests_left = excluded.requests_left,
    changes_every = excluded.changes_every, full_pass_every = excluded.full_pass_every,
    full_pass_reason = excluded.full_pass_reason, trouble = excluded.trouble,
    public_url = excluded.public_url;

-- name: vacuum_data
-- Has PostgreSQL look at the data anew: after a first sync the planner still takes the tables for empty ones, and
-- what an index holds is looked up in its table all the same, until PostgreSQL comes round to it by itself. No
-- file is made shorter, because whoever reads would have to wait for that.
VACUUM (ANALYZE, TRUNCATE false) {schema}.employees, {schema}.spaces, {schema}.folders, {schema}.lists,
    {schema}.tasks, {schema}.task_people, {schema}.task_tags, {schema}.task_dependencies,
    {schema}.time_entries, {schema}.comments, {schema}.task_reads, {schema}.daily_snapshots;
