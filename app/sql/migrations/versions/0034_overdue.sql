-- What overdue means is a part of the queries (`is_late`), and is put in here with the mirror's own day; what open means
-- is said in this view alone. Its columns stay as they were.

CREATE OR REPLACE VIEW {views}.tasks AS
SELECT
    t.workspace_id, t.clickup_task_id, t.custom_id, t.title, t.description, t.type, t.status, t.status_type,
    state.is_open,
    t.priority, t.tags, t.summary, t.sprint_points, t.assigned_comment, t.assignee_name, t.employee_ids,
    t.assigned_by, t.followers, t.space_id, t.space_name, t.folder_id, t.folder_name, t.list_id, t.list_name,
    t.date_created, t.date_updated, t.date_done, t.date_closed, t.last_status_change, t.start_date, t.due_date,
    t.due_at, t.time_estimate_minutes, t.tracked_minutes, t.archived, t.is_deleted, t.deleted_at, t.is_recurring,
    t.parent, t.top_level_parent, t.url, t.custom_fields, t.updated_at, t.unreadable_fields,
    state.is_open AND coalesce({is_late}, false) AS is_overdue,
    t.assignee_ids IS NULL AND t.group_assignees = '{}' AS is_unassigned,
    state.is_archived,
    t.assignee_ids, t.group_assignees, t.locations, t.dependencies, t.start_at, t.points, t.start_times,
    t.end_times, t.employee_id, t.id, t.read_at, t.created_at
FROM tasks AS t
LEFT JOIN lists AS l ON l.list_id = t.list_id
LEFT JOIN folders AS f ON f.folder_id = t.folder_id
LEFT JOIN spaces AS s ON s.space_id = t.space_id
LEFT JOIN workspaces AS w ON w.workspace_id = t.workspace_id
CROSS JOIN LATERAL (
    SELECT
        NOT t.is_deleted AND NOT t.archived AND l.archived IS NOT TRUE AND f.archived IS NOT TRUE
            AND s.archived IS NOT TRUE AND t.status_type IS DISTINCT FROM 'done'
            AND t.status_type IS DISTINCT FROM 'closed' AS is_open,
        t.archived OR l.archived IS TRUE OR f.archived IS TRUE OR s.archived IS TRUE AS is_archived
) AS state;
