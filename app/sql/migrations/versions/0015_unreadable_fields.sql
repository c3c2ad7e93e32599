-- Which fields of a row could not be read, by ClickUp's name of the field, with the reason.

ALTER TABLE tasks ADD COLUMN unreadable_fields jsonb NOT NULL DEFAULT '{}';
ALTER TABLE time_entries ADD COLUMN unreadable_fields jsonb NOT NULL DEFAULT '{}';
ALTER TABLE comments ADD COLUMN unreadable_fields jsonb NOT NULL DEFAULT '{}';
ALTER TABLE spaces ADD COLUMN unreadable_fields jsonb NOT NULL DEFAULT '{}';
ALTER TABLE folders ADD COLUMN unreadable_fields jsonb NOT NULL DEFAULT '{}';
ALTER TABLE lists ADD COLUMN unreadable_fields jsonb NOT NULL DEFAULT '{}';
ALTER TABLE employees ADD COLUMN unreadable_fields jsonb NOT NULL DEFAULT '{}';
ALTER TABLE custom_fields ADD COLUMN unreadable_fields jsonb NOT NULL DEFAULT '{}';
CREATE INDEX tasks_unreadable ON tasks (workspace_id) WHERE unreadable_fields <> '{}';
CREATE INDEX time_entries_unreadable ON time_entries (workspace_id) WHERE unreadable_fields <> '{}';
CREATE INDEX comments_unreadable ON comments (workspace_id) WHERE unreadable_fields <> '{}';
CREATE INDEX spaces_unreadable ON spaces (workspace_id) WHERE unreadable_fields <> '{}';
CREATE INDEX folders_unreadable ON folders (workspace_id) WHERE unreadable_fields <> '{}';
CREATE INDEX lists_unreadable ON lists (workspace_id) WHERE unreadable_fields <> '{}';
CREATE INDEX employees_unreadable ON employees (workspace_id) WHERE unreadable_fields <> '{}';
CREATE INDEX custom_fields_unreadable ON custom_fields (workspace_id) WHERE unreadable_fields <> '{}';

-- A duration that could not be read is not known, though no timer runs.
ALTER TABLE time_entries DROP CONSTRAINT time_entries_check;
ALTER TABLE time_entries ADD CHECK (NOT is_running OR duration_ms IS NULL);
ALTER TABLE time_entries ADD CHECK (is_running OR duration_ms IS NOT NULL OR unreadable_fields <> '{}');

-- What can be added up; `value_text` has it with its unit. And the name under which a value stands in the wide row.
ALTER TABLE task_custom_fields ADD COLUMN value_number numeric, ADD COLUMN label text NOT NULL DEFAULT '';

-- A search index holds 1 MB of words for a row: of a long title it takes the beginning, as of a description.
DROP INDEX tasks_words;
CREATE INDEX tasks_words ON tasks USING gin (to_tsvector('simple',
    translate(left(title, 50000) || ' ' || left(coalesce(description, ''), 50000),
              '<>/\@.:;,&=?#+*~|"''()[]{}!$^`-', repeat(' ', 30))));

CREATE OR REPLACE VIEW {views}.spaces AS
SELECT s.workspace_id, s.space_id, s.name, s.archived, s.is_deleted, s.private, s.updated_at, s.unreadable_fields
FROM spaces AS s;

CREATE OR REPLACE VIEW {views}.folders AS
SELECT f.workspace_id, f.folder_id, f.space_id, f.parent_folder_id, f.name, f.archived, f.is_deleted, f.updated_at, f.unreadable_fields
FROM folders AS f;

CREATE OR REPLACE VIEW {views}.lists AS
SELECT l.workspace_id, l.list_id, l.space_id, l.folder_id, l.name, l.archived, l.is_deleted, l.updated_at, l.unreadable_fields
FROM lists AS l;

CREATE OR REPLACE VIEW {views}.employees AS
SELECT e.workspace_id, e.id AS employee_id, e.clickup_user_id, e.name, e.email, e.role, e.is_active, e.left_at, e.unreadable_fields
FROM employees AS e;

CREATE OR REPLACE VIEW {views}.tasks AS
SELECT
    t.workspace_id, t.clickup_task_id, t.custom_id, t.title, t.description, t.type, t.status, t.status_type,
    NOT t.is_deleted AND NOT t.archived AND NOT coalesce(l.archived, false) AND NOT coalesce(f.archived, false)
        AND NOT coalesce(s.archived, false) AND coalesce(t.status_type, '') NOT IN ('done', 'closed') AS is_open,
    t.priority, t.tags, t.summary, t.sprint_points, t.assigned_comment, t.assignee_name, t.employee_ids,
    t.assigned_by, t.followers, t.space_id, t.space_name, t.folder_id, t.folder_name, t.list_id, t.list_name,
    t.date_created, t.date_updated, t.date_done, t.date_closed, t.last_status_change, t.start_date, t.due_date,
    t.due_at, t.time_estimate_minutes, t.tracked_minutes, t.archived, t.is_deleted, t.deleted_at, t.is_recurring,
    t.parent, t.top_level_parent, t.url, t.custom_fields, t.updated_at, t.unreadable_fields
FROM tasks AS t
LEFT JOIN lists AS l ON l.list_id = t.list_id
LEFT JOIN folders AS f ON f.folder_id = t.folder_id
LEFT JOIN spaces AS s ON s.space_id = t.space_id;

CREATE OR REPLACE VIEW {views}.time_entries AS
SELECT t.workspace_id, t.clickup_entry_id, t.clickup_task_id, t.clickup_user_id, e.id AS employee_id, t.user_name,
    t.started_at, t.ended_at, t.duration_ms, t.is_running, t.billable, t.description, t.tags, t.entry_updated_at,
    t.updated_at, t.unreadable_fields
FROM time_entries AS t
LEFT JOIN employees AS e ON e.clickup_user_id = t.clickup_user_id;

CREATE OR REPLACE VIEW {views}.comments AS
SELECT c.workspace_id, c.clickup_comment_id, c.clickup_task_id, c.parent_comment_id, c.text, c.author_id,
    c.author_name, c.assignee_id, c.assignee_name, c.assigned_by_name,
    c.assignee_id IS NOT NULL AND NOT c.resolved AS is_waiting, c.resolved, c.commented_at, c.reply_count,
    c.updated_at, c.unreadable_fields
FROM comments AS c;

CREATE OR REPLACE VIEW {views}.custom_field_values AS
SELECT v.workspace_id, v.clickup_task_id, v.field_id, v.name, c.type, v.value_text, v.value, v.value_number, coalesce(nullif(v.label, ''), v.name) AS label
FROM task_custom_fields AS v
LEFT JOIN custom_fields AS c ON c.field_id = v.field_id;

COMMENT ON COLUMN {views}.spaces.unreadable_fields IS 'Fields that could not be read, as {"ClickUp''s name of the field": "reason"}; empty where all could. Such a field is NULL or empty here.';
COMMENT ON COLUMN {views}.folders.unreadable_fields IS 'Fields that could not be read, as {"ClickUp''s name of the field": "reason"}; empty where all could. Such a field is NULL or empty here.';
COMMENT ON COLUMN {views}.lists.unreadable_fields IS 'Fields that could not be read, as {"ClickUp''s name of the field": "reason"}; empty where all could. Such a field is NULL or empty here.';
COMMENT ON COLUMN {views}.employees.unreadable_fields IS 'Fields that could not be read, as {"ClickUp''s name of the field": "reason"}; empty where all could. Such a field is NULL or empty here.';
COMMENT ON COLUMN {views}.tasks.unreadable_fields IS 'Fields that could not be read, as {"ClickUp''s name of the field": "reason"}; empty where all could. Such a field is NULL or empty here.';
COMMENT ON COLUMN {views}.time_entries.unreadable_fields IS 'Fields that could not be read, as {"ClickUp''s name of the field": "reason"}; empty where all could. Such a field is NULL or empty here.';
COMMENT ON COLUMN {views}.comments.unreadable_fields IS 'Fields that could not be read, as {"ClickUp''s name of the field": "reason"}; empty where all could. Such a field is NULL or empty here.';
COMMENT ON COLUMN {views}.time_entries.duration_ms IS 'How long, in milliseconds; whole minutes are sum(duration_ms) / 60000. NULL: the timer runs, or the duration could not be read.';
COMMENT ON COLUMN {views}.custom_field_values.value_text IS 'The value as people read it: an amount with its currency, a rating with its maximum, a date without a time as a day. NULL: it has no text.';
COMMENT ON COLUMN {views}.custom_field_values.value_number IS 'The value as a number, to add up: of numbers, currencies, ratings, progress in per cent, and formulas. NULL: it is no number.';
COMMENT ON COLUMN {views}.custom_field_values.label IS 'The name that it has in tasks.custom_fields: the field''s, and where two fields of the task have it, with the beginning of field_id behind it.';
COMMENT ON COLUMN {views}.tasks.custom_fields IS 'Its custom fields as {"field name": "value as people read it"}: custom_fields->>''Budget''. Where two fields of a task have one name, each has the beginning of its field_id behind it: "Budget (0a1b2c3d)".';

INSERT INTO mirrored_columns (table_name, column_name)
SELECT table_name, 'unreadable_fields'
FROM unnest(ARRAY['tasks', 'time_entries', 'comments', 'spaces', 'folders', 'lists', 'employees', 'custom_fields'])
    AS t (table_name)
UNION ALL VALUES ('task_custom_fields', 'value_number'), ('task_custom_fields', 'label');
