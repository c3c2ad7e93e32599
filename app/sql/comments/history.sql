-- What the tables of history mean. Columns of versions that are those of a table say so, and are written here in a
-- loop.

COMMENT ON TABLE {schema}.changes IS 'One row for each changed field of a task, time entry, comment, person or place, and for each that was created, deleted or restored.';
COMMENT ON COLUMN {schema}.changes.change_id IS 'Key.';
COMMENT ON COLUMN {schema}.changes.position IS 'The order of `GET /changes`. A row that becomes known better, as by a webhook, gets a new position.';
COMMENT ON COLUMN {schema}.changes.workspace_id IS 'The workspace.';
COMMENT ON COLUMN {schema}.changes.object_type IS '`task`, `time_entry`, `comment`, `person`, `space`, `folder` or `list`.';
COMMENT ON COLUMN {schema}.changes.object_id IS 'ClickUp''s id of the object.';
COMMENT ON COLUMN {schema}.changes.task_id IS 'ClickUp''s id of the task that it is, or belongs to. NULL: a person or place, or of no task.';
COMMENT ON COLUMN {schema}.changes.operation IS '`created`, `changed`, `deleted` or `restored`.';
COMMENT ON COLUMN {schema}.changes.field IS 'The column that changed, or `custom_fields.` and the field''s name. NULL: the operation is not `changed`.';
COMMENT ON COLUMN {schema}.changes.before IS 'The value before, as JSON. NULL: empty.';
COMMENT ON COLUMN {schema}.changes.after IS 'The value after, as JSON. NULL: empty.';
COMMENT ON COLUMN {schema}.changes.earliest IS 'It happened at this instant or later.';
COMMENT ON COLUMN {schema}.changes.changed_at IS 'When it happened, as answers about the past have it: from `earliest` to `latest`.';
COMMENT ON COLUMN {schema}.changes.latest IS 'It happened at this instant or earlier.';
COMMENT ON COLUMN {schema}.changes.user_id IS 'ClickUp''s id of who did it. NULL: not known.';
COMMENT ON COLUMN {schema}.changes.user_name IS 'Their name then. NULL: not known.';
COMMENT ON COLUMN {schema}.changes.source IS 'How it is known: from a `webhook`, by `polling`, or from ClickUp''s own time stamp (`clickup`).';
COMMENT ON COLUMN {schema}.changes.recorded_at IS 'When the row was first written.';

COMMENT ON TABLE {schema}.history_states IS 'Since when a workspace has history.';
COMMENT ON COLUMN {schema}.history_states.workspace_id IS 'The workspace.';
COMMENT ON COLUMN {schema}.history_states.since IS 'From then on changes are recorded. What was before is known from ClickUp''s time stamps only.';
COMMENT ON COLUMN {schema}.history_states.off_since IS 'Since when nothing is recorded, because of `HISTORY=off`. NULL: it is recorded.';

COMMENT ON TABLE {schema}.history_tables IS 'The tables that have history.';
COMMENT ON COLUMN {schema}.history_tables.table_name IS 'The table.';
COMMENT ON COLUMN {schema}.history_tables.versions_name IS 'The table of its versions.';
COMMENT ON COLUMN {schema}.history_tables.object_type IS 'What its rows are called in `changes`.';
COMMENT ON COLUMN {schema}.history_tables.object_key IS 'The column with ClickUp''s id.';
COMMENT ON COLUMN {schema}.history_tables.stamp_column IS 'The column with ClickUp''s time of the last change. NULL: there is none.';
COMMENT ON COLUMN {schema}.history_tables.birth_column IS 'The column with ClickUp''s time of creation. NULL: there is none.';

COMMENT ON TABLE {schema}.history_columns IS 'What is kept of each column.';
COMMENT ON COLUMN {schema}.history_columns.table_name IS 'The table.';
COMMENT ON COLUMN {schema}.history_columns.column_name IS 'Its column.';
COMMENT ON COLUMN {schema}.history_columns.use IS '`key`; `field`: a change makes a version and a row in `changes`; `part`: a version only; `quiet`: the present version is updated; `wide`: rows in `changes` only; `keyed`: the same for each key of an object.';
COMMENT ON COLUMN {schema}.history_columns.is_stamped IS 'ClickUp moves `stamp_column` with each change of it.';

COMMENT ON TABLE {schema}.history_statements IS 'The statements by which triggers record history, made of the two tables above.';
COMMENT ON COLUMN {schema}.history_statements.table_name IS 'The table.';
COMMENT ON COLUMN {schema}.history_statements.operation IS '`insert`, `update`, `delete`, or `refresh`: of the whole table.';
COMMENT ON COLUMN {schema}.history_statements.statement IS 'SQL.';

COMMENT ON COLUMN {schema}.runs.clock_ahead_ms IS 'How far ClickUp''s clock was ahead of this machine''s, in milliseconds, at the least.';

DO $$
DECLARE
    shown  record;
BEGIN
    FOR shown IN
        SELECT v.oid::regclass AS versions, h.table_name, a.attname AS name, a.attnotnull AS is_not_null, own.text
        FROM {schema}.history_tables AS h
        JOIN pg_class AS v ON v.relname = h.versions_name AND v.relnamespace = '{schema}'::regnamespace
        JOIN pg_attribute AS a ON a.attrelid = v.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN (VALUES
            ('version_id', 'Key.'),
            ('valid_from_earliest', 'It became so at this instant or later.'),
            ('valid_from', 'From then on it was so, as answers about the past have it.'),
            ('known_from', 'From then on it was certainly so.'),
            ('seen_at', 'When ClickUp was last asked and it was so.'),
            ('valid_to_earliest', 'Until then it was certainly so; `infinity`: it is the present version.'),
            ('valid_to', 'Until then it was so, this instant excluded; `infinity`: it is the present version.')
        ) AS own (name, text) ON own.name = a.attname
    LOOP
        EXECUTE format('COMMENT ON TABLE %s IS %L', shown.versions,
            format('Versions of `%s`, each from `valid_from` to `valid_to`.', shown.table_name));
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', shown.versions, shown.name,
            coalesce(shown.text, format('As in `%s`.', shown.table_name))
                || CASE WHEN shown.is_not_null THEN '' ELSE ' NULL: as there.' END);
    END LOOP;
END
$$;
