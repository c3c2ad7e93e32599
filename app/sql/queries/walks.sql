-- When each list that is walked was last written: from then on a walk looks for what is written meanwhile.

-- name: get_last_task_write
-- Of tasks, deleted ones too.
SELECT coalesce(max(updated_at), 'epoch') AS written_at, now() AS now
FROM tasks WHERE workspace_id = %(workspace_id)s;

-- name: get_last_entry_write
-- Of time entries.
SELECT coalesce(max(updated_at), 'epoch') AS written_at, now() AS now
FROM time_entries WHERE workspace_id = %(workspace_id)s;

-- name: get_last_comment_write
-- Of comments that wait; one that begins to wait is written later.
SELECT coalesce(max(updated_at), 'epoch') AS written_at, now() AS now
FROM comments WHERE workspace_id = %(workspace_id)s AND assignee_id IS NOT NULL AND NOT resolved;

-- name: get_last_run_start
-- Of runs, which come again when they begin.
SELECT coalesce(max(started_at), 'epoch') AS written_at, now() AS now
FROM runs WHERE workspace_id = %(workspace_id)s;
