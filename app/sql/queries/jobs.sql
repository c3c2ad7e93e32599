-- The job queue beside Procrastinate's own statements, the schedules that fill it, and the processes that work.

-- name: list_waiting_jobs
-- Which of these wait already.
SELECT queueing_lock FROM {jobs}.procrastinate_jobs
WHERE status = 'todo' AND queueing_lock = ANY(%(queueing_locks)s::text[]);

-- name: end_stalled_job
-- A job whose worker ended; no row where it ended otherwise meanwhile, or the worker is heard of again.
DELETE FROM {jobs}.procrastinate_jobs AS j WHERE j.id = %(job_id)s AND j.status = 'doing' AND NOT EXISTS (
    SELECT FROM {jobs}.procrastinate_workers AS w
    WHERE w.id = j.worker_id AND w.last_heartbeat >= now() - make_interval(secs => %(seconds)s)
) RETURNING j.id;

-- name: set_attempt
-- A job that waits is the next attempt of one whose worker ended.
UPDATE {jobs}.procrastinate_jobs
SET args = args || jsonb_build_object('attempt', %(attempt)s::integer),
    scheduled_at = now() + make_interval(secs => %(pause_seconds)s)
WHERE status = 'todo' AND queueing_lock = %(queueing_lock)s;

-- name: move_waiting_jobs
-- Where no worker is, jobs that exclude each other wait in this queue, and wait no longer for their time; but those
-- of other commands only where they were not begun for half a minute, because that command was killed.
UPDATE {jobs}.procrastinate_jobs AS j SET queue_name = %(queue)s, scheduled_at = NULL
WHERE j.status = 'todo' AND j.lock = %(lock)s AND (j.queue_name <> %(queue)s OR j.scheduled_at IS NOT NULL)
  AND (j.queue_name NOT LIKE 'command %%' OR NOT EXISTS (
      SELECT FROM {jobs}.procrastinate_events AS e WHERE e.job_id = j.id AND e.at > now() - interval '30 seconds'));

-- name: delete_waiting_job
-- A job of a command that ends before it began.
DELETE FROM {jobs}.procrastinate_jobs
WHERE status = 'todo' AND queue_name = %(queue)s AND queueing_lock = %(queueing_lock)s;

-- name: return_waiting_jobs
-- Jobs that wait in the queue of a command (`queue`; NULL: of any that has not begun them for half a minute, because
-- it was killed or waits for another job) wait in the queues of their kinds.
UPDATE {jobs}.procrastinate_jobs AS j SET queue_name = k.queue
FROM unnest(%(kinds)s::text[], %(queues)s::text[]) AS k (kind, queue)
WHERE j.status = 'todo' AND j.task_name = k.kind AND CASE
    WHEN %(queue)s::text IS NOT NULL THEN j.queue_name = %(queue)s
    ELSE j.queue_name LIKE 'command %%' AND NOT EXISTS (
        SELECT FROM {jobs}.procrastinate_events AS e
        WHERE e.job_id = j.id AND e.at > now() - interval '30 seconds')
END;

-- name: list_live_workers
-- Workers that were heard of lately.
SELECT worker, queues, concurrency, started_at, seen_at, error
FROM {schema}.worker_processes WHERE seen_at > now() - make_interval(secs => %(seconds)s)
ORDER BY started_at;

-- name: upsert_worker
-- A worker process is alive; `error`: what keeps it from working.
INSERT INTO {schema}.worker_processes AS stored (worker, queues, concurrency, error)
VALUES (%(worker)s, %(queues)s, %(concurrency)s, %(error)s)
ON CONFLICT (worker) DO UPDATE SET seen_at = now(), error = excluded.error, queues = excluded.queues,
    concurrency = excluded.concurrency;

-- name: delete_worker
-- It ended.
DELETE FROM {schema}.worker_processes WHERE worker = %(worker)s;

-- name: delete_old_workers
-- Processes that were killed long ago.
DELETE FROM {schema}.worker_processes WHERE seen_at < now() - interval '1 day';

-- name: insert_schedules
-- What is done by the clock, for the workspaces of this worker. All of it is due at once, or soon: of many
-- workspaces one after the other, so that neither now nor an interval later all of them are due together.
INSERT INTO {schema}.schedules AS stored (workspace_id, kind, due_at)
SELECT w.workspace_id, k, now() + (w.number - 1) * %(apart)s::interval
FROM unnest(%(workspace_ids)s::text[]) WITH ORDINALITY AS w (workspace_id, number), unnest(%(kinds)s::text[]) AS k
ON CONFLICT (workspace_id, kind) DO UPDATE SET due_at = excluded.due_at WHERE stored.due_at > excluded.due_at;

-- name: take_due_schedules
-- What is due, for this transaction alone; another clock passes over it.
SELECT s.workspace_id, s.kind, s.due_at, now() AS now
FROM {schema}.schedules AS s
WHERE s.due_at <= now() AND s.workspace_id = ANY(%(workspace_ids)s)
ORDER BY s.due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- name: set_due_at
-- When each is due next.
UPDATE {schema}.schedules AS s SET due_at = r.due_at
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (workspace_id text, kind text, due_at timestamptz)
WHERE s.workspace_id = r.workspace_id AND s.kind = r.kind;

-- name: list_schedule_facts
-- What decides which jobs these workspaces need: whether ClickUp refused the token when it was asked last, by
-- whichever process; whether the first sync is done; when the last pass over everything began, of whichever kind,
-- and the last snapshot, but for a failed one, which took none; what the last full pass cost.
SELECT w.workspace_id, known.owner_time_zone, full_pass.requests AS full_pass_requests,
    state.token_rejected_at IS NOT NULL AS is_token_rejected, read.streams = 3 AS is_filled,
    greatest(compared.started_at, read.complete_at) AS compared_at, snapshot.started_at AS snapshot_at,
    EXISTS (
        SELECT FROM {jobs}.procrastinate_jobs
        WHERE lock = w.workspace_id || '/verification' AND status = 'doing'
    ) AS is_verifying,
    EXISTS (
        SELECT FROM {jobs}.procrastinate_jobs WHERE lock = w.workspace_id || '/pass' AND status = 'doing'
    ) AS is_in_pass
FROM unnest(%(workspace_ids)s::text[]) AS w (workspace_id)
LEFT JOIN {schema}.workspace_states AS state USING (workspace_id)
LEFT JOIN {schema}.workspaces AS known USING (workspace_id)
CROSS JOIN LATERAL (
    SELECT count(complete_at) AS streams, min(complete_at) AS complete_at FROM {schema}.streams AS s
    WHERE s.workspace_id = w.workspace_id AND s.stream IN ('tasks', 'archived tasks', 'time')
) AS read
CROSS JOIN LATERAL (
    SELECT max(started_at) AS started_at FROM {schema}.runs AS r
    WHERE r.workspace_id = w.workspace_id AND r.kind IN ('full', 'deep') AND r.status <> 'waiting'
) AS compared
CROSS JOIN LATERAL (
    SELECT max(started_at) AS started_at FROM {schema}.runs AS r
    WHERE r.workspace_id = w.workspace_id AND r.kind = 'snapshot' AND r.status IN ('running', 'succeeded')
) AS snapshot
LEFT JOIN LATERAL (
    SELECT requests FROM {schema}.runs AS r
    WHERE r.workspace_id = w.workspace_id AND r.kind = 'full' AND r.status = 'succeeded'
    ORDER BY started_at DESC LIMIT 1
) AS full_pass ON true;

-- name: delete_schedules
-- Nothing is done by the clock for these workspaces any more.
DELETE FROM {schema}.schedules WHERE workspace_id = ANY(%(workspace_ids)s);

-- name: list_unread_deliveries
-- Workspaces with deliveries that wait for longer than a job needs to be deferred.
SELECT DISTINCT workspace_id FROM {schema}.deliveries
WHERE handled_at IS NULL AND received_at < now() - interval '3 seconds'
  AND workspace_id = ANY(%(workspace_ids)s);

-- name: count_jobs
-- The queue by workspace, kind and state: how many, and since when the first of them is in it. A scheduled job waits
-- for its time, a waiting one for a worker; the worker of a stalled one is not heard of.
SELECT j.args ->> 'workspace_id' AS workspace_id, j.task_name::text AS kind,
    CASE
        WHEN j.status = 'todo' AND j.scheduled_at > now() THEN 'scheduled'
        WHEN j.status = 'todo' THEN 'waiting'
        WHEN w.last_heartbeat > now() - interval '30 seconds' THEN 'running'
        ELSE 'stalled'
    END AS state,
    count(*) AS jobs,
    min(coalesce(CASE WHEN j.status = 'todo' THEN j.scheduled_at END, e.at)) AS since
FROM {jobs}.procrastinate_jobs AS j
LEFT JOIN {jobs}.procrastinate_workers AS w ON w.id = j.worker_id
LEFT JOIN LATERAL (
    SELECT max(at) AS at FROM {jobs}.procrastinate_events AS e
    WHERE e.job_id = j.id AND e.type::text = CASE j.status WHEN 'doing' THEN 'started' ELSE 'deferred' END
) AS e ON true
WHERE j.status IN ('todo', 'doing')
    AND (%(workspace_id)s::text IS NULL OR j.args ->> 'workspace_id' = %(workspace_id)s)
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

-- name: list_failed_jobs
-- Jobs that failed, and succeeded in no other attempt since.
SELECT workspace_id, kind, error, attempts, failed_at, retry_at FROM {schema}.failed_jobs
WHERE %(workspace_id)s::text IS NULL OR workspace_id = %(workspace_id)s
ORDER BY workspace_id, failed_at DESC;

-- name: upsert_failed_job
-- An attempt failed; `retry_seconds`: until the next one. `is_connected`: the workspace was; of one that is removed
-- meanwhile nothing is stored.
INSERT INTO {schema}.failed_jobs AS stored (workspace_id, kind, error, attempts, retry_at)
SELECT %(workspace_id)s, %(kind)s, %(error)s, %(attempts)s, now() + make_interval(secs => %(retry_seconds)s)
WHERE {is_not_removed}
ON CONFLICT (workspace_id, kind) DO UPDATE SET error = excluded.error, attempts = excluded.attempts,
    failed_at = excluded.failed_at, retry_at = excluded.retry_at;

-- name: delete_failed_job
-- A job of this kind succeeded; after the first sync, which is done once, one that reads changes.
DELETE FROM {schema}.failed_jobs
WHERE workspace_id = %(workspace_id)s AND (kind = %(kind)s OR (kind = 'first' AND %(kind)s = 'incremental'));

-- name: delete_failed_jobs
-- The workspace is synced no more.
DELETE FROM {schema}.failed_jobs WHERE workspace_id = %(workspace_id)s;

-- name: retry_failed_job
-- Somebody wants the next attempt now; no row where none of this kind failed.
UPDATE {schema}.failed_jobs SET retry_at = now() WHERE workspace_id = %(workspace_id)s AND kind = %(kind)s
RETURNING workspace_id, kind, error, attempts, failed_at, retry_at;

-- name: make_job_due
-- A job that waits for its time waits no longer.
UPDATE {jobs}.procrastinate_jobs SET scheduled_at = NULL
WHERE status = 'todo' AND queueing_lock = %(queueing_lock)s;
