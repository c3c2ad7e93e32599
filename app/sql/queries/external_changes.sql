-- Changes that others made to rows of the mirror, and their repair.

-- name: restore_external_changes
-- Restores what others changed: of some tasks, or with no `tasks` all of the workspace; what it restored, by table.
SELECT changed_table, changed_rows, changed_tasks
FROM {schema}.restore_external_changes('{schema}'::regnamespace, %(workspace_id)s::text, %(tasks)s::text[]);

-- name: forget_reads_of_added_comments
-- Tasks to which others added comments have theirs read again: what was added may be a backup that was loaded.
UPDATE {schema}.task_reads AS reads SET comments_read_at = NULL
FROM {schema}.external_changes AS e
WHERE e.task_id = reads.clickup_task_id AND e.table_name = 'comments' AND e.before IS NULL
  AND CASE WHEN %(tasks)s::text[] IS NULL THEN e.workspace_id = %(workspace_id)s ELSE e.task_id = ANY(%(tasks)s) END;

-- name: list_rendered_tasks
-- Of these tasks, those whose session columns are filled, or can be.
SELECT t.clickup_task_id
FROM {schema}.tasks AS t
WHERE t.clickup_task_id = ANY(%(ids)s)
  AND (t.tracked_minutes IS NOT NULL
       OR EXISTS (SELECT FROM {schema}.time_entries AS e WHERE e.clickup_task_id = t.clickup_task_id));

-- name: list_missing_triggers
-- Tables of which a trigger is missing, or is not always on, so that changes by others go unnoticed.
SELECT data.table_name
FROM (SELECT DISTINCT table_name FROM {schema}.mirrored_columns) AS data
CROSS JOIN unnest(ARRAY[
    'data_inserted', 'data_updated', 'data_deleted', 'data_truncated',
    'external_inserted', 'external_updated', 'external_deleted', 'external_truncated'
]) AS wanted (trigger_name)
LEFT JOIN pg_class AS c ON c.relnamespace = '{schema}'::regnamespace AND c.relname = data.table_name
LEFT JOIN pg_trigger AS t ON t.tgrelid = c.oid AND t.tgname = wanted.trigger_name AND t.tgenabled = 'A'
WHERE t.oid IS NULL
GROUP BY data.table_name
ORDER BY data.table_name;

-- name: install_change_triggers
-- Creates all triggers on mirrored data again.
SELECT {schema}.install_change_triggers('{schema}'::regnamespace);

-- name: mark_unwatched
-- Changes by others may have gone unnoticed, in every workspace of this database.
UPDATE {schema}.workspaces SET unwatched_since = now() WHERE unwatched_since IS NULL;

-- name: forget_comment_reads
-- Every task's comments are to be read again, in every workspace of this database.
UPDATE {schema}.task_reads SET comments_read_at = NULL WHERE comments_read_at IS NOT NULL;

-- name: get_unwatched_since
-- Since when changes by others may have gone unnoticed.
SELECT unwatched_since FROM {schema}.workspaces
WHERE workspace_id = %(workspace_id)s AND unwatched_since IS NOT NULL;

-- name: mark_watched
-- Every row was compared since changes by others may have gone unnoticed.
UPDATE {schema}.workspaces SET unwatched_since = NULL
WHERE workspace_id = %(workspace_id)s AND unwatched_since = %(unwatched_since)s;

-- name: limit_read_times_of_tasks
-- A row that is said to have been read in the future would never be written again, and who copies what was
-- updated since would miss it.
UPDATE {schema}.tasks
SET read_at = least(read_at, %(now)s), created_at = least(created_at, now()), updated_at = now()
WHERE workspace_id = %(workspace_id)s AND (read_at > %(now)s OR greatest(created_at, updated_at) > now());

-- name: limit_read_times_of_time_entries
-- The same of time entries.
UPDATE {schema}.time_entries SET read_at = least(read_at, %(now)s), updated_at = now()
WHERE workspace_id = %(workspace_id)s AND (read_at > %(now)s OR updated_at > now());

-- name: limit_read_times_of_comments
-- The same of comments.
UPDATE {schema}.comments SET read_at = least(read_at, %(now)s), updated_at = now()
WHERE workspace_id = %(workspace_id)s AND (read_at > %(now)s OR updated_at > now());

-- name: delete_rows_without_task
-- What belongs to a task that the mirror does not have: nobody can say whether it is true.
WITH lone_people AS (
    DELETE FROM {schema}.task_people AS r WHERE r.workspace_id = %(workspace_id)s
      AND NOT EXISTS (SELECT FROM {schema}.tasks AS t WHERE t.clickup_task_id = r.clickup_task_id)
), lone_tags AS (
    DELETE FROM {schema}.task_tags AS r WHERE r.workspace_id = %(workspace_id)s
      AND NOT EXISTS (SELECT FROM {schema}.tasks AS t WHERE t.clickup_task_id = r.clickup_task_id)
), lone_dependencies AS (
    DELETE FROM {schema}.task_dependencies AS r WHERE r.workspace_id = %(workspace_id)s
      AND NOT EXISTS (SELECT FROM {schema}.tasks AS t WHERE t.clickup_task_id = r.clickup_task_id)
), lone_fields AS (
    DELETE FROM {schema}.task_custom_fields AS r WHERE r.workspace_id = %(workspace_id)s
      AND NOT EXISTS (SELECT FROM {schema}.tasks AS t WHERE t.clickup_task_id = r.clickup_task_id)
)
DELETE FROM {schema}.comments AS r WHERE r.workspace_id = %(workspace_id)s
  AND NOT EXISTS (SELECT FROM {schema}.tasks AS t WHERE t.clickup_task_id = r.clickup_task_id);

-- name: list_external_changes
-- Rows that others changed and that no sync restored yet, by table, and since when; also those of workspaces that
-- nobody mirrors, and with no `workspace_id` all.
SELECT table_name, count(*) AS total, min(changed_at) AS since
FROM {schema}.external_changes
WHERE %(workspace_id)s::text IS NULL OR workspace_id = %(workspace_id)s
   OR workspace_id NOT IN (SELECT workspace_id FROM {schema}.streams)
GROUP BY table_name
ORDER BY table_name;

-- name: get_last_restoration
-- The latest run that restored rows that others had changed; without a `workspace_id` of any workspace.
SELECT run_id, kind, started_at, (counts ->> 'rows restored')::integer AS total
FROM {schema}.runs
WHERE (%(workspace_id)s::text IS NULL OR workspace_id = %(workspace_id)s) AND counts ? 'rows restored'
ORDER BY started_at DESC LIMIT 1;
