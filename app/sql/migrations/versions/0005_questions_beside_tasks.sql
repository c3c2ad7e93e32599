-- What people ask about time, comments and runs: an index for every filter and order, and for walks
-- through what was written.

CREATE INDEX time_entries_by_start
    ON time_entries (workspace_id, coalesce(started_at, 'epoch'::timestamptz), clickup_entry_id);
-- Sessions that may reach into a day long after they began.
CREATE INDEX time_entries_long
    ON time_entries (workspace_id, coalesce(started_at, 'epoch'::timestamptz), clickup_entry_id)
    WHERE duration_ms > 86400000 OR is_running;
CREATE INDEX time_entries_running
    ON time_entries (workspace_id, coalesce(started_at, 'epoch'::timestamptz), clickup_entry_id)
    WHERE is_running;
CREATE INDEX time_entries_undated ON time_entries (workspace_id) WHERE started_at IS NULL;
CREATE INDEX time_entries_person ON time_entries
    (workspace_id, clickup_user_id, coalesce(started_at, 'epoch'::timestamptz), clickup_entry_id);
CREATE INDEX time_entries_written ON time_entries (workspace_id, updated_at, clickup_entry_id);

-- What is deleted is in none of the indexes of tasks by place, and is little.
CREATE INDEX tasks_gone ON tasks (workspace_id) WHERE is_deleted;

CREATE INDEX comments_waiting_by_date
    ON comments (workspace_id, coalesce(commented_at, 'epoch'::timestamptz), clickup_comment_id)
    WHERE assignee_id IS NOT NULL AND NOT resolved;

CREATE INDEX runs_by_start ON runs (workspace_id, started_at, run_id);
CREATE INDEX runs_of_kind ON runs (workspace_id, kind, started_at, run_id);
CREATE INDEX runs_with_status ON runs (workspace_id, status, started_at, run_id);
CREATE INDEX runs_by_trigger ON runs (workspace_id, trigger, started_at, run_id);
DROP INDEX runs_latest;
