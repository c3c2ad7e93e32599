-- What is reported of all tasks and of all time is read from indexes alone: a row of tasks is wide. Each has
-- the columns that a report asks of its rows, and none that may be longer than an index can hold.

CREATE INDEX tasks_open ON tasks (workspace_id, due_date, clickup_task_id)
    INCLUDE (list_id, folder_id, space_id, priority, date_created, date_updated, time_estimate_minutes,
             tracked_minutes)
    WHERE NOT is_deleted AND NOT archived
      AND status_type IS DISTINCT FROM 'done' AND status_type IS DISTINCT FROM 'closed';
-- Not of done tasks alone: of what a partial index computes, PostgreSQL has no statistics.
CREATE INDEX tasks_done ON tasks (workspace_id, coalesce(date_done, date_closed), clickup_task_id)
    INCLUDE (date_done, date_closed, is_deleted, status_type, list_id, folder_id, space_id,
             time_estimate_minutes, tracked_minutes);
CREATE INDEX tasks_created ON tasks (workspace_id, date_created, clickup_task_id)
    INCLUDE (list_id, folder_id, space_id)
    WHERE NOT is_deleted;
DROP INDEX tasks_changed;
CREATE INDEX tasks_changed ON tasks (workspace_id, date_updated DESC, clickup_task_id)
    INCLUDE (is_deleted, list_id, folder_id, space_id);
DROP INDEX tasks_status;
CREATE INDEX tasks_status ON tasks (workspace_id, status)
    INCLUDE (status_type, archived, due_date, clickup_task_id, list_id, folder_id, space_id)
    WHERE NOT is_deleted;

CREATE INDEX task_people_assigned ON task_people (workspace_id, clickup_task_id, clickup_user_id)
    WHERE relation = 'assignee';

DROP INDEX time_entries_by_start;
CREATE INDEX time_entries_by_start
    ON time_entries (workspace_id, coalesce(started_at, 'epoch'::timestamptz), clickup_entry_id)
    INCLUDE (started_at, duration_ms, is_running, clickup_task_id, clickup_user_id);

CREATE INDEX task_reads_settled ON task_reads (workspace_id)
    WHERE comments_read_at IS NOT NULL OR comments_denied_at IS NOT NULL;
CREATE INDEX task_reads_denied ON task_reads (workspace_id, clickup_task_id) WHERE comments_denied_at IS NOT NULL;
