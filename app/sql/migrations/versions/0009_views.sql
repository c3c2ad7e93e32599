-- What assistants may ask by SQL of their own: views of what people read, in a schema of their own, which no
-- web API publishes, and a role that may read them and nothing else. What a view or a column means is its
-- comment, which assistants are shown.

DO $$
BEGIN
    IF to_regnamespace('{views}') IS NULL THEN
        CREATE SCHEMA {views};
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = format(
        'the views need a schema that this user may not create; an administrator runs once: '
        'CREATE SCHEMA %%I AUTHORIZATION %%I', (parse_ident('{views}'))[1], current_user);
END
$$;

CREATE VIEW {views}.workspaces AS
SELECT w.workspace_id, w.name, w.plan_name, w.members_count, w.owner_time_zone, w.updated_at
FROM workspaces AS w;

CREATE VIEW {views}.spaces AS
SELECT s.workspace_id, s.space_id, s.name, s.archived, s.is_deleted, s.private, s.updated_at
FROM spaces AS s;

CREATE VIEW {views}.folders AS
SELECT f.workspace_id, f.folder_id, f.space_id, f.parent_folder_id, f.name, f.archived, f.is_deleted, f.updated_at
FROM folders AS f;

CREATE VIEW {views}.lists AS
SELECT l.workspace_id, l.list_id, l.space_id, l.folder_id, l.name, l.archived, l.is_deleted, l.updated_at
FROM lists AS l;

CREATE VIEW {views}.employees AS
SELECT e.workspace_id, e.id AS employee_id, e.clickup_user_id, e.name, e.email, e.role, e.is_active, e.left_at
FROM employees AS e;

CREATE VIEW {views}.tasks AS
SELECT
    t.workspace_id, t.clickup_task_id, t.custom_id, t.title, t.description, t.type, t.status, t.status_type,
    NOT t.is_deleted AND NOT t.archived AND NOT coalesce(l.archived, false) AND NOT coalesce(f.archived, false)
        AND NOT coalesce(s.archived, false) AND coalesce(t.status_type, '') NOT IN ('done', 'closed') AS is_open,
    t.priority, t.tags, t.summary, t.sprint_points, t.assigned_comment, t.assignee_name, t.employee_ids,
    t.assigned_by, t.followers, t.space_id, t.space_name, t.folder_id, t.folder_name, t.list_id, t.list_name,
    t.date_created, t.date_updated, t.date_done, t.date_closed, t.last_status_change, t.start_date, t.due_date,
    t.due_at, t.time_estimate_minutes, t.tracked_minutes, t.archived, t.is_deleted, t.deleted_at, t.is_recurring,
    t.parent, t.top_level_parent, t.url, t.custom_fields, t.updated_at
FROM tasks AS t
LEFT JOIN lists AS l ON l.list_id = t.list_id
LEFT JOIN folders AS f ON f.folder_id = t.folder_id
LEFT JOIN spaces AS s ON s.space_id = t.space_id;

CREATE VIEW {views}.task_assignees AS
SELECT p.workspace_id, p.clickup_task_id, p.clickup_user_id, e.id AS employee_id, coalesce(e.name, p.name) AS name,
    p.position
FROM task_people AS p
LEFT JOIN employees AS e ON e.clickup_user_id = p.clickup_user_id
WHERE p.relation = 'assignee';

CREATE VIEW {views}.task_tags AS
SELECT g.workspace_id, g.clickup_task_id, g.tag
FROM task_tags AS g;

CREATE VIEW {views}.task_dependencies AS
SELECT d.workspace_id, d.clickup_task_id, d.relation, d.other_task_id
FROM task_dependencies AS d;

CREATE VIEW {views}.custom_field_values AS
SELECT v.workspace_id, v.clickup_task_id, v.field_id, v.name, c.type, v.value_text, v.value
FROM task_custom_fields AS v
LEFT JOIN custom_fields AS c ON c.field_id = v.field_id;

CREATE VIEW {views}.time_entries AS
SELECT t.workspace_id, t.clickup_entry_id, t.clickup_task_id, t.clickup_user_id, e.id AS employee_id, t.user_name,
    t.started_at, t.ended_at, t.duration_ms, t.is_running, t.billable, t.description, t.tags, t.entry_updated_at,
    t.updated_at
FROM time_entries AS t
LEFT JOIN employees AS e ON e.clickup_user_id = t.clickup_user_id;

CREATE VIEW {views}.comments AS
SELECT c.workspace_id, c.clickup_comment_id, c.clickup_task_id, c.parent_comment_id, c.text, c.author_id,
    c.author_name, c.assignee_id, c.assignee_name, c.assigned_by_name,
    c.assignee_id IS NOT NULL AND NOT c.resolved AS is_waiting, c.resolved, c.commented_at, c.reply_count,
    c.updated_at
FROM comments AS c;

CREATE VIEW {views}.daily_snapshots AS
SELECT d.workspace_id, d.snapshot_date, d.taken_at, d.clickup_task_id, d.title, d.status, d.status_type, d.type,
    d.priority, d.tags, d.assignee_name, d.assigned_by, d.assigned_comment, d.space_name, d.folder_name, d.list_name,
    d.date_created, d.date_closed, d.last_status_change, d.start_date, d.due_date, d.time_estimate_minutes,
    d.tracked_minutes, d.sprint_points
FROM daily_snapshots AS d;

CREATE VIEW {views}.runs AS
SELECT r.workspace_id, r.run_id, r.kind, r.trigger, r.status, r.started_at, r.ended_at, r.requests, r.rows_written
FROM runs AS r;

CREATE VIEW {views}.freshness AS
SELECT s.workspace_id, s.stream, s.watermark, s.read_at, s.complete_at, s.blind_spot
FROM streams AS s;

REVOKE ALL ON SCHEMA {views} FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA {views} FROM PUBLIC;
COMMENT ON SCHEMA {views} IS 'Views for assistants, of what clickup-sync mirrors.';

COMMENT ON VIEW {views}.workspaces IS 'The mirrored workspaces; most mirrors have one.';
COMMENT ON COLUMN {views}.workspaces.workspace_id IS 'ClickUp''s id of the workspace.';
COMMENT ON COLUMN {views}.workspaces.name IS 'Its name.';
COMMENT ON COLUMN {views}.workspaces.plan_name IS 'ClickUp''s plan. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.workspaces.members_count IS 'How many members ClickUp counts.';
COMMENT ON COLUMN {views}.workspaces.owner_time_zone IS 'IANA zone of the token''s owner in ClickUp. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.workspaces.updated_at IS 'When the mirror last changed this row.';

COMMENT ON VIEW {views}.spaces IS 'One row per space, archived and deleted ones too.';
COMMENT ON COLUMN {views}.spaces.workspace_id IS 'Its workspace.';
COMMENT ON COLUMN {views}.spaces.space_id IS 'ClickUp''s id of the space.';
COMMENT ON COLUMN {views}.spaces.name IS 'Its name.';
COMMENT ON COLUMN {views}.spaces.archived IS 'It is archived; its tasks then count as not open.';
COMMENT ON COLUMN {views}.spaces.is_deleted IS 'It is deleted in ClickUp.';
COMMENT ON COLUMN {views}.spaces.private IS 'Only invited people see it. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.spaces.updated_at IS 'When the mirror last changed this row.';

COMMENT ON VIEW {views}.folders IS 'One row per folder, archived and deleted ones too.';
COMMENT ON COLUMN {views}.folders.workspace_id IS 'Its workspace.';
COMMENT ON COLUMN {views}.folders.folder_id IS 'ClickUp''s id of the folder.';
COMMENT ON COLUMN {views}.folders.space_id IS 'The space it stands in. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.folders.parent_folder_id IS 'The folder it stands in. NULL: it stands in its space directly.';
COMMENT ON COLUMN {views}.folders.name IS 'Its name.';
COMMENT ON COLUMN {views}.folders.archived IS 'It is archived; its tasks then count as not open.';
COMMENT ON COLUMN {views}.folders.is_deleted IS 'It is deleted in ClickUp.';
COMMENT ON COLUMN {views}.folders.updated_at IS 'When the mirror last changed this row.';

COMMENT ON VIEW {views}.lists IS 'One row per list, archived and deleted ones too.';
COMMENT ON COLUMN {views}.lists.workspace_id IS 'Its workspace.';
COMMENT ON COLUMN {views}.lists.list_id IS 'ClickUp''s id of the list.';
COMMENT ON COLUMN {views}.lists.space_id IS 'The space it stands in. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.lists.folder_id IS 'The folder it stands in. NULL: it stands in its space directly.';
COMMENT ON COLUMN {views}.lists.name IS 'Its name.';
COMMENT ON COLUMN {views}.lists.archived IS 'It is archived; its tasks then count as not open.';
COMMENT ON COLUMN {views}.lists.is_deleted IS 'It is deleted in ClickUp.';
COMMENT ON COLUMN {views}.lists.updated_at IS 'When the mirror last changed this row.';

COMMENT ON VIEW {views}.employees IS 'People of the workspace, and those who left. Join by employee_id.';
COMMENT ON COLUMN {views}.employees.workspace_id IS 'The workspace in which the person was last listed.';
COMMENT ON COLUMN {views}.employees.employee_id IS 'The mirror''s own key of the person.';
COMMENT ON COLUMN {views}.employees.clickup_user_id IS 'ClickUp''s id of the person.';
COMMENT ON COLUMN {views}.employees.name IS 'Name; of who was invited and has none yet the e-mail or the id.';
COMMENT ON COLUMN {views}.employees.email IS 'E-mail. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.employees.role IS 'owner, admin, member, guest, or custom (N). NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.employees.is_active IS 'False for somebody who left.';
COMMENT ON COLUMN {views}.employees.left_at IS 'When they were first found missing. NULL: they are here.';

COMMENT ON VIEW {views}.tasks IS 'One row per task and subtask; done, archived and deleted ones too. Most questions want WHERE is_open, or WHERE NOT is_deleted.';
COMMENT ON COLUMN {views}.tasks.workspace_id IS 'Its workspace.';
COMMENT ON COLUMN {views}.tasks.clickup_task_id IS 'ClickUp''s id of the task, by which other views speak of it.';
COMMENT ON COLUMN {views}.tasks.custom_id IS 'ClickUp''s custom id, such as DEV-12. NULL: it has none.';
COMMENT ON COLUMN {views}.tasks.title IS 'Its name.';
COMMENT ON COLUMN {views}.tasks.description IS 'Plain text, which may be long. NULL: there is none.';
COMMENT ON COLUMN {views}.tasks.type IS 'Task type: Task, Milestone, or the workspace''s own.';
COMMENT ON COLUMN {views}.tasks.status IS 'Status as people see it; each list may have its own. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.tasks.status_type IS 'open (not begun), custom (under way), done, closed. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.tasks.is_open IS 'Not deleted, not done or closed, and not archived: neither itself nor its list, folder or space.';
COMMENT ON COLUMN {views}.tasks.priority IS 'urgent, high, normal or low. NULL: none is set.';
COMMENT ON COLUMN {views}.tasks.tags IS 'Names of its tags; empty without any. One row each in task_tags.';
COMMENT ON COLUMN {views}.tasks.summary IS 'Text of the custom field named Summary. NULL: not set.';
COMMENT ON COLUMN {views}.tasks.sprint_points IS 'Sprint points. NULL: not set.';
COMMENT ON COLUMN {views}.tasks.assigned_comment IS 'Texts of comments that wait for somebody, newest first, joined by '' | ''. NULL: none waits.';
COMMENT ON COLUMN {views}.tasks.assignee_name IS 'Names of all assignees, joined by commas; to join or to count by person take task_assignees. NULL: nobody is assigned.';
COMMENT ON COLUMN {views}.tasks.employee_ids IS 'employee_id of all assignees who are in employees; empty without any.';
COMMENT ON COLUMN {views}.tasks.assigned_by IS 'Name of who made the task. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.tasks.followers IS 'Names of who watches it; empty without any.';
COMMENT ON COLUMN {views}.tasks.space_id IS 'Its space. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.tasks.space_name IS 'Name of its space. NULL: the mirror''s token cannot see the space.';
COMMENT ON COLUMN {views}.tasks.folder_id IS 'Its folder. NULL: its list stands in no folder.';
COMMENT ON COLUMN {views}.tasks.folder_name IS 'Name of its folder. NULL: its list stands in no folder.';
COMMENT ON COLUMN {views}.tasks.list_id IS 'Its home list. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.tasks.list_name IS 'Name of its home list. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.tasks.date_created IS 'When it was made. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.tasks.date_updated IS 'When it last changed in ClickUp. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.tasks.date_done IS 'When it reached a status of type done or closed. NULL: it is not done.';
COMMENT ON COLUMN {views}.tasks.date_closed IS 'When it was closed. NULL: it is not closed.';
COMMENT ON COLUMN {views}.tasks.last_status_change IS 'Since when it is in its status, as well as is known. NULL: not known.';
COMMENT ON COLUMN {views}.tasks.start_date IS 'The day it is to begin, in the mirror''s zone. NULL: not set.';
COMMENT ON COLUMN {views}.tasks.due_date IS 'The day it is due, in the mirror''s zone. NULL: not set.';
COMMENT ON COLUMN {views}.tasks.due_at IS 'The instant it is due. NULL: not set.';
COMMENT ON COLUMN {views}.tasks.time_estimate_minutes IS 'Estimate in whole minutes. NULL: not set.';
COMMENT ON COLUMN {views}.tasks.tracked_minutes IS 'Whole minutes of all its finished sessions, cut off; 0 without any. NULL: not known.';
COMMENT ON COLUMN {views}.tasks.archived IS 'It is archived itself; of its list, folder and space see is_open.';
COMMENT ON COLUMN {views}.tasks.is_deleted IS 'It is deleted in ClickUp.';
COMMENT ON COLUMN {views}.tasks.deleted_at IS 'When it was found deleted. NULL: it is not deleted.';
COMMENT ON COLUMN {views}.tasks.is_recurring IS 'It comes again by itself.';
COMMENT ON COLUMN {views}.tasks.parent IS 'clickup_task_id of the task above it. NULL: it is no subtask.';
COMMENT ON COLUMN {views}.tasks.top_level_parent IS 'clickup_task_id of the outermost task above it. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.tasks.url IS 'Opens it in ClickUp. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.tasks.custom_fields IS 'Its custom fields as {"field name": "value as people read it"}: custom_fields->>''Budget''.';
COMMENT ON COLUMN {views}.tasks.updated_at IS 'When the mirror last changed this row; for ClickUp''s changes take date_updated.';

COMMENT ON VIEW {views}.task_assignees IS 'One row per task and assigned person. A task with two assignees stands here twice: do not add up its minutes by person.';
COMMENT ON COLUMN {views}.task_assignees.workspace_id IS 'The workspace.';
COMMENT ON COLUMN {views}.task_assignees.clickup_task_id IS 'The task.';
COMMENT ON COLUMN {views}.task_assignees.clickup_user_id IS 'ClickUp''s id of the person.';
COMMENT ON COLUMN {views}.task_assignees.employee_id IS 'The person in employees. NULL: not one of them.';
COMMENT ON COLUMN {views}.task_assignees.name IS 'The person''s name.';
COMMENT ON COLUMN {views}.task_assignees.position IS 'Place among the task''s assignees, from 0.';

COMMENT ON VIEW {views}.task_tags IS 'One row per task and tag.';
COMMENT ON COLUMN {views}.task_tags.workspace_id IS 'The workspace.';
COMMENT ON COLUMN {views}.task_tags.clickup_task_id IS 'The task.';
COMMENT ON COLUMN {views}.task_tags.tag IS 'The tag''s name.';

COMMENT ON VIEW {views}.task_dependencies IS 'How tasks hold each other up, as each of them shows it: a pair may stand here from both sides.';
COMMENT ON COLUMN {views}.task_dependencies.workspace_id IS 'The workspace.';
COMMENT ON COLUMN {views}.task_dependencies.clickup_task_id IS 'The task that shows it.';
COMMENT ON COLUMN {views}.task_dependencies.relation IS 'waiting_on: it waits for the other; blocking: the other waits for it; linked: they belong together.';
COMMENT ON COLUMN {views}.task_dependencies.other_task_id IS 'clickup_task_id of the other task, which need not be mirrored.';

COMMENT ON VIEW {views}.custom_field_values IS 'Custom fields that are set, one row per task and field.';
COMMENT ON COLUMN {views}.custom_field_values.workspace_id IS 'The workspace.';
COMMENT ON COLUMN {views}.custom_field_values.clickup_task_id IS 'The task.';
COMMENT ON COLUMN {views}.custom_field_values.field_id IS 'ClickUp''s id of the field.';
COMMENT ON COLUMN {views}.custom_field_values.name IS 'The field''s name.';
COMMENT ON COLUMN {views}.custom_field_values.type IS 'ClickUp''s type of the field: drop_down, labels, users, date, number and so on. NULL: its definition is not mirrored.';
COMMENT ON COLUMN {views}.custom_field_values.value_text IS 'The value as people read it; a date as ISO 8601. NULL: it has no text.';
COMMENT ON COLUMN {views}.custom_field_values.value IS 'The value as ClickUp sent it. NULL: it cannot be kept as JSON.';

COMMENT ON VIEW {views}.time_entries IS 'One row per session of work, also without a task and of people who left.';
COMMENT ON COLUMN {views}.time_entries.workspace_id IS 'The workspace.';
COMMENT ON COLUMN {views}.time_entries.clickup_entry_id IS 'ClickUp''s id of the entry.';
COMMENT ON COLUMN {views}.time_entries.clickup_task_id IS 'The task. NULL: the time belongs to no task.';
COMMENT ON COLUMN {views}.time_entries.clickup_user_id IS 'ClickUp''s id of who worked. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.time_entries.employee_id IS 'Who worked, in employees. NULL: not one of them.';
COMMENT ON COLUMN {views}.time_entries.user_name IS 'Name of who worked. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.time_entries.started_at IS 'When it began. NULL: the time was logged as an amount, without a start.';
COMMENT ON COLUMN {views}.time_entries.ended_at IS 'When it ended. NULL: the timer runs, or the time was logged as an amount.';
COMMENT ON COLUMN {views}.time_entries.duration_ms IS 'How long, in milliseconds; whole minutes are sum(duration_ms) / 60000. NULL: the timer runs.';
COMMENT ON COLUMN {views}.time_entries.is_running IS 'The timer runs.';
COMMENT ON COLUMN {views}.time_entries.billable IS 'Marked as billable. NULL: not read yet.';
COMMENT ON COLUMN {views}.time_entries.description IS 'What was written beside it. NULL: nothing, or not read yet.';
COMMENT ON COLUMN {views}.time_entries.tags IS 'Names of the entry''s tags. NULL: not read yet.';
COMMENT ON COLUMN {views}.time_entries.entry_updated_at IS 'When the entry last changed in ClickUp. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.time_entries.updated_at IS 'When the mirror last changed this row.';

COMMENT ON VIEW {views}.comments IS 'Comments on tasks, and replies to them.';
COMMENT ON COLUMN {views}.comments.workspace_id IS 'The workspace.';
COMMENT ON COLUMN {views}.comments.clickup_comment_id IS 'ClickUp''s id of the comment.';
COMMENT ON COLUMN {views}.comments.clickup_task_id IS 'The task it stands on.';
COMMENT ON COLUMN {views}.comments.parent_comment_id IS 'The comment it replies to. NULL: it is no reply.';
COMMENT ON COLUMN {views}.comments.text IS 'What was said.';
COMMENT ON COLUMN {views}.comments.author_id IS 'clickup_user_id of who said it. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.comments.author_name IS 'Name of who said it. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.comments.assignee_id IS 'clickup_user_id of who should answer. NULL: it is assigned to nobody.';
COMMENT ON COLUMN {views}.comments.assignee_name IS 'Name of who should answer. NULL: it is assigned to nobody.';
COMMENT ON COLUMN {views}.comments.assigned_by_name IS 'Name of who assigned it. NULL: it is assigned to nobody.';
COMMENT ON COLUMN {views}.comments.is_waiting IS 'It is assigned to somebody and not resolved.';
COMMENT ON COLUMN {views}.comments.resolved IS 'It was resolved.';
COMMENT ON COLUMN {views}.comments.commented_at IS 'When it was posted. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.comments.reply_count IS 'How many replies ClickUp counts.';
COMMENT ON COLUMN {views}.comments.updated_at IS 'When the mirror last changed this row.';

COMMENT ON VIEW {views}.daily_snapshots IS 'One row per day and task that changed on that day, as it was in the evening. A task that did not change has no row for the day.';
COMMENT ON COLUMN {views}.daily_snapshots.workspace_id IS 'The workspace.';
COMMENT ON COLUMN {views}.daily_snapshots.snapshot_date IS 'The day, in the mirror''s zone of then.';
COMMENT ON COLUMN {views}.daily_snapshots.taken_at IS 'When the snapshot was taken.';
COMMENT ON COLUMN {views}.daily_snapshots.clickup_task_id IS 'The task.';
COMMENT ON COLUMN {views}.daily_snapshots.title IS 'Its name then.';
COMMENT ON COLUMN {views}.daily_snapshots.status IS 'Its status then. NULL: ClickUp did not tell.';
COMMENT ON COLUMN {views}.daily_snapshots.status_type IS 'open, custom, done or closed, then. NULL: ClickUp did not tell.';
COMMENT ON COLUMN {views}.daily_snapshots.type IS 'Its task type then.';
COMMENT ON COLUMN {views}.daily_snapshots.priority IS 'urgent, high, normal or low, then. NULL: none was set.';
COMMENT ON COLUMN {views}.daily_snapshots.tags IS 'Its tags then; empty without any.';
COMMENT ON COLUMN {views}.daily_snapshots.assignee_name IS 'Names of all assignees then, an array; empty without any.';
COMMENT ON COLUMN {views}.daily_snapshots.assigned_by IS 'Name of who made the task. NULL: ClickUp did not tell.';
COMMENT ON COLUMN {views}.daily_snapshots.assigned_comment IS 'Texts of comments that waited then, joined by '' | ''. NULL: none waited.';
COMMENT ON COLUMN {views}.daily_snapshots.space_name IS 'Name of its space then. NULL: the mirror''s token could not see the space.';
COMMENT ON COLUMN {views}.daily_snapshots.folder_name IS 'Name of its folder then. NULL: its list stood in no folder.';
COMMENT ON COLUMN {views}.daily_snapshots.list_name IS 'Name of its list then. NULL: ClickUp did not tell.';
COMMENT ON COLUMN {views}.daily_snapshots.date_created IS 'When the task was made. NULL: ClickUp did not tell.';
COMMENT ON COLUMN {views}.daily_snapshots.date_closed IS 'When it was closed, as known then. NULL: it was not closed.';
COMMENT ON COLUMN {views}.daily_snapshots.last_status_change IS 'Since when it was in its status, as known then. NULL: not known.';
COMMENT ON COLUMN {views}.daily_snapshots.start_date IS 'The day it was to begin. NULL: not set.';
COMMENT ON COLUMN {views}.daily_snapshots.due_date IS 'The day it was due. NULL: not set.';
COMMENT ON COLUMN {views}.daily_snapshots.time_estimate_minutes IS 'Estimate in whole minutes, then. NULL: not set.';
COMMENT ON COLUMN {views}.daily_snapshots.tracked_minutes IS 'Whole minutes of all its sessions until then, not only of that day. NULL: not known.';
COMMENT ON COLUMN {views}.daily_snapshots.sprint_points IS 'Sprint points then. NULL: not set.';

COMMENT ON VIEW {views}.runs IS 'Syncs, each with its outcome; old ones are forgotten after some weeks.';
COMMENT ON COLUMN {views}.runs.workspace_id IS 'The workspace.';
COMMENT ON COLUMN {views}.runs.run_id IS 'Its own key.';
COMMENT ON COLUMN {views}.runs.kind IS 'changes, full, deep, employees, tasks, verify or daily.';
COMMENT ON COLUMN {views}.runs.trigger IS 'What asked for it: timer, webhook, sweep, cli, api and others.';
COMMENT ON COLUMN {views}.runs.status IS 'waiting, running, succeeded, failed or interrupted.';
COMMENT ON COLUMN {views}.runs.started_at IS 'When it began.';
COMMENT ON COLUMN {views}.runs.ended_at IS 'When it ended. NULL: it waits or runs.';
COMMENT ON COLUMN {views}.runs.requests IS 'How many requests it sent to ClickUp.';
COMMENT ON COLUMN {views}.runs.rows_written IS 'How many rows of data it wrote.';

COMMENT ON VIEW {views}.freshness IS 'How fresh each kind of data is.';
COMMENT ON COLUMN {views}.freshness.workspace_id IS 'The workspace.';
COMMENT ON COLUMN {views}.freshness.stream IS 'What is kept fresh: tasks, archived tasks, time, places, people.';
COMMENT ON COLUMN {views}.freshness.watermark IS 'The newest change of ClickUp''s that is in the mirror. NULL: the stream has none.';
COMMENT ON COLUMN {views}.freshness.read_at IS 'When it was last asked for. NULL: never.';
COMMENT ON COLUMN {views}.freshness.complete_at IS 'As of when all of it was last read. NULL: never yet.';
COMMENT ON COLUMN {views}.freshness.blind_spot IS 'What the mirror''s token cannot see of it, as a sentence. NULL: nothing is known to be hidden.';

-- What assistants ask is run in here. It belongs to the role below: within a function that has its owner's rights
-- PostgreSQL lets no statement become somebody else, and within one that is STABLE none that does more than read.
CREATE FUNCTION {views}.answer(question text, most_letters integer) RETURNS SETOF text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, {views}, pg_temp AS $$
DECLARE
    cells text[];
    letters bigint := 0;
BEGIN
    FOR cells IN EXECUTE question LOOP
        RETURN NEXT cells;
        -- The last row tells that there are more.
        EXIT WHEN letters > most_letters;
        letters := letters + length(array_to_string(cells, ''));
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION {views}.answer FROM PUBLIC;

-- A role belongs to the whole server: it may be there already, or be made at this moment for another database.
-- Who may make none goes without; `query` then says what an administrator has to run.
DO $$
BEGIN
    IF to_regrole('{reader}') IS NULL THEN
        CREATE ROLE {reader} NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN
    NULL;
END
$$;
DO $$
BEGIN
    GRANT USAGE ON SCHEMA {views} TO {reader};
    GRANT SELECT ON ALL TABLES IN SCHEMA {views} TO {reader};
EXCEPTION WHEN undefined_object THEN
    NULL;
END
$$;
DO $$
BEGIN
    GRANT {reader} TO CURRENT_USER;
EXCEPTION WHEN undefined_object OR unique_violation OR insufficient_privilege THEN
    NULL;
END
$$;
DO $$
BEGIN
    GRANT CREATE ON SCHEMA {views} TO {reader};
    ALTER FUNCTION {views}.answer OWNER TO {reader};
    REVOKE CREATE ON SCHEMA {views} FROM {reader};
EXCEPTION WHEN undefined_object OR insufficient_privilege THEN
    NULL;
END
$$;
