-- Rows of the mirror that somebody else inserts, changes, deletes or truncates are remembered as they were
-- before, so that the next sync restores them. The sync marks its own transactions with the setting
-- `clickup_sync.writer`; every other write is somebody else's, also that of a trigger that a write of the sync
-- fires.

-- The columns that the sync fills, in the order in which tables are restored. Other columns are the user's own.
-- A migration that adds a column to a mirrored table adds its row here.
CREATE TABLE mirrored_columns (
    column_id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name   text NOT NULL,
    column_name  text NOT NULL,
    is_key       boolean NOT NULL DEFAULT false,
    UNIQUE (table_name, column_name)
);
ALTER TABLE mirrored_columns ENABLE ROW LEVEL SECURITY;

-- `before`: the row before the first of the changes; NULL where there was none.
CREATE TABLE external_changes (
    change_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id  text NOT NULL,
    table_name    text NOT NULL,
    row_key       text[] NOT NULL,
    task_id       text,
    operation     text NOT NULL CHECK (operation IN ('insert', 'update', 'delete', 'truncate')),
    before        jsonb,
    changed_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (table_name, row_key)
);
CREATE INDEX external_changes_workspace ON external_changes (workspace_id, table_name);
CREATE INDEX external_changes_task ON external_changes (task_id) WHERE task_id IS NOT NULL;
ALTER TABLE external_changes ENABLE ROW LEVEL SECURITY;

-- Since when changes by others may have gone unnoticed; the next full sync compares every row. Also before now.
ALTER TABLE workspaces ADD COLUMN unwatched_since timestamptz;
UPDATE workspaces SET unwatched_since = now();

INSERT INTO mirrored_columns (table_name, column_name, is_key)
SELECT data.name, col.name, col.name = ANY(string_to_array(data.keys, ' '))
FROM (VALUES
    (1, 'workspaces', 'workspace_id', 'workspace_id name color avatar plan_name members_count token_user_id
        token_user_name token_role owner_time_zone rendered_zone task_types updated_at status_denied_at
        unwatched_since'),
    (2, 'visible_workspaces', 'workspace_id visible_id', 'workspace_id visible_id name color avatar plan_name
        members_count updated_at'),
    (3, 'employees', 'clickup_user_id', 'id workspace_id clickup_user_id name email role is_active left_at
        time_denied_at created_at updated_at'),
    (4, 'spaces', 'space_id', 'space_id workspace_id name archived is_deleted color private multiple_assignees
        statuses features fingerprint updated_at'),
    (5, 'folders', 'folder_id', 'folder_id workspace_id space_id parent_folder_id name archived is_deleted
        details fingerprint updated_at'),
    (6, 'lists', 'list_id', 'list_id workspace_id space_id folder_id name archived is_deleted details
        fingerprint updated_at'),
    (7, 'custom_fields', 'field_id', 'field_id workspace_id name type type_config updated_at'),
    (8, 'tasks', 'clickup_task_id', 'id workspace_id clickup_task_id title description type status status_type
        priority tags summary sprint_points assigned_comment assignee_name assignee_ids employee_id employee_ids
        assigned_by followers space_id space_name folder_id folder_name list_id list_name date_created
        date_updated date_done date_closed last_status_change updated_at start_date due_date
        time_estimate_minutes start_times end_times tracked_minutes archived is_deleted is_recurring
        dependencies custom_id parent top_level_parent url points custom_fields locations group_assignees
        start_at due_at time_spent_ms deleted_at created_at read_at fingerprint'),
    (9, 'task_people', 'clickup_task_id relation clickup_user_id', 'workspace_id clickup_task_id relation
        clickup_user_id position name email'),
    (10, 'task_tags', 'clickup_task_id tag', 'workspace_id clickup_task_id tag'),
    (11, 'task_dependencies', 'clickup_task_id relation other_task_id', 'workspace_id clickup_task_id relation
        other_task_id'),
    (12, 'task_custom_fields', 'clickup_task_id field_id', 'workspace_id clickup_task_id field_id name
        value_text value'),
    (13, 'time_entries', 'clickup_entry_id', 'clickup_entry_id workspace_id clickup_task_id clickup_user_id
        user_name started_at ended_at duration_ms is_running billable description tags entry_updated_at read_at
        updated_at'),
    (14, 'comments', 'clickup_comment_id', 'clickup_comment_id workspace_id clickup_task_id parent_comment_id
        text author_id author_name assignee_id assignee_name assigned_by_id assigned_by_name resolved
        commented_at reply_count read_at updated_at')
) AS data (position, name, keys, columns)
CROSS JOIN LATERAL regexp_split_to_table(data.columns, '\s+') WITH ORDINALITY AS col (name, position)
ORDER BY data.position, col.position;

-- With the owner's rights: whoever may change a row of the mirror needs no right on this table.
CREATE FUNCTION record_external_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mirror  text := quote_ident(TG_TABLE_SCHEMA);
    keys    text[];
    names   text[];
    col     text;  -- a column of the row: of `o`, the row before, or of `n`, the row after
    source  text;
    before  text := 'to_jsonb(o)';
BEGIN
    EXECUTE format('SELECT array_agg(quote_ident(column_name) ORDER BY column_id) FILTER (WHERE is_key),
        array_agg(quote_ident(column_name) ORDER BY column_id)
        FROM %s.mirrored_columns WHERE table_name = %L', mirror, TG_TABLE_NAME)
    INTO keys, names;
    IF keys IS NULL THEN
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        col := 'n.%1$s';
        source := 'new_rows AS n';
        before := 'NULL::jsonb';
    ELSIF TG_OP = 'DELETE' THEN
        col := 'o.%1$s';
        source := 'old_rows AS o';
    ELSIF TG_OP = 'TRUNCATE' THEN
        col := 'o.%1$s';
        source := format('%s.%I AS o', mirror, TG_TABLE_NAME);
    ELSE
        -- A row whose key was changed is one that went and one that came.
        col := 'coalesce(o.%1$s, n.%1$s)';
        source := format('old_rows AS o FULL JOIN new_rows AS n ON (%s) = (%s) WHERE (%s) IS DISTINCT FROM (%s)',
            'o.' || array_to_string(keys, ', o.'), 'n.' || array_to_string(keys, ', n.'),
            'o.' || array_to_string(names, ', o.'), 'n.' || array_to_string(names, ', n.'));
        before := format('CASE WHEN o.%s IS NOT NULL THEN to_jsonb(o) END', keys[1]);
    END IF;
    EXECUTE format('INSERT INTO %s.external_changes
            (workspace_id, table_name, row_key, task_id, operation, before)
        SELECT %s, %L, ARRAY[%s]::text[], %s, %L, %s FROM %s ORDER BY 3
        ON CONFLICT (table_name, row_key) DO UPDATE SET change_id = DEFAULT, changed_at = now()',
        mirror, format(col, 'workspace_id'), TG_TABLE_NAME,
        (SELECT string_agg(format(col, key), ', ') FROM unnest(keys) AS key),
        CASE WHEN 'clickup_task_id' = ANY(names) THEN format(col, 'clickup_task_id') ELSE 'NULL' END,
        lower(TG_OP), before, source);
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION record_external_change() FROM PUBLIC;

-- Restores the rows of some tasks, or of the workspace where `tasks` is NULL, also those that were moved to a
-- workspace that nobody mirrors. The user's own columns keep their values. A change that is made meanwhile stays
-- remembered, because it has another number.
CREATE FUNCTION restore_external_changes(mirror regnamespace, workspace text, tasks text[])
RETURNS TABLE (changed_table text, changed_rows bigint, changed_tasks text[])
LANGUAGE plpgsql AS $$  -- the search path stays as it is: triggers of the user's fire in here
DECLARE
    data      record;
    picked    bigint[];
    batch     bigint[];
    size      integer;
    position  integer;
    restored  bigint;
BEGIN
    FOR data IN EXECUTE format('
        SELECT table_name, bool_or(column_name = ''id'') AS has_id,
            string_agg(quote_ident(column_name), '', '' ORDER BY column_id) FILTER (WHERE is_key) AS keys,
            string_agg(format(''t.%%I'', column_name), '', '' ORDER BY column_id) FILTER (WHERE is_key) AS row_key,
            string_agg(quote_ident(column_name), '', '' ORDER BY column_id) AS names,
            string_agg(CASE column_name WHEN ''updated_at'' THEN ''now()'' ELSE format(''r.%%I'', column_name) END,
                '', '' ORDER BY column_id) AS image,
            string_agg(format(''%%1$I = excluded.%%1$I'', column_name), '', '' ORDER BY column_id) AS assignments
        FROM %s.mirrored_columns GROUP BY table_name ORDER BY min(column_id)', mirror)
    LOOP
        EXECUTE format('
            SELECT array_agg(change_id),
                coalesce(array_agg(DISTINCT task_id) FILTER (WHERE task_id IS NOT NULL), ''{}'')
            FROM %1$s.external_changes
            WHERE table_name = %2$L
              AND CASE WHEN $2 IS NULL
                  THEN workspace_id = $1 OR workspace_id NOT IN (SELECT workspace_id FROM %1$s.leases)
                  ELSE task_id = ANY($2)
              END', mirror, data.table_name)
        INTO picked, changed_tasks USING workspace, tasks;
        CONTINUE WHEN picked IS NULL;
        size := cardinality(picked);
        position := 1;
        restored := 0;
        WHILE position <= cardinality(picked) LOOP
            batch := picked[position : position + size - 1];
            BEGIN
                EXECUTE format('
                    DELETE FROM %1$s.%2$I AS t USING %1$s.external_changes AS e
                    WHERE e.change_id = ANY($1) AND e.before IS NULL AND e.row_key = ARRAY[%3$s]::text[]',
                    mirror, data.table_name, data.row_key) USING batch;
                IF data.has_id THEN
                    -- Else a row that has the id of another one would be in the way of that one.
                    EXECUTE format('
                        DELETE FROM %1$s.%2$I AS t USING %1$s.external_changes AS e
                        WHERE e.change_id = ANY($1) AND t.id = (e.before ->> ''id'')::uuid
                          AND e.row_key <> ARRAY[%3$s]::text[]',
                        mirror, data.table_name, data.row_key) USING batch;
                END IF;
                EXECUTE format('
                    INSERT INTO %1$s.%2$I AS t (%3$s)
                    SELECT %4$s
                    FROM %1$s.external_changes AS e
                    CROSS JOIN LATERAL jsonb_populate_record(NULL::%1$s.%2$I, e.before) AS r
                    WHERE e.change_id = ANY($1) AND e.before IS NOT NULL
                    ORDER BY e.row_key
                    ON CONFLICT (%5$s) DO UPDATE SET %6$s',
                    mirror, data.table_name, data.names, data.image, data.keys, data.assignments) USING batch;
                EXECUTE format('DELETE FROM %s.external_changes WHERE change_id = ANY($1)', mirror) USING batch;
                restored := restored + cardinality(batch);
                position := position + size;
            EXCEPTION WHEN foreign_key_violation THEN
                -- A table of the user's points to such a row: that one stays as it is, and remembered.
                IF size = 1 THEN
                    position := position + 1;
                END IF;
                size := 1;
            END;
        END LOOP;
        CONTINUE WHEN restored = 0;
        changed_table := data.table_name;
        changed_rows := restored;
        RETURN NEXT;
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION restore_external_changes(regnamespace, text, text[]) FROM PUBLIC;

-- All triggers on mirrored data, anew. They fire whatever `session_replication_role` is; `ALTER TABLE … ENABLE
-- TRIGGER`, after they were disabled, does not bring that back, so that it is seen that they were disabled.
CREATE FUNCTION install_change_triggers(mirror regnamespace) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    data     text;
    kind     record;
    foreign_only text := 'WHEN (current_setting(''clickup_sync.writer'', true) IS DISTINCT FROM ''on''
        OR pg_trigger_depth() > 0)';
BEGIN
    FOR data IN EXECUTE format('
        SELECT table_name FROM %s.mirrored_columns GROUP BY table_name
        UNION ALL VALUES (''daily_syncs''), (''daily_snapshots'')', mirror)
    LOOP
        FOR kind IN VALUES
            ('data_inserted', 'AFTER INSERT', 'REFERENCING NEW TABLE AS written', '', 'mark_data_write'),
            ('data_updated', 'AFTER UPDATE', 'REFERENCING NEW TABLE AS written', '', 'mark_data_write'),
            ('data_deleted', 'AFTER DELETE', 'REFERENCING OLD TABLE AS written', '', 'mark_data_write'),
            ('data_truncated', 'AFTER TRUNCATE', '', '', 'mark_data_write'),
            ('external_inserted', 'AFTER INSERT', 'REFERENCING NEW TABLE AS new_rows', foreign_only,
             'record_external_change'),
            ('external_updated', 'AFTER UPDATE', 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows',
             foreign_only, 'record_external_change'),
            ('external_deleted', 'AFTER DELETE', 'REFERENCING OLD TABLE AS old_rows', foreign_only,
             'record_external_change'),
            ('external_truncated', 'BEFORE TRUNCATE', '', foreign_only, 'record_external_change'),
            ('task_reads_begun', 'AFTER INSERT', 'REFERENCING NEW TABLE AS written', '', 'begin_task_reads')
        LOOP
            CONTINUE WHEN kind.column5 = 'record_external_change' AND data LIKE 'daily%'
                OR kind.column5 = 'begin_task_reads' AND data <> 'tasks';
            EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s.%I', kind.column1, mirror, data);
            EXECUTE format('CREATE TRIGGER %1$I %4$s ON %2$s.%3$I %5$s FOR EACH STATEMENT %6$s
                EXECUTE FUNCTION %2$s.%7$I()',
                kind.column1, mirror, data, kind.column2, kind.column3, kind.column4, kind.column5);
            EXECUTE format('ALTER TABLE %s.%I ENABLE ALWAYS TRIGGER %I', mirror, data, kind.column1);
        END LOOP;
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION install_change_triggers(regnamespace) FROM PUBLIC;

-- What these write is no matter of whoever changes a row of the mirror.
ALTER FUNCTION mark_data_write() SECURITY DEFINER;
ALTER FUNCTION begin_task_reads() SECURITY DEFINER;

SELECT install_change_triggers(quote_ident(current_schema())::regnamespace);
