-- What is deleted because it is old, a portion at a time. What another process deletes just now is passed over.

-- name: wait_briefly_for_locks
-- For this transaction: a table that somebody has locked is left for the next time.
SELECT set_config('lock_timeout', '1s', true);

-- name: delete_old_runs
-- Runs that ended long ago.
DELETE FROM {schema}.runs WHERE run_id IN (
    SELECT run_id FROM {schema}.runs
    WHERE workspace_id = %(workspace_id)s AND ended_at < now() - make_interval(days => %(days)s)
    ORDER BY ended_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
);

-- name: delete_old_deliveries
-- Deliveries that came long ago.
DELETE FROM {schema}.deliveries WHERE delivery_id IN (
    SELECT delivery_id FROM {schema}.deliveries
    WHERE workspace_id = %(workspace_id)s AND received_at < now() - make_interval(days => %(days)s)
    ORDER BY received_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
);

-- name: delete_old_history_items
-- What deliveries that came long ago told of changes.
DELETE FROM {schema}.history_items WHERE item_id IN (
    SELECT item_id FROM {schema}.history_items
    WHERE workspace_id = %(workspace_id)s AND received_at < now() - make_interval(days => %(days)s)
    ORDER BY received_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
);

-- name: thin_history
-- Of what is older than so many days one version a day, for as many days again; how many rows went.
SELECT {schema}.thin_history('{schema}'::regnamespace, %(workspace_id)s, %(days)s, %(limit)s) AS deleted;

-- name: delete_old_refused_deliveries
-- Counts of deliveries that were refused long ago; there are few in an hour.
DELETE FROM {schema}.refused_deliveries WHERE (workspace_id, hour, reason) IN (
    SELECT workspace_id, hour, reason FROM {schema}.refused_deliveries
    WHERE workspace_id = %(workspace_id)s AND hour < now() - make_interval(days => %(days)s)
    ORDER BY hour LIMIT %(limit)s FOR UPDATE SKIP LOCKED
);

-- name: delete_old_writes
-- Marks of writes, but for the latest, when many have come together.
DELETE FROM {schema}.data_writes WHERE write_id IN (
    SELECT write_id FROM {schema}.data_writes
    WHERE (SELECT max(write_id) - min(write_id) FROM {schema}.data_writes) >= 1000
      AND write_id <= (SELECT max(write_id) FROM {schema}.data_writes) - 100
    ORDER BY write_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
);

-- name: delete_old_credentials
-- Keys, page sessions and report links that ended long ago; but for the latest key, which tells that keys are needed.
DELETE FROM {schema}.access_credentials WHERE credential_id IN (
    SELECT credential_id FROM {schema}.access_credentials
    WHERE least(ended_at, expires_at) < now() - make_interval(days => %(days)s)
      AND credential_id IS DISTINCT FROM (
          SELECT credential_id FROM {schema}.access_credentials
          WHERE kind = 'api_key' ORDER BY created_at DESC LIMIT 1
      )
    ORDER BY created_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
);

-- name: delete_old_failed_jobs
-- Of kinds that were asked for once, or that no schedule has any more.
DELETE FROM {schema}.failed_jobs WHERE (workspace_id, kind) IN (
    SELECT workspace_id, kind FROM {schema}.failed_jobs
    WHERE workspace_id = %(workspace_id)s AND failed_at < now() - make_interval(days => %(days)s)
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED
);

-- name: delete_old_jobs
-- Jobs that failed or were cut off, of whatever workspace, a day after their last event: why is logged, and recorded
-- with their runs. Those that succeeded are deleted when they end.
DELETE FROM {jobs}.procrastinate_jobs WHERE id IN (
    SELECT j.id FROM {jobs}.procrastinate_jobs AS j
    WHERE j.status NOT IN ('todo', 'doing') AND NOT EXISTS (
        SELECT FROM {jobs}.procrastinate_events AS e WHERE e.job_id = j.id AND e.at > now() - interval '1 day'
    )
    ORDER BY j.id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
);
