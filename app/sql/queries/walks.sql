-- When each list that is walked was last written: from then on a walk looks for what is written meanwhile.

-- part: now_and_under_way
-- The present, and when the oldest transaction began that is not over, this one apart: now, when there is none;
-- NULL, when what other users do is hidden from this one.
    now() AS now,
    (SELECT CASE WHEN count(*) FILTER (WHERE coalesce(state, 'disabled') = 'disabled') = 0
        THEN coalesce(min(xact_start), now()) END
     FROM pg_stat_activity
     WHERE datname = current_database() AND coalesce(backend_type, 'client backend') = 'client backend'
       AND pid <> pg_backend_pid()) AS under_way

-- name: get_last_task_write
-- Of tasks, deleted ones too.
SELECT coalesce(max(updated_at), 'epoch') AS written_at,
{now_and_under_way}
FROM {schema}.tasks WHERE workspace_id = %(workspace_id)s;

-- name: get_last_entry_write
-- Of time entries.
SELECT coalesce(max(updated_at), 'epoch') AS written_at,
{now_and_under_way}
FROM {schema}.time_entries WHERE workspace_id = %(workspace_id)s;

-- name: get_last_comment_write
-- Of comments that wait; one that begins to wait is written later.
SELECT coalesce(max(updated_at), 'epoch') AS written_at,
{now_and_under_way}
FROM {schema}.comments WHERE workspace_id = %(workspace_id)s AND is_waiting;

-- name: get_last_run_start
-- Of runs, which come again when they begin.
SELECT coalesce(max(started_at), 'epoch') AS written_at,
{now_and_under_way}
FROM {schema}.runs WHERE workspace_id = %(workspace_id)s;
