-- What ClickUp refuses this token is recorded in one place, with its reason and the next try: no single instant
-- beside what was read could tell since when it is so, or why.

CREATE TABLE refusals (
    workspace_id text NOT NULL,
    kind         text NOT NULL CHECK (kind IN (
        'task', 'comments', 'task_time', 'person_time', 'space', 'folder', 'list', 'list_tasks', 'status_times'
    )),
    object_id    text NOT NULL,
    objects      integer NOT NULL DEFAULT 1,
    since        timestamptz NOT NULL DEFAULT now(),
    refused_at   timestamptz NOT NULL DEFAULT now(),
    retry_at     timestamptz NOT NULL,
    times        integer NOT NULL DEFAULT 1,
    reason       text NOT NULL,
    was_readable boolean NOT NULL DEFAULT false,
    changed_at   timestamptz,
    PRIMARY KEY (workspace_id, kind, object_id)
);
ALTER TABLE refusals ENABLE ROW LEVEL SECURITY;

-- What was recorded until now could as well have been an outage: it is asked for again at once.
INSERT INTO refusals (workspace_id, kind, object_id, since, refused_at, retry_at, reason, changed_at)
SELECT r.workspace_id, found.kind, r.clickup_task_id, found.at, found.at, now(), 'not recorded', t.date_updated
FROM task_reads AS r
JOIN tasks AS t USING (clickup_task_id)
CROSS JOIN LATERAL (VALUES ('task', r.denied_at), ('comments', r.comments_denied_at)) AS found (kind, at)
WHERE found.at IS NOT NULL AND NOT t.is_deleted;
INSERT INTO refusals (workspace_id, kind, object_id, since, refused_at, retry_at, reason)
SELECT workspace_id, 'person_time', clickup_user_id, time_denied_at, time_denied_at, now(), 'not recorded'
FROM employees WHERE time_denied_at IS NOT NULL AND is_active;
INSERT INTO refusals (workspace_id, kind, object_id, since, refused_at, retry_at, reason)
SELECT workspace_id, 'status_times', workspace_id, status_denied_at, status_denied_at, now(), 'not recorded'
FROM workspaces WHERE status_denied_at IS NOT NULL;

DROP INDEX task_reads_denied;
DROP INDEX task_reads_unread;
ALTER TABLE task_reads DROP COLUMN denied_at, DROP COLUMN comments_denied_at;
ALTER TABLE employees DROP COLUMN time_denied_at;
ALTER TABLE workspaces DROP COLUMN status_denied_at;
CREATE INDEX task_reads_unread ON task_reads (workspace_id, clickup_task_id) WHERE comments_read_at IS NULL;

DELETE FROM mirrored_columns
WHERE (table_name, column_name) IN (('employees', 'time_denied_at'), ('workspaces', 'status_denied_at'));
