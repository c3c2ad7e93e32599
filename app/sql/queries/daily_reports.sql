-- The daily snapshots as people ask for them: the last one, and those that were kept.

-- name: see_one_state
-- What the rest of the transaction reads is as it stood at its first question.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;

-- name: list_daily_sync
-- The tasks of the last snapshot, from one on, with its day and when it was taken.
SELECT d.id, d.workspace_id, d.clickup_task_id, d.title, d.description, d.status, d.tags, d.priority, d.start_times, d.end_times,
    d.tracked_minutes, d.status_type, d.type, d.assignee_name, d.assigned_by, d.due_date, d.assigned_comment,
    d.date_created, d.date_closed, d.time_estimate_minutes, d.start_date, d.space_name, d.folder_name,
    d.list_name, d.followers, d.summary, d.sprint_points, d.dependencies, d.last_status_change,
    d.clickup_user_id,
    s.snapshot_date, s.taken_at
FROM {schema}.daily_syncs AS d
LEFT JOIN {schema}.daily_snapshots AS s USING (id)
WHERE d.workspace_id = %(workspace_id)s
  AND (%(after_id)s::text IS NULL OR d.clickup_task_id > %(after_id)s)
ORDER BY d.clickup_task_id
LIMIT %(limit)s;

-- name: list_daily_snapshot
-- The tasks of a day's last snapshot, from one on.
SELECT id, workspace_id, clickup_task_id, title, description, status, tags, priority, start_times, end_times,
    tracked_minutes, status_type, type, assignee_name, assigned_by, due_date, assigned_comment,
    date_created, date_closed, time_estimate_minutes, start_date, space_name, folder_name,
    list_name, followers, summary, sprint_points, dependencies, last_status_change,
    clickup_user_id,
    snapshot_date, taken_at
FROM {schema}.daily_snapshots
WHERE workspace_id = %(workspace_id)s AND snapshot_date = %(day)s
  AND (%(after_id)s::text IS NULL OR clickup_task_id > %(after_id)s)
ORDER BY clickup_task_id
LIMIT %(limit)s;

-- name: count_daily_sync
-- How many tasks the last snapshot has.
SELECT count(*) AS total FROM {schema}.daily_syncs WHERE workspace_id = %(workspace_id)s;

-- name: count_daily_snapshot
-- How many tasks a day's last snapshot has.
SELECT count(*) AS total
FROM {schema}.daily_snapshots WHERE workspace_id = %(workspace_id)s AND snapshot_date = %(day)s;

-- name: get_last_daily_run
-- The last run that took a snapshot within these bounds, where they are given: an empty one has left no row.
SELECT started_at, ended_at
FROM {schema}.runs
WHERE workspace_id = %(workspace_id)s AND kind = 'snapshot' AND status = 'succeeded'
  AND (%(start)s::timestamptz IS NULL OR started_at >= %(start)s)
  AND (%(end)s::timestamptz IS NULL OR started_at < %(end)s)
ORDER BY started_at DESC
LIMIT 1;

-- name: list_snapshot_dates
-- The days of which a snapshot is kept, latest first, how many tasks it has and when it was taken.
SELECT snapshot_date AS day, count(*) AS tasks, max(taken_at) AS taken_at
FROM {schema}.daily_snapshots
WHERE workspace_id = %(workspace_id)s AND (%(before)s::date IS NULL OR snapshot_date < %(before)s)
GROUP BY snapshot_date
ORDER BY snapshot_date DESC
LIMIT %(limit)s;
