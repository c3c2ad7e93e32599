-- History: every version of a task, time entry, comment, person and place, and one row for each changed field.
-- Triggers write it in the transaction of the sync that writes the row. `valid_to` of the present version is
-- infinity. Instants are ClickUp's where it tells them; otherwise those of the reads between which it happened.

-- What is kept of each table. `object_type`: what it is called in `changes`. `object_key`: the column with ClickUp's
-- id. `stamp_column`: ClickUp's time of the last change. `birth_column`: ClickUp's time of creation.
CREATE TABLE history_tables (
    table_name     text PRIMARY KEY,
    versions_name  text NOT NULL UNIQUE,
    object_type    text NOT NULL,
    object_key     text NOT NULL,
    stamp_column   text,
    birth_column   text
);
ALTER TABLE history_tables ENABLE ROW LEVEL SECURITY;

-- What is kept of each column. `field`: a change of it is a version and a row in `changes`. `part`: a change is a
-- version. `quiet`: the present version is updated. `wide`: as `field`, but not stored in versions: earlier values are
-- those in `changes`. `keyed`: the same for an object, with a row for each of its keys. `is_stamped`: ClickUp moves
-- `stamp_column` with each change of it.
CREATE TABLE history_columns (
    table_name   text NOT NULL REFERENCES history_tables,
    column_name  text NOT NULL,
    use          text NOT NULL CHECK (use IN ('key', 'field', 'part', 'quiet', 'wide', 'keyed')),
    is_stamped   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (table_name, column_name)
);
ALTER TABLE history_columns ENABLE ROW LEVEL SECURITY;

INSERT INTO history_tables VALUES
    ('tasks', 'task_versions', 'task', 'clickup_task_id', 'date_updated', 'date_created'),
    ('time_entries', 'time_entry_versions', 'time_entry', 'clickup_entry_id', 'entry_updated_at', NULL),
    ('comments', 'comment_versions', 'comment', 'clickup_comment_id', NULL, 'commented_at'),
    ('employees', 'employee_versions', 'person', 'clickup_user_id', NULL, NULL),
    ('memberships', 'membership_versions', 'person', 'clickup_user_id', NULL, NULL),
    ('spaces', 'space_versions', 'space', 'space_id', NULL, NULL),
    ('folders', 'folder_versions', 'folder', 'folder_id', NULL, NULL),
    ('lists', 'list_versions', 'list', 'list_id', NULL, NULL);

INSERT INTO history_columns
SELECT of_table.name, col, of_table.use, of_table.is_stamped
FROM (VALUES
    ('tasks', 'key', false, 'clickup_task_id'),
    ('tasks', 'field', true, 'title status priority assignee_ids due_at start_at tags'),
    ('tasks', 'field', false, 'type points group_assignees list_id parent time_estimate_minutes archived is_recurring
        custom_id'),
    ('tasks', 'part', false, 'status_type date_done date_closed assignee_name sprint_points date_created date_updated
        start_date due_date time_spent_ms top_level_parent assigned_by is_deleted deleted_at'),
    ('tasks', 'quiet', false, 'workspace_id employee_id employee_ids space_id space_name folder_id folder_name
        list_name last_status_change read_at'),
    ('tasks', 'wide', true, 'description'),
    ('tasks', 'wide', false, 'followers locations dependencies'),
    ('tasks', 'keyed', true, 'custom_fields'),
    ('time_entries', 'key', false, 'clickup_entry_id'),
    ('time_entries', 'field', true, 'clickup_task_id clickup_user_id started_at ended_at duration_ms is_running
        billable description tags'),
    ('time_entries', 'part', false, 'entry_updated_at'),
    ('time_entries', 'quiet', false, 'workspace_id user_name unreadable_fields read_at'),
    ('comments', 'key', false, 'clickup_comment_id'),
    ('comments', 'field', false, 'clickup_task_id text assignee_id assignee_group_id resolved'),
    ('comments', 'part', false, 'assignee_name assignee_group_name assigned_by_id assigned_by_name reactions
        reaction_counts reply_count blocks'),
    ('comments', 'quiet', false, 'workspace_id parent_comment_id author_id author_name commented_at unreadable_fields
        read_at'),
    ('employees', 'key', false, 'clickup_user_id'),
    ('employees', 'field', false, 'name email'),
    ('employees', 'part', false, 'role is_active left_at'),
    ('employees', 'quiet', false, 'id workspace_id unreadable_fields'),
    ('memberships', 'key', false, 'workspace_id clickup_user_id'),
    ('memberships', 'field', false, 'role is_active time_zone'),
    ('memberships', 'part', false, 'left_at'),
    ('memberships', 'quiet', false, 'employee_id unreadable_fields'),
    ('spaces', 'key', false, 'space_id'),
    ('spaces', 'field', false, 'name archived statuses features private multiple_assignees color'),
    ('spaces', 'part', false, 'is_deleted'),
    ('spaces', 'quiet', false, 'workspace_id unreadable_fields'),
    ('folders', 'key', false, 'folder_id'),
    ('folders', 'field', false, 'name archived space_id parent_folder_id details'),
    ('folders', 'part', false, 'is_deleted'),
    ('folders', 'quiet', false, 'workspace_id unreadable_fields'),
    ('lists', 'key', false, 'list_id'),
    ('lists', 'field', false, 'name archived space_id folder_id details'),
    ('lists', 'part', false, 'is_deleted'),
    ('lists', 'quiet', false, 'workspace_id unreadable_fields')
) AS of_table (name, use, is_stamped, columns)
CROSS JOIN LATERAL regexp_split_to_table(of_table.columns, '\s+') AS col;

-- Since when a workspace has history, and since when it has none because HISTORY was off.
CREATE TABLE history_states (
    workspace_id  text PRIMARY KEY,
    since         timestamptz NOT NULL,
    off_since     timestamptz
);
ALTER TABLE history_states ENABLE ROW LEVEL SECURITY;

CREATE SEQUENCE change_positions AS bigint;

-- `position`: the order in which a reader meets rows; a row that is known better later gets a new one.
-- `changed_at`: the instant that answers about the past reckon with, within `earliest` and `latest`.
CREATE TABLE changes (
    change_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    position      bigint NOT NULL DEFAULT nextval('change_positions'),
    workspace_id  text NOT NULL,
    object_type   text NOT NULL,
    object_id     text NOT NULL,
    task_id       text,
    operation     text NOT NULL CHECK (operation IN ('created', 'changed', 'deleted', 'restored')),
    field         text,
    before        jsonb,
    after         jsonb,
    earliest      timestamptz NOT NULL,
    changed_at    timestamptz NOT NULL,
    latest        timestamptz NOT NULL,
    user_id       text,
    user_name     text,
    source        text NOT NULL CHECK (source IN ('webhook', 'polling', 'clickup')),
    recorded_at   timestamptz NOT NULL DEFAULT now(),
    CHECK (earliest <= changed_at AND changed_at <= latest),
    CHECK ((field IS NOT NULL) = (operation = 'changed'))
);
ALTER SEQUENCE change_positions OWNED BY changes.position;
CREATE UNIQUE INDEX changes_in_order ON changes (workspace_id, position);
CREATE INDEX changes_of_object ON changes (object_type, object_id, field, changed_at);
CREATE INDEX changes_beside_task ON changes (task_id, changed_at) WHERE object_type <> 'task';
CREATE INDEX changes_by_time ON changes (workspace_id, changed_at);
CREATE INDEX changes_of_status ON changes (workspace_id, changed_at) INCLUDE (object_id, before, after)
    WHERE object_type = 'task' AND field = 'status';
ALTER TABLE changes ENABLE ROW LEVEL SECURITY;

-- How far ClickUp's clock was ahead of this machine's during a run, in milliseconds, at the least.
ALTER TABLE runs ADD COLUMN clock_ahead_ms integer NOT NULL DEFAULT 0;
-- `comments_read_at` by ClickUp's clock, at the earliest.
ALTER TABLE task_reads ADD COLUMN comments_seen_at timestamptz;

-- A table of versions for each table, with its columns and their types.
DO $$
DECLARE
    data     record;
BEGIN
    FOR data IN
        SELECT h.table_name, h.versions_name, keys.columns AS keys, string_agg(
            format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum) AS columns
        FROM history_tables AS h
        JOIN history_columns AS c ON c.table_name = h.table_name AND c.use NOT IN ('wide', 'keyed')
        JOIN pg_attribute AS a ON a.attrelid = h.table_name::regclass AND a.attname = c.column_name
        CROSS JOIN LATERAL (
            SELECT string_agg(quote_ident(k.column_name), ', ') AS columns FROM history_columns AS k
            WHERE k.table_name = h.table_name AND k.use = 'key'
        ) AS keys
        GROUP BY h.table_name, keys.columns
    LOOP
        EXECUTE format('
            CREATE TABLE %1$I (
                version_id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                %2$s,
                valid_from_earliest  timestamptz NOT NULL,
                valid_from           timestamptz NOT NULL,
                known_from           timestamptz NOT NULL,
                seen_at              timestamptz NOT NULL,
                valid_to_earliest    timestamptz NOT NULL DEFAULT ''infinity'',
                valid_to             timestamptz NOT NULL DEFAULT ''infinity'',
                CHECK (valid_from_earliest <= valid_from AND valid_from <= known_from AND valid_from <= valid_to)
            )', data.versions_name, data.columns);
        EXECUTE format('CREATE UNIQUE INDEX %I ON %I (%s) WHERE valid_to = ''infinity''',
            data.versions_name || '_present', data.versions_name, data.keys);
        EXECUTE format('CREATE INDEX %I ON %I (%s, valid_from)',
            data.versions_name || '_of_object', data.versions_name, data.keys);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', data.versions_name);
    END LOOP;
END
$$;
CREATE INDEX task_versions_updated
    ON task_versions (workspace_id, (coalesce(date_updated, 'epoch')), clickup_task_id, valid_from, valid_to);
CREATE INDEX time_entry_versions_started ON time_entry_versions (workspace_id, started_at, valid_from, valid_to);
CREATE INDEX time_entry_versions_of_task ON time_entry_versions (clickup_task_id, valid_from);
CREATE INDEX comment_versions_of_task ON comment_versions (clickup_task_id, valid_from);

-- The statement that each trigger runs, made once of the tables above.
CREATE TABLE history_statements (
    table_name  text NOT NULL REFERENCES history_tables,
    operation   text NOT NULL CHECK (operation IN ('insert', 'update', 'delete', 'refresh')),
    statement   text NOT NULL,
    PRIMARY KEY (table_name, operation)
);
ALTER TABLE history_statements ENABLE ROW LEVEL SECURITY;

-- When a row `n` was last compared with ClickUp's without being written: a full sync compares all but comments, which
-- leave no trace where they change. Replies are read with their task's comments only where their number changed.
CREATE FUNCTION compared_since(data text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN data = 'comments' THEN '(SELECT r.comments_seen_at FROM {schema}.task_reads AS r
        WHERE r.clickup_task_id = n.clickup_task_id AND n.parent_comment_id IS NULL)' ELSE '$2' END
$$;
REVOKE ALL ON FUNCTION compared_since(text) FROM PUBLIC;

-- Versions and changes of rows that were written: `source` has them, `before` as they were, which a refresh does not
-- know. All instants are of ClickUp's clock. $1: when the last listing of changed tasks began, $2: when the last full
-- sync did, as far as known. $3: the present, at the latest. $4: how far ClickUp's clock is ahead of this machine's, at
-- the least. $5: when rows were read that do not say so, at the earliest. $6: the workspace, of a refresh.
-- At a change the present version moves on in place, and a copy of it stays: so it keeps its place in the indexes.
CREATE FUNCTION make_history_statement(mirror regnamespace, data text, source text, before text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    h             record;
    same_key      text;   -- of `n`, the row, and `v`, its present version
    same_before   text;   -- of `n` and `o`, the row before
    columns       text[];
    versioned     text[];
    unstamped     text[];
    wide          text[];
    unstamped_wide text[];
    fields        text;
    has_read_at   boolean;
    has_deleted   boolean;
    seen          text;
    compared      text;
    stamp         text;
    birth         text;
    task          text;
BEGIN
    EXECUTE format('SELECT * FROM %s.history_tables WHERE table_name = %L', mirror, data) INTO h;
    EXECUTE format('
        SELECT string_agg(format(''n.%%1$I = v.%%1$I'', column_name), '' AND '') FILTER (WHERE use = ''key''),
            string_agg(format(''n.%%1$I = o.%%1$I'', column_name), '' AND '') FILTER (WHERE use = ''key''),
            array_agg(quote_ident(column_name) ORDER BY column_name) FILTER (WHERE use NOT IN (''wide'', ''keyed'')),
            array_agg(quote_ident(column_name) ORDER BY column_name) FILTER (WHERE use IN (''field'', ''part'')),
            coalesce(array_agg(quote_ident(column_name) ORDER BY column_name)
                FILTER (WHERE use = ''field'' AND NOT is_stamped OR column_name = ''is_deleted''), ''{}''),
            coalesce(array_agg(quote_ident(column_name) ORDER BY column_name)
                FILTER (WHERE use IN (''wide'', ''keyed'')), ''{}''),
            coalesce(array_agg(quote_ident(column_name) ORDER BY column_name)
                FILTER (WHERE use = ''wide'' AND NOT is_stamped), ''{}''),
            string_agg(CASE use
                WHEN ''field'' THEN format(''(%%1$L, to_jsonb(v.%%1$I), to_jsonb(n.%%1$I), %%2$L::boolean)'',
                    column_name, is_stamped)
                WHEN %3$L THEN format(''(%%1$L, to_jsonb(o.%%1$I), to_jsonb(n.%%1$I), %%2$L::boolean)'',
                    column_name, is_stamped)
                END, '', '' ORDER BY column_name),
            bool_or(column_name = ''read_at''), bool_or(column_name = ''is_deleted'')
        FROM %1$s.history_columns WHERE table_name = %2$L', mirror, data, CASE WHEN before IS NOT NULL THEN 'wide' END)
    INTO same_key, same_before, columns, versioned, unstamped, wide, unstamped_wide, fields, has_read_at, has_deleted;
    IF before IS NULL THEN
        before := format('(SELECT * FROM %s.%I WHERE false)', mirror, data);
        wide := '{}';
        unstamped_wide := '{}';
    END IF;
    seen := CASE WHEN has_read_at THEN 'least(n.read_at + $4, $3)' ELSE '$5' END;
    compared := {schema}.compared_since(data);
    stamp := coalesce(quote_ident(h.stamp_column), 'NULL::timestamptz');
    birth := coalesce('n.' || quote_ident(h.birth_column), 'NULL::timestamptz');
    task := CASE WHEN data IN ('tasks', 'time_entries', 'comments') THEN 'n.clickup_task_id' ELSE 'NULL' END;
    RETURN format($statement$
WITH compared AS MATERIALIZED (
    SELECT v.version_id, n.%1$I AS object_id, n.workspace_id,
        v.version_id IS NULL AS is_new,
        %2$s AS differs,
        %3$s AS is_unstamped,
        %4$s AS seen_at,
        v.valid_from, v.known_from, v.stamp AS stamp_before, n.stamp, n.birth,
        greatest(v.seen_at, %21$s) AS unstamped_earliest,
        -- A task whose list is archived is in no listing of changed tasks: it may have changed before the last one.
        CASE WHEN n.stamp > v.stamp THEN greatest(v.seen_at, v.stamp, %21$s, CASE WHEN n.stamp >= $1 THEN $1 END)
            ELSE greatest(v.seen_at, %21$s) END AS stamped_earliest,
        -- ClickUp does not stamp that a task is restored.
        CASE WHEN n.stamp > v.stamp AND NOT %23$s THEN least(n.stamp, $3) ELSE $3 END AS happened_at
    FROM (SELECT *, %5$s AS birth, %6$s AS stamp FROM %7$s AS n) AS n
    LEFT JOIN (SELECT *, %6$s AS stamp FROM %8$s.%9$I) AS v ON %10$s AND v.valid_to = 'infinity'
    LEFT JOIN %11$s AS o ON %12$s
), moved AS MATERIALIZED (
    SELECT c.*, t.changed_at, least(c.unstamped_earliest, t.changed_at) AS earliest_unstamped,
        least(c.stamped_earliest, t.changed_at) AS earliest_stamped,
        least(CASE WHEN c.is_unstamped THEN c.unstamped_earliest ELSE c.stamped_earliest END, t.changed_at) AS earliest
    FROM compared AS c
    CROSS JOIN LATERAL (SELECT greatest(c.happened_at, c.valid_from) AS changed_at) AS t
    WHERE c.differs AND NOT c.is_new
), kept AS (
    INSERT INTO %8$s.%9$I (%13$s, seen_at, valid_from_earliest, valid_from, known_from, valid_to_earliest, valid_to)
    SELECT %14$s, v.seen_at, v.valid_from_earliest, v.valid_from, v.known_from, greatest(m.earliest, v.valid_from), m.changed_at
    FROM moved AS m JOIN %8$s.%9$I AS v USING (version_id)
), present AS (
    UPDATE %8$s.%9$I AS v
    SET (%13$s) = (SELECT %15$s), seen_at = %22$s,
        valid_from_earliest = coalesce(m.earliest, v.valid_from_earliest),
        valid_from = coalesce(m.changed_at, v.valid_from), known_from = coalesce(m.changed_at, v.known_from)
    FROM %7$s AS n
    LEFT JOIN moved AS m ON m.object_id = n.%1$I AND m.workspace_id = n.workspace_id
    WHERE %10$s AND v.valid_to = 'infinity' AND (m.version_id IS NOT NULL OR (%16$s) IS DISTINCT FROM (%15$s))
), born AS MATERIALIZED (
    SELECT c.*, b.operation, b.earliest, least(b.changed_at, $3) AS changed_at,
        greatest(least(coalesce(c.stamp, $3), $3), least(b.changed_at, $3)) AS known_at,
        s.since, b.is_told
    FROM compared AS c
    LEFT JOIN %8$s.history_states AS s USING (workspace_id)
    LEFT JOIN LATERAL (
        SELECT max(v.valid_to) AS gone_at FROM %8$s.%9$I AS v
        WHERE v.%1$I = c.object_id AND v.workspace_id = c.workspace_id
    ) AS former ON true
    CROSS JOIN LATERAL (
        SELECT 'restored', former.gone_at, greatest($3, former.gone_at), false WHERE former.gone_at IS NOT NULL
        UNION ALL
        SELECT 'created', c.birth, c.birth, true WHERE former.gone_at IS NULL AND c.birth IS NOT NULL
        UNION ALL
        SELECT 'created', greatest($2, s.since), coalesce(c.stamp, $3), false
        WHERE former.gone_at IS NULL AND c.birth IS NULL
    ) AS b (operation, earliest, changed_at, is_told)
    WHERE c.is_new
), opened AS (
    INSERT INTO %8$s.%9$I (%13$s, seen_at, valid_from_earliest, valid_from, known_from)
    SELECT %15$s, %4$s, least(coalesce(b.earliest, 'epoch'), b.changed_at), b.changed_at, b.known_at
    FROM %7$s AS n
    JOIN born AS b ON b.object_id = n.%1$I AND b.workspace_id = n.workspace_id
)
INSERT INTO %8$s.changes (workspace_id, object_type, object_id, task_id, operation, field, before, after, earliest,
    changed_at, latest, source)
SELECT n.workspace_id, %17$L, n.%1$I, %18$s, b.operation, NULL, NULL, NULL,
    least(coalesce(b.earliest, b.since), b.changed_at), b.changed_at, CASE WHEN b.is_told OR b.stamp IS NOT NULL AND b.operation = 'created' THEN b.changed_at ELSE greatest(b.changed_at, $3) END,
    CASE WHEN b.is_told THEN 'clickup' ELSE 'polling' END
FROM %7$s AS n
JOIN born AS b ON b.object_id = n.%1$I AND b.workspace_id = n.workspace_id
WHERE b.since < now()
UNION ALL
SELECT n.workspace_id, %17$L, n.%1$I, %18$s, f.operation, f.field, f.before, f.after,
    CASE WHEN f.is_stamped THEN m.earliest_stamped ELSE m.earliest_unstamped END, m.changed_at,
    CASE WHEN f.is_stamped AND m.stamp > m.stamp_before THEN m.changed_at ELSE greatest($3, m.changed_at) END,
    'polling'
FROM %7$s AS n
JOIN moved AS m ON m.object_id = n.%1$I AND m.workspace_id = n.workspace_id
JOIN %8$s.%9$I AS v ON v.version_id = m.version_id
LEFT JOIN %11$s AS o ON %12$s
CROSS JOIN LATERAL (
    SELECT 'changed', c.field, c.before, c.after, c.is_stamped
    FROM (VALUES %19$s) AS c (field, before, after, is_stamped)
    WHERE c.before IS DISTINCT FROM c.after
    %20$s
) AS f (operation, field, before, after, is_stamped)
$statement$,
        h.object_key,
        CASE WHEN wide = '{}' THEN format('(%s) IS DISTINCT FROM (%s)',
            'n.' || array_to_string(versioned, ', n.'), 'v.' || array_to_string(versioned, ', v.'))
        ELSE format('(%s) IS DISTINCT FROM (%s) OR o.%I IS NOT NULL AND (%s) IS DISTINCT FROM (%s)',
            'n.' || array_to_string(versioned, ', n.'), 'v.' || array_to_string(versioned, ', v.'), h.object_key,
            'n.' || array_to_string(wide, ', n.'), 'o.' || array_to_string(wide, ', o.')) END,
        concat_ws(' OR ', 'false',
            CASE WHEN unstamped <> '{}' THEN format('(%s) IS DISTINCT FROM (%s)',
                'n.' || array_to_string(unstamped, ', n.'), 'v.' || array_to_string(unstamped, ', v.')) END,
            CASE WHEN unstamped_wide <> '{}' THEN format('o.%I IS NOT NULL AND (%s) IS DISTINCT FROM (%s)', h.object_key,
                'n.' || array_to_string(unstamped_wide, ', n.'), 'o.' || array_to_string(unstamped_wide, ', o.')) END),
        seen,
        birth,
        stamp,
        source,
        mirror,
        h.versions_name,
        same_key,
        before,
        same_before,
        array_to_string(columns, ', '),
        'v.' || array_to_string(columns, ', v.'),
        'n.' || array_to_string(columns, ', n.'),
        'v.' || array_to_string(columns, ', v.'),
        h.object_type,
        task,
        fields,
        concat(
            CASE WHEN has_deleted THEN
                'UNION ALL SELECT CASE WHEN n.is_deleted THEN ''deleted'' ELSE ''restored'' END, NULL, NULL, NULL, false
                 WHERE n.is_deleted <> v.is_deleted' END,
            CASE WHEN data = 'tasks' AND wide <> '{}' THEN
                ' UNION ALL SELECT ''changed'', ''custom_fields.'' || k.label, o.custom_fields -> k.label,
                    n.custom_fields -> k.label, true
                 FROM jsonb_object_keys(o.custom_fields || n.custom_fields) AS k (label)
                 WHERE o.custom_fields -> k.label IS DISTINCT FROM n.custom_fields -> k.label' END),
        compared,
        -- Who gives a row another name has not read it, and the clocks may differ by something else since.
        CASE WHEN has_read_at THEN format('CASE WHEN n.read_at IS DISTINCT FROM v.read_at THEN %s ELSE v.seen_at END', seen)
            ELSE seen END,
        CASE WHEN has_deleted THEN 'coalesce(v.is_deleted AND NOT n.is_deleted, false)' ELSE 'false' END
    );
END
$$;
REVOKE ALL ON FUNCTION make_history_statement(regnamespace, text, text, text) FROM PUBLIC;

-- Versions and changes of what a statement wrote. The statement is one of the sync's: another program's change is
-- restored, and is no history.
CREATE FUNCTION record_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    todo  text;
BEGIN
    -- A statement that finds nothing to change has its triggers fired as well.
    IF TG_OP = 'DELETE' THEN
        IF NOT EXISTS (SELECT FROM old_rows) THEN
            RETURN NULL;
        END IF;
    ELSIF NOT EXISTS (SELECT FROM new_rows) THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT statement FROM %I.history_statements WHERE table_name = %L AND operation = %L',
        TG_TABLE_SCHEMA, TG_TABLE_NAME, lower(TG_OP)) INTO todo;
    EXECUTE todo USING
        nullif(current_setting('clickup_sync.previous_read', true), '')::timestamptz,
        nullif(current_setting('clickup_sync.previous_full_read', true), '')::timestamptz,
        current_setting('clickup_sync.clickup_now')::timestamptz,
        current_setting('clickup_sync.clock_ahead')::interval,
        current_setting('clickup_sync.read_since')::timestamptz;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION record_history() FROM PUBLIC;

-- The statements anew, and the triggers that run them. A migration that changes a column of `history_tables` or
-- `history_columns` ends with this.
CREATE FUNCTION install_history(mirror regnamespace) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    h     record;
    kind  record;
BEGIN
    FOR h IN EXECUTE format('
        SELECT t.*, string_agg(format(''n.%%1$I = v.%%1$I'', c.column_name), '' AND '') AS same_key
        FROM %1$s.history_tables AS t
        JOIN %1$s.history_columns AS c ON c.table_name = t.table_name AND c.use = ''key''
        GROUP BY t.table_name', mirror)
    LOOP
        EXECUTE format('DELETE FROM %s.history_statements WHERE table_name = %L', mirror, h.table_name);
        EXECUTE format('INSERT INTO %s.history_statements SELECT $1, o.operation, o.statement
            FROM unnest($2, $3) AS o (operation, statement)', mirror)
        USING h.table_name, ARRAY['insert', 'update', 'refresh', 'delete'], ARRAY[
            {schema}.make_history_statement(mirror, h.table_name, 'new_rows', NULL),
            {schema}.make_history_statement(mirror, h.table_name, 'new_rows', 'old_rows'),
            {schema}.make_history_statement(mirror, h.table_name,
                format('(SELECT * FROM %s.%I WHERE workspace_id = $6)', mirror, h.table_name), NULL),
            format('
WITH closed AS (
    UPDATE %1$s.%2$I AS v
    SET valid_to = greatest($3, v.valid_from),
        valid_to_earliest = greatest(least(greatest(v.seen_at, %7$s), $3), v.valid_from)
    FROM old_rows AS n WHERE %3$s AND v.valid_to = ''infinity''
    RETURNING v.*
)
INSERT INTO %1$s.changes (workspace_id, object_type, object_id, task_id, operation, earliest, changed_at, latest, source)
SELECT workspace_id, %4$L, %5$I, %6$s, ''deleted'', valid_to_earliest, valid_to, valid_to, ''polling'' FROM closed',
                mirror, h.versions_name, h.same_key, h.object_type, h.object_key,
                CASE WHEN h.table_name IN ('tasks', 'time_entries', 'comments') THEN 'clickup_task_id' ELSE 'NULL' END,
                {schema}.compared_since(h.table_name))
        ];
        FOR kind IN VALUES
            ('history_inserted', 'AFTER INSERT', 'REFERENCING NEW TABLE AS new_rows'),
            ('history_updated', 'AFTER UPDATE', 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'),
            ('history_deleted', 'AFTER DELETE', 'REFERENCING OLD TABLE AS old_rows')
        LOOP
            EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s.%I', kind.column1, mirror, h.table_name);
            EXECUTE format('CREATE TRIGGER %1$I %4$s ON %2$s.%3$I %5$s FOR EACH STATEMENT
                WHEN (current_setting(''clickup_sync.history'', true) = ''on'' AND pg_trigger_depth() = 0)
                EXECUTE FUNCTION %2$s.record_history()',
                kind.column1, mirror, h.table_name, kind.column2, kind.column3);
            EXECUTE format('ALTER TABLE %s.%I ENABLE ALWAYS TRIGGER %I', mirror, h.table_name, kind.column1);
        END LOOP;
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION install_history(regnamespace) FROM PUBLIC;

-- History as the tables are now: of what was there before it began, and of what was written while it was off.
CREATE FUNCTION refresh_history(mirror regnamespace, workspace text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    h        record;
    -- Of ClickUp's clock, in a run; a migration knows its own alone.
    present  timestamptz := coalesce(nullif(current_setting('clickup_sync.clickup_now', true), '')::timestamptz, now());
BEGIN
    EXECUTE format('INSERT INTO %s.history_states (workspace_id, since) VALUES ($1, now()) ON CONFLICT DO NOTHING',
        mirror) USING workspace;
    FOR h IN EXECUTE format('
        SELECT t.*, s.statement,
            (SELECT string_agg(format(''n.%%1$I = v.%%1$I'', c.column_name), '' AND '') FROM %1$s.history_columns AS c
             WHERE c.table_name = t.table_name AND c.use = ''key'') AS same_key
        FROM %1$s.history_tables AS t
        JOIN %1$s.history_statements AS s ON s.table_name = t.table_name AND s.operation = ''refresh''
        ORDER BY t.table_name', mirror)
    LOOP
        EXECUTE h.statement USING NULL::timestamptz, NULL::timestamptz, present,
            coalesce(nullif(current_setting('clickup_sync.clock_ahead', true), '')::interval, interval '0'),
            '-infinity'::timestamptz, workspace;
        EXECUTE format('
            WITH closed AS (
                UPDATE %1$s.%2$I AS v SET valid_to = greatest($2, v.valid_from),
                    valid_to_earliest = greatest(least(v.seen_at, $2), v.valid_from)
                WHERE v.workspace_id = $1 AND v.valid_to = ''infinity''
                  AND NOT EXISTS (SELECT FROM %1$s.%3$I AS n WHERE %4$s)
                RETURNING v.*
            )
            INSERT INTO %1$s.changes (workspace_id, object_type, object_id, task_id, operation, earliest, changed_at, latest,
                source)
            SELECT workspace_id, %5$L, %6$I, %7$s, ''deleted'', valid_to_earliest, valid_to, valid_to, ''polling'' FROM closed',
            mirror, h.versions_name, h.table_name, h.same_key, h.object_type, h.object_key,
            CASE WHEN h.table_name IN ('tasks', 'time_entries', 'comments') THEN 'clickup_task_id' ELSE 'NULL' END)
        USING workspace, present;
    END LOOP;
    EXECUTE format('UPDATE %s.history_states SET off_since = NULL WHERE workspace_id = $1 AND off_since IS NOT NULL',
        mirror) USING workspace;
END
$$;
REVOKE ALL ON FUNCTION refresh_history(regnamespace, text) FROM PUBLIC;

-- Of what is older than `days`: of each object the last version of each day stays, and of each field one change a day;
-- older than twice that, nothing, and history then begins later. At most so many rows of each kind; how many went.
-- A version that stays is certain from its own beginning on, as before, though it now begins with the day's first.
CREATE FUNCTION thin_history(mirror regnamespace, workspace text, days integer, most integer) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    h        record;
    zone     text;
    thinned  timestamptz;   -- what ended before is thinned
    deleted  timestamptz;   -- what ended before is deleted
    gone     bigint;
    total    bigint := 0;
BEGIN
    EXECUTE format('SELECT coalesce(max(rendered_zone), ''UTC'') FROM %s.workspaces WHERE workspace_id = $1', mirror)
        INTO zone USING workspace;
    thinned := date_trunc('day', now() AT TIME ZONE zone - make_interval(days => days)) AT TIME ZONE zone;
    deleted := date_trunc('day', now() AT TIME ZONE zone - make_interval(days => 2 * days)) AT TIME ZONE zone;
    EXECUTE format('UPDATE %s.history_states SET since = $2 WHERE workspace_id = $1 AND since < $2', mirror)
        USING workspace, deleted;
    FOR h IN EXECUTE format('
        SELECT t.versions_name, string_agg(quote_ident(c.column_name), '', '') AS keys
        FROM %1$s.history_tables AS t
        JOIN %1$s.history_columns AS c ON c.table_name = t.table_name AND c.use = ''key''
        GROUP BY t.versions_name', mirror)
    LOOP
        EXECUTE format('
            WITH old AS MATERIALIZED (
                SELECT version_id, %3$s, valid_from_earliest, valid_from, valid_to, valid_to < $4 AS is_too_old
                FROM %1$s.%2$I
                WHERE workspace_id = $1 AND (valid_to < $4 OR valid_to < $3
                    AND (valid_from AT TIME ZONE $2)::date = (valid_to AT TIME ZONE $2)::date)
                ORDER BY valid_to, version_id LIMIT $5
            ), marked AS (
                SELECT *, lag(valid_to) OVER (PARTITION BY %3$s ORDER BY valid_from, version_id)
                    IS DISTINCT FROM valid_from AS begins
                FROM old WHERE NOT is_too_old
            ), joined AS (
                SELECT *, count(*) FILTER (WHERE begins) OVER (PARTITION BY %3$s ORDER BY valid_from, version_id) AS stretch
                FROM marked
            ), stretches AS (
                SELECT %3$s, min(valid_from_earliest) AS since_earliest, min(valid_from) AS since, max(valid_to) AS until
                FROM joined GROUP BY %3$s, stretch
            ), extended AS (
                UPDATE %1$s.%2$I AS v SET valid_from = s.since, valid_from_earliest = s.since_earliest
                FROM stretches AS s
                WHERE (%4$s) = (%5$s) AND v.workspace_id = $1 AND v.valid_from = s.until
                  AND v.version_id NOT IN (SELECT version_id FROM old)
            )
            DELETE FROM %1$s.%2$I AS v USING old WHERE v.version_id = old.version_id',
            mirror, h.versions_name, h.keys, 'v.' || replace(h.keys, ', ', ', v.'), 's.' || replace(h.keys, ', ', ', s.'))
        USING workspace, zone, thinned, deleted, most;
        GET DIAGNOSTICS gone = ROW_COUNT;
        total := total + gone;
    END LOOP;
    EXECUTE format('
        DELETE FROM %1$s.changes WHERE change_id IN (
            SELECT change_id FROM %1$s.changes WHERE workspace_id = $1 AND changed_at < $2 AND latest < $2
            ORDER BY changed_at LIMIT $3)', mirror)
    USING workspace, deleted, most;
    GET DIAGNOSTICS gone = ROW_COUNT;
    total := total + gone;
    -- A day whose last value is that before it has no change.
    EXECUTE format('
        WITH days AS MATERIALIZED (
            SELECT object_type, object_id, field, min(earliest) AS earliest, min(changed_at) AS changed_at,
                max(latest) AS latest, array_agg(change_id ORDER BY changed_at, change_id) AS ids,
                min(user_id) AS user_id, min(user_name) AS user_name,
                count(DISTINCT user_id) = 1 AND bool_and(user_id IS NOT NULL) AS is_one_person
            FROM %1$s.changes
            WHERE workspace_id = $1 AND changed_at < $3 AND field IS NOT NULL
            GROUP BY object_type, object_id, field, (changed_at AT TIME ZONE $2)::date
            HAVING count(*) > 1
            ORDER BY min(changed_at) LIMIT $4
        ), merged AS (
            UPDATE %1$s.changes AS c
            SET before = opening.before, earliest = d.earliest, changed_at = d.changed_at, latest = d.latest,
                user_id = CASE WHEN d.is_one_person THEN d.user_id END,
                user_name = CASE WHEN d.is_one_person THEN d.user_name END
            FROM days AS d JOIN %1$s.changes AS opening ON opening.change_id = d.ids[1]
            WHERE c.change_id = d.ids[cardinality(d.ids)] AND opening.before IS DISTINCT FROM c.after
            RETURNING c.change_id
        )
        DELETE FROM %1$s.changes
        WHERE change_id IN (SELECT unnest(ids) FROM days EXCEPT SELECT change_id FROM merged)', mirror)
    USING workspace, zone, thinned, most;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN total + gone;
END
$$;
REVOKE ALL ON FUNCTION thin_history(regnamespace, text, integer, integer) FROM PUBLIC;

SELECT install_history(quote_ident(current_schema())::regnamespace);
SELECT refresh_history(quote_ident(current_schema())::regnamespace, workspace_id) FROM workspaces;
