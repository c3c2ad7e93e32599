-- The mirror's own books: leases, runs, streams, skipped objects.

-- name: take_lease
-- The lease, if it is free or its holder fell silent; the fence counts who holds it.
INSERT INTO leases AS held (workspace_id, holder, fence, expires_at)
VALUES (%(workspace_id)s, %(holder)s, 1, now() + %(ttl)s)
ON CONFLICT (workspace_id) DO UPDATE SET
    holder = excluded.holder, fence = held.fence + 1, heartbeat_at = now(), expires_at = excluded.expires_at
WHERE held.expires_at < now()
RETURNING fence;

-- name: get_lease
-- Who holds the workspace, and since when it was last heard of.
SELECT holder, heartbeat_at, expires_at FROM leases WHERE workspace_id = %(workspace_id)s;

-- name: keep_lease
-- The heartbeat; no row means that the lease is lost.
UPDATE leases SET heartbeat_at = now(), expires_at = now() + %(ttl)s
WHERE workspace_id = %(workspace_id)s AND fence = %(fence)s
RETURNING fence;

-- name: check_fence
-- Holds the lease for the length of a transaction, so that nobody takes it over in the middle.
SELECT fence FROM leases WHERE workspace_id = %(workspace_id)s AND fence = %(fence)s FOR SHARE;

-- name: release_lease
-- Gives the workspace free at once.
UPDATE leases SET expires_at = now() - interval '1 second'
WHERE workspace_id = %(workspace_id)s AND fence = %(fence)s;

-- name: insert_run
-- A run is a row from its start.
INSERT INTO runs (workspace_id, kind, trigger, fence)
VALUES (%(workspace_id)s, %(kind)s, %(trigger)s, %(fence)s)
RETURNING run_id;

-- name: interrupt_runs
-- Runs of holders that were killed.
UPDATE runs SET status = 'interrupted', ended_at = now()
WHERE workspace_id = %(workspace_id)s AND status = 'running' AND fence < %(fence)s;

-- name: finish_run
-- How it ended.
UPDATE runs
SET status = %(status)s, ended_at = now(), requests = %(requests)s, rows_written = %(rows_written)s,
    counts = %(counts)s::jsonb, notes = %(notes)s::jsonb, error = %(error)s
WHERE run_id = %(run_id)s;

-- name: upsert_skipped
-- Objects of ClickUp's answers that could not be understood or read.
INSERT INTO skipped_objects AS stored (workspace_id, kind, object_id, reason, run_id)
SELECT DISTINCT ON (r.kind, r.object_id) %(workspace_id)s, r.kind, r.object_id, r.reason, %(run_id)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (kind text, object_id text, reason text)
ON CONFLICT (workspace_id, kind, object_id) DO UPDATE SET
    reason = excluded.reason, run_id = excluded.run_id, skipped_at = now();

-- name: forget_skipped
-- What later passes could read again.
DELETE FROM skipped_objects WHERE workspace_id = %(workspace_id)s AND run_id <> %(run_id)s;

-- name: get_stream
-- How far a stream is known.
SELECT watermark, read_at, complete_at, blind_spot
FROM streams WHERE workspace_id = %(workspace_id)s AND stream = %(stream)s;

-- name: advance_stream
-- The watermark moves forward only; it stands in the transaction of the rows it stands for.
INSERT INTO streams AS stored (workspace_id, stream, watermark, read_at)
VALUES (%(workspace_id)s, %(stream)s, %(watermark)s, %(read_at)s)
ON CONFLICT (workspace_id, stream) DO UPDATE SET
    watermark = greatest(excluded.watermark, stored.watermark), read_at = excluded.read_at;

-- name: complete_stream
-- The stream was read whole, as asked at `read_at`; `blind_spot` says what the token cannot see.
INSERT INTO streams AS stored (workspace_id, stream, read_at, complete_at, blind_spot)
VALUES (%(workspace_id)s, %(stream)s, %(read_at)s, %(read_at)s, %(blind_spot)s)
ON CONFLICT (workspace_id, stream) DO UPDATE SET
    read_at = excluded.read_at, complete_at = excluded.complete_at, blind_spot = excluded.blind_spot;

-- name: set_blind_spot
-- What of a stream the token cannot see, as found by a read that was not of the whole stream.
UPDATE streams SET blind_spot = %(blind_spot)s
WHERE workspace_id = %(workspace_id)s AND stream = %(stream)s AND blind_spot IS DISTINCT FROM %(blind_spot)s;
