-- The day's report: what changed today, and what had changed on each day before.

-- name: delete_daily_sync
-- The report before this one; in one transaction with the new one, so that nobody finds none.
DELETE FROM {schema}.daily_syncs WHERE workspace_id = %(workspace_id)s;

-- name: insert_daily_sync
-- Live tasks that ClickUp changed in [start, end), with their people by the names they have now.
INSERT INTO {schema}.daily_syncs (
    workspace_id, clickup_task_id, title, description, status, tags, priority, start_times, end_times,
    tracked_minutes, status_type, type, assignee_name, assigned_by, due_date, assigned_comment, date_created,
    date_closed, time_estimate_minutes, start_date, space_name, folder_name, list_name, followers, summary,
    sprint_points, dependencies, last_status_change, clickup_user_id
)
SELECT
    t.workspace_id, t.clickup_task_id, t.title, t.description, t.status, t.tags, t.priority, t.start_times,
    t.end_times, t.tracked_minutes, t.status_type, t.type, coalesce(people.assignees, '{}'), people.creator,
    t.due_date, t.assigned_comment, t.date_created, t.date_closed, t.time_estimate_minutes, t.start_date,
    t.space_name, t.folder_name, t.list_name, coalesce(people.watchers, '{}'), t.summary, t.sprint_points,
    t.dependencies, t.last_status_change, people.assignee_ids
FROM {schema}.tasks AS t
CROSS JOIN LATERAL (
    SELECT
        array_agg(named.name ORDER BY named.position) FILTER (WHERE named.relation = 'assignee') AS assignees,
        string_agg(named.clickup_user_id, ',' ORDER BY named.position)
            FILTER (WHERE named.relation = 'assignee') AS assignee_ids,
        array_agg(named.name ORDER BY named.position) FILTER (WHERE named.relation = 'watcher') AS watchers,
        min(named.name) FILTER (WHERE named.relation = 'creator') AS creator
    FROM (
        SELECT p.relation, p.position, p.clickup_user_id, coalesce(e.name, p.name) AS name
        FROM {schema}.task_people AS p
        LEFT JOIN {members} AS e
            ON e.workspace_id = %(workspace_id)s AND e.clickup_user_id = p.clickup_user_id AND e.is_active
        WHERE p.clickup_task_id = t.clickup_task_id
    ) AS named
) AS people
WHERE t.workspace_id = %(workspace_id)s AND NOT t.is_deleted
  AND t.date_updated >= %(start)s AND t.date_updated < %(end)s;

-- name: delete_daily_snapshot
-- What an earlier report of the same day kept.
DELETE FROM {schema}.daily_snapshots WHERE workspace_id = %(workspace_id)s AND snapshot_date = %(day)s;

-- name: insert_daily_snapshot
-- The report as it stands, kept under its day.
INSERT INTO {schema}.daily_snapshots (
    id, workspace_id, snapshot_date, taken_at, clickup_task_id, title, description, status, tags, priority,
    start_times, end_times, tracked_minutes, status_type, type, assignee_name, assigned_by, due_date,
    assigned_comment, date_created, date_closed, time_estimate_minutes, start_date, space_name, folder_name,
    list_name, followers, summary, sprint_points, dependencies, last_status_change, clickup_user_id
)
SELECT
    id, workspace_id, %(day)s, now(), clickup_task_id, title, description, status, tags, priority,
    start_times, end_times, tracked_minutes, status_type, type, assignee_name, assigned_by, due_date,
    assigned_comment, date_created, date_closed, time_estimate_minutes, start_date, space_name, folder_name,
    list_name, followers, summary, sprint_points, dependencies, last_status_change, clickup_user_id
FROM {schema}.daily_syncs WHERE workspace_id = %(workspace_id)s;
