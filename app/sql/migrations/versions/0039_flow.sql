-- Flow over time is counted from changes of status alone, which say when each happened, at the earliest and latest;
-- what else changes what is counted is rare, and has an index of its own.
DROP INDEX changes_of_status;
CREATE INDEX changes_of_status ON changes (workspace_id, changed_at) INCLUDE (object_id, before, after, earliest, latest)
    WHERE object_type = 'task' AND field = 'status';
CREATE INDEX changes_of_scope ON changes (workspace_id, field, changed_at) INCLUDE (object_id)
    WHERE object_type = 'task'
      AND (field IN ('archived', 'list_id', 'tags', 'due_at') OR operation IN ('deleted', 'restored'));
