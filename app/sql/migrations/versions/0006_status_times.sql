-- When a task's status last changed, as ClickUp's time-in-status has it: for which status it was asked and
-- what was known then, and since when the workspace does not have it.

ALTER TABLE task_reads ADD COLUMN status_for text, ADD COLUMN status_at timestamptz;
ALTER TABLE workspaces ADD COLUMN status_denied_at timestamptz;
