-- What people ask for: an index for every filter and order, and for walks through what was written.

CREATE INDEX tasks_by_change ON tasks (workspace_id, coalesce(date_updated, 'epoch'::timestamptz), clickup_task_id)
    WHERE NOT is_deleted;
CREATE INDEX tasks_by_creation ON tasks (workspace_id, coalesce(date_created, 'epoch'::timestamptz), clickup_task_id)
    WHERE NOT is_deleted;
CREATE INDEX tasks_by_due ON tasks (workspace_id, coalesce(due_at, '9999-12-31Z'::timestamptz), clickup_task_id)
    WHERE NOT is_deleted;
CREATE INDEX tasks_by_time ON tasks (workspace_id, coalesce(tracked_minutes, 0), clickup_task_id)
    WHERE NOT is_deleted;
CREATE INDEX tasks_by_title ON tasks (workspace_id, left(title, 200) COLLATE "C", clickup_task_id)
    WHERE NOT is_deleted;
CREATE INDEX tasks_written ON tasks (workspace_id, updated_at, clickup_task_id);
CREATE INDEX tasks_status ON tasks (workspace_id, status) WHERE NOT is_deleted;
CREATE INDEX tasks_priority ON tasks (workspace_id, priority) WHERE NOT is_deleted;
CREATE INDEX tasks_deleted ON tasks (workspace_id, coalesce(date_updated, 'epoch'::timestamptz)) WHERE is_deleted;
CREATE INDEX tasks_space ON tasks (space_id) WHERE NOT is_deleted;
CREATE INDEX tasks_folder ON tasks (folder_id) WHERE NOT is_deleted;
CREATE INDEX tasks_due ON tasks (workspace_id, due_date) WHERE NOT is_deleted AND due_date IS NOT NULL;
CREATE INDEX tasks_waiting ON tasks (workspace_id) WHERE assigned_comment IS NOT NULL AND NOT is_deleted;
-- Of a description longer than any reader's patience only the beginning is searched.
CREATE INDEX tasks_words ON tasks
    USING gin (to_tsvector('simple', title || ' ' || left(coalesce(description, ''), 50000)));
