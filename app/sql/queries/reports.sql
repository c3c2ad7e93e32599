-- What the interfaces show. One query for each question; no interface computes its own figures.

-- part: unreadable_rows
-- Rows of which fields could not be read, from indexes that hold nothing else.
(SELECT sum(found.total)::bigint FROM (
        SELECT count(*) AS total FROM {schema}.tasks
        WHERE workspace_id = %(workspace_id)s AND unreadable_fields <> '{}' AND NOT is_deleted
        UNION ALL SELECT count(*) FROM {schema}.time_entries
        WHERE workspace_id = %(workspace_id)s AND unreadable_fields <> '{}'
        UNION ALL SELECT count(*) FROM {schema}.comments
        WHERE workspace_id = %(workspace_id)s AND unreadable_fields <> '{}'
        UNION ALL SELECT count(*) FROM {schema}.spaces
        WHERE workspace_id = %(workspace_id)s AND unreadable_fields <> '{}'
        UNION ALL SELECT count(*) FROM {schema}.folders
        WHERE workspace_id = %(workspace_id)s AND unreadable_fields <> '{}'
        UNION ALL SELECT count(*) FROM {schema}.lists
        WHERE workspace_id = %(workspace_id)s AND unreadable_fields <> '{}'
        UNION ALL SELECT count(*) FROM {schema}.memberships
        WHERE workspace_id = %(workspace_id)s AND unreadable_fields <> '{}'
        UNION ALL SELECT count(*) FROM {schema}.custom_fields
        WHERE workspace_id = %(workspace_id)s AND unreadable_fields <> '{}'
    ) AS found)

-- name: count_mirror
-- How much the mirror of a workspace holds; time and comments of deleted tasks do not count.
SELECT live.tasks, live.archived_tasks, live.deleted_tasks, live.subtasks,
    (SELECT count(*) FROM {schema}.memberships WHERE workspace_id = %(workspace_id)s AND is_active) AS employees,
    (SELECT count(*) FROM {schema}.spaces WHERE workspace_id = %(workspace_id)s AND NOT is_deleted) AS spaces,
    (SELECT count(*) FROM {schema}.folders WHERE workspace_id = %(workspace_id)s AND NOT is_deleted) AS folders,
    (SELECT count(*) FROM {schema}.lists WHERE workspace_id = %(workspace_id)s AND NOT is_deleted) AS lists,
    sessions.total AS time_entries, sessions.running AS running_timers, sessions.minutes AS tracked_minutes,
    said.total AS comments, said.waiting AS waiting_comments, {unreadable_rows} AS unreadable_rows
FROM (
    SELECT count(*) FILTER (WHERE NOT is_deleted) AS tasks,
        count(*) FILTER (WHERE NOT is_deleted AND archived) AS archived_tasks,
        count(*) FILTER (WHERE is_deleted) AS deleted_tasks,
        count(*) FILTER (WHERE NOT is_deleted AND parent IS NOT NULL) AS subtasks
    FROM {schema}.tasks WHERE workspace_id = %(workspace_id)s
) AS live
CROSS JOIN (
    SELECT count(*) AS total, count(*) FILTER (WHERE is_running) AS running,
        coalesce(sum(duration_ms), 0)::bigint / 60000 AS minutes
    FROM {schema}.time_entries
    WHERE workspace_id = %(workspace_id)s
      AND (clickup_task_id IN (SELECT clickup_task_id FROM {schema}.tasks
                               WHERE workspace_id = %(workspace_id)s AND is_deleted)) IS NOT TRUE
) AS sessions
CROSS JOIN (
    SELECT count(*) AS total, count(*) FILTER (WHERE is_waiting) AS waiting
    FROM {schema}.comments
    WHERE workspace_id = %(workspace_id)s
      AND (clickup_task_id IN (SELECT clickup_task_id FROM {schema}.tasks
                               WHERE workspace_id = %(workspace_id)s AND is_deleted)) IS NOT TRUE
) AS said;

-- name: count_comment_backlog
-- Live tasks whose comments may be read: all, those never read, those read within the last quarter of an
-- hour, when the longest unread ones were read last, and those of which ClickUp showed less than it counts or
-- than is stored.
SELECT count(*) AS tasks,
    count(*) FILTER (WHERE reads.comments_read_at IS NULL) AS never_read,
    count(*) FILTER (WHERE reads.comments_read_at > now() - interval '15 minutes') AS read_recently,
    min(reads.comments_read_at) AS oldest_read_at,
    count(*) FILTER (WHERE reads.comments_short_reads > 0) AS short
FROM {schema}.task_reads AS reads
WHERE reads.workspace_id = %(workspace_id)s
  AND NOT EXISTS (SELECT FROM {schema}.refusals AS r WHERE r.workspace_id = reads.workspace_id
                  AND r.kind = 'comments' AND r.object_id = reads.clickup_task_id)
{of_a_live_task};

-- name: count_own_time
-- Live tasks whose time no full pass can compare, because its people left or are hidden: all, those never
-- read for it, those read within the last quarter of an hour, and when the longest unread one was.
SELECT count(*) AS tasks,
    count(*) FILTER (WHERE reads.time_read_at IS NULL) AS never_read,
    count(*) FILTER (WHERE reads.time_read_at > now() - interval '15 minutes') AS read_recently,
    min(reads.time_read_at) AS oldest_read_at
FROM {schema}.task_reads AS reads
WHERE reads.workspace_id = %(workspace_id)s
{of_a_live_task}
{read_by_task};

-- name: list_workspaces
-- Every workspace that the mirror holds, or that a worker is trying to mirror.
SELECT workspace_id, coalesce(w.name, workspace_id) AS name, w.token_user_name, w.token_role, w.rendered_zone
FROM {schema}.workspaces AS w
FULL JOIN {schema}.workspace_states AS s USING (workspace_id)
ORDER BY name;

-- part: is_running
-- Whether a worker process was heard of lately, and since when workers have been at work.
(SELECT count(*) > 0 FROM {schema}.worker_processes WHERE seen_at > now() - interval '30 seconds') AS is_running

-- name: get_workspace_status
-- What workers know of a workspace, and whether there is a worker.
SELECT s.started_at, s.seen_at, s.token_rejected_at, s.token_error, s.requests_per_minute, s.requests_left,
    extract(epoch FROM s.incremental_interval)::float8 AS incremental_interval_seconds,
    extract(epoch FROM s.full_interval)::float8 AS full_interval_seconds, s.full_interval_reason, s.public_url,
    s.requests_answered, s.requests_rate_limited, s.requests_failed,
    {is_running}
FROM {schema}.workspace_states AS s
WHERE s.workspace_id = %(workspace_id)s;

-- name: get_last_good_sync
-- When the latest run began that brought the mirror up to date, and whether the first sync has ended.
SELECT max(started_at) AS started_at,
    (SELECT count(complete_at) = 3 FROM {schema}.streams WHERE workspace_id = %(workspace_id)s
     AND stream IN ('tasks', 'archived tasks', 'time')) AS is_complete
FROM {schema}.runs
WHERE workspace_id = %(workspace_id)s AND kind IN ('incremental', 'first', 'full', 'deep') AND status = 'succeeded';

-- name: list_streams
-- How far each stream is known, and what of it the token cannot see.
SELECT stream, watermark, read_at, complete_at, blind_spot
FROM {schema}.streams WHERE workspace_id = %(workspace_id)s ORDER BY stream;

-- name: list_recent_runs
-- The latest runs, newest first.
SELECT run_id, kind, trigger, status, started_at, ended_at, requests, rows_written, counts, notes, progress,
    error, fault
FROM {schema}.runs WHERE workspace_id = %(workspace_id)s ORDER BY started_at DESC LIMIT %(runs)s;

-- name: list_skipped
-- Objects that could not be understood or read, latest first.
SELECT kind, object_id, reason, skipped_at
FROM {schema}.skipped_objects WHERE workspace_id = %(workspace_id)s ORDER BY skipped_at DESC LIMIT %(skipped)s;

-- name: get_telling_task
-- A task that has much to show, and fits on a screen: sessions, people, waiting comments.
SELECT clickup_task_id, title, status, list_name, space_name, assignee_name, tags, due_date, priority,
    start_times, end_times, tracked_minutes, assigned_comment
FROM {schema}.tasks
WHERE workspace_id = %(workspace_id)s AND NOT is_deleted AND cardinality(start_times) BETWEEN 2 AND 6
ORDER BY coalesce(length(assigned_comment), 1000) > 200, assignee_name IS NULL, start_times[1] DESC NULLS LAST, clickup_task_id
LIMIT 1;

-- name: get_server
-- What the database is and what its user may do here. A schema that is not there yet is made by the first
-- migration, if the user may; the views' schema has to be the user's own.
SELECT current_setting('server_version') AS version,
    current_setting('server_version_num')::integer AS version_number,
    current_user AS role,
    current_database() AS database,
    to_regnamespace('{schema}') IS NOT NULL AS has_schema,
    CASE WHEN to_regnamespace('{schema}') IS NULL THEN has_database_privilege(current_database(), 'CREATE')
        ELSE has_schema_privilege(to_regnamespace('{schema}')::oid, 'CREATE') END AS may_create,
    coalesce((SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE oid = to_regnamespace('{views}')),
        has_database_privilege(current_database(), 'CREATE')) AS may_create_views,
    pg_backend_pid() AS session;
