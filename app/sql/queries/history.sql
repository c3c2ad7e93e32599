-- History: versions, and one row for each changed field.

-- name: set_history
-- Whether what this transaction writes from here on becomes history.
SELECT set_config('clickup_sync.history', CASE WHEN %(records_history)s THEN 'on' ELSE 'off' END, true);

-- name: begin_history
-- A workspace's history begins; what is known is what its tables have. No row where it has begun before.
INSERT INTO {schema}.history_states (workspace_id, since) VALUES (%(workspace_id)s, %(since)s)
ON CONFLICT DO NOTHING RETURNING workspace_id;

-- name: get_history_state
-- Since when the workspace has history, and since when none was recorded. No row where it has not begun.
SELECT since, off_since FROM {schema}.history_states WHERE workspace_id = %(workspace_id)s;

-- name: refresh_history
-- Makes history of what was written while none was recorded.
SELECT {schema}.refresh_history('{schema}'::regnamespace, %(workspace_id)s);

-- name: interrupt_history
-- From here on nothing is recorded.
UPDATE {schema}.history_states SET off_since = now() WHERE workspace_id = %(workspace_id)s AND off_since IS NULL;

-- name: interrupt_every_history
-- The same in every workspace of this database.
UPDATE {schema}.history_states SET off_since = now() WHERE off_since IS NULL;

-- name: list_missing_history_triggers
-- Tables of which a trigger of history is missing, or is not always on.
SELECT h.table_name
FROM {schema}.history_tables AS h
CROSS JOIN unnest(ARRAY['history_inserted', 'history_updated', 'history_deleted']) AS wanted (trigger_name)
LEFT JOIN pg_class AS c ON c.relnamespace = '{schema}'::regnamespace AND c.relname = h.table_name
LEFT JOIN pg_trigger AS t ON t.tgrelid = c.oid AND t.tgname = wanted.trigger_name AND t.tgenabled = 'A'
WHERE t.oid IS NULL
GROUP BY h.table_name
ORDER BY h.table_name;

-- name: install_history
-- Creates all triggers of history again.
SELECT {schema}.install_history('{schema}'::regnamespace);

-- name: set_past_instant
-- The instant that the queries of this transaction ask about.
SELECT set_config('clickup_sync.as_of', %(instant)s::timestamptz::text, true);

-- part: is_uncertain
-- Versions that answers about the instant show, and that may have begun later or ended earlier.
v.workspace_id = %(workspace_id)s AND v.valid_from <= %(instant)s AND v.valid_to > %(instant)s
            AND (v.known_from > %(instant)s OR v.valid_to_earliest <= %(instant)s)

-- name: get_precision
-- Since when the workspace has history, since when none was recorded, and how many of the objects are not certainly
-- as answers about the instant show them; of all of them where `ids` is NULL.
SELECT (SELECT since FROM {schema}.history_states WHERE workspace_id = %(workspace_id)s) AS history_since,
    (SELECT off_since FROM {schema}.history_states WHERE workspace_id = %(workspace_id)s) AS off_since,
    CASE %(versions)s::text
        WHEN 'tasks' THEN (
            SELECT count(*) FROM {schema}.task_versions AS v
            WHERE (%(ids)s::text[] IS NULL OR v.clickup_task_id = ANY(%(ids)s)) AND {is_uncertain})
        WHEN 'time_entries' THEN (
            SELECT count(*) FROM {schema}.time_entry_versions AS v
            WHERE (%(ids)s::text[] IS NULL OR v.clickup_entry_id = ANY(%(ids)s)) AND {is_uncertain})
        WHEN 'comments' THEN (
            SELECT count(*) FROM {schema}.comment_versions AS v
            WHERE (%(ids)s::text[] IS NULL OR v.clickup_comment_id = ANY(%(ids)s)) AND {is_uncertain})
    END AS uncertain_rows;

-- part: change_columns
-- A change, with what its object is called now.
SELECT c.change_id, c.position, c.object_type, c.object_id, c.task_id,
    CASE c.object_type
        WHEN 'person' THEN (SELECT name FROM {schema}.employees WHERE clickup_user_id = c.object_id)
        WHEN 'space' THEN (SELECT name FROM {schema}.spaces WHERE space_id = c.object_id)
        WHEN 'folder' THEN (SELECT name FROM {schema}.folders WHERE folder_id = c.object_id)
        WHEN 'list' THEN (SELECT name FROM {schema}.lists WHERE list_id = c.object_id)
        ELSE t.title
    END AS object_name,
    c.operation, c.field, c.before, c.after, c.changed_at, c.earliest, c.latest, c.user_id, c.user_name, c.source,
    c.recorded_at
FROM {schema}.changes AS c
LEFT JOIN {schema}.tasks AS t ON t.clickup_task_id = c.task_id

-- part: passing_changes
-- Changes that pass every filter. A place has its own changes, and those of the tasks that stand in it now.
WHERE c.workspace_id = %(workspace_id)s
  AND (%(since)s::timestamptz IS NULL OR c.changed_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR c.changed_at < %(until)s)
  AND (%(users)s::text[] IS NULL OR c.user_id = ANY(%(users)s))
  AND (%(objects)s::text[] IS NULL OR c.object_type = ANY(%(objects)s))
  AND (%(operations)s::text[] IS NULL OR c.operation = ANY(%(operations)s))
  AND (%(fields)s::text[] IS NULL OR c.field = ANY(%(fields)s)
       OR 'custom_fields' = ANY(%(fields)s) AND starts_with(c.field, 'custom_fields.'))
  AND (%(tasks)s::text[] IS NULL
       OR c.object_type = 'task' AND c.object_id = ANY(%(tasks)s)
       OR c.object_type <> 'task' AND c.task_id = ANY(%(tasks)s))
  AND (coalesce(%(lists)s::text[], %(folders)s, %(spaces)s) IS NULL
       OR %(lists)s::text[] IS NOT NULL
          AND (t.list_id = ANY(%(lists)s) OR c.object_type = 'list' AND c.object_id = ANY(%(lists)s))
       OR %(folders)s::text[] IS NOT NULL
          AND (t.folder_id = ANY(%(folders)s) OR c.object_type = 'folder' AND c.object_id = ANY(%(folders)s))
       OR %(spaces)s::text[] IS NOT NULL
          AND (t.space_id = ANY(%(spaces)s) OR c.object_type = 'space' AND c.object_id = ANY(%(spaces)s)))

-- name: list_changes
-- Changes that pass every filter, newest first, from a place on.
{change_columns}
{passing_changes}
  AND (%(after_id)s::bigint IS NULL OR (c.changed_at, c.change_id) < (%(after_time)s, %(after_id)s))
ORDER BY c.changed_at DESC, c.change_id DESC
LIMIT %(limit)s;

-- name: list_changes_in_order
-- Changes that pass every filter, in the order in which they became known: those after a position, up to another.
{change_columns}
{passing_changes}
  AND c.position > %(after)s AND c.position <= %(upto)s
ORDER BY c.position
LIMIT %(limit)s;

-- name: get_last_position
-- The position of the change that became known last; 0 where there is none. Changes of a workspace are committed in
-- the order of their positions.
SELECT coalesce(max(position), 0) AS position FROM {schema}.changes WHERE workspace_id = %(workspace_id)s;

-- name: list_task_changes
-- Changes of a task, its time entries and its comments, newest first or `oldest_first`, from a place on.
{change_columns}
WHERE c.workspace_id = %(workspace_id)s
  AND (c.object_type = 'task' AND c.object_id = %(task_id)s OR c.object_type <> 'task' AND c.task_id = %(task_id)s)
  AND (%(after_id)s::bigint IS NULL OR %(oldest_first)s
       OR (c.changed_at, c.change_id) < (%(after_time)s, %(after_id)s))
  AND (%(after_id)s::bigint IS NULL OR NOT %(oldest_first)s
       OR (c.changed_at, c.change_id) > (%(after_time)s, %(after_id)s))
ORDER BY
    CASE WHEN %(oldest_first)s THEN c.changed_at END,
    CASE WHEN %(oldest_first)s THEN c.change_id END,
    CASE WHEN NOT %(oldest_first)s THEN c.changed_at END DESC,
    CASE WHEN NOT %(oldest_first)s THEN c.change_id END DESC
LIMIT %(limit)s;

-- name: list_change_fields
-- The fields that changes name; each custom field is `custom_fields.` and its name.
SELECT DISTINCT column_name AS field FROM {schema}.history_columns WHERE use IN ('field', 'wide', 'keyed') ORDER BY 1;

-- name: list_open_history_items
-- Items of deliveries that were not compared with changes yet, the oldest first.
SELECT item_id, object_kind, object_id, field, changed_at, user_id, user_name, before, after, tells_before,
    tells_after, added, removed, received_at
FROM {schema}.history_items
WHERE workspace_id = %(workspace_id)s AND attributed_at IS NULL
ORDER BY item_id LIMIT %(limit)s;

-- name: list_field_labels
-- Under which keys of `custom_fields` these tasks have values of a field.
SELECT DISTINCT field_id, label FROM {schema}.task_custom_fields WHERE clickup_task_id = ANY(%(ids)s);

-- name: list_attributable_changes
-- Changes of these objects that no item has told of, and that may have happened since.
SELECT change_id, object_type, object_id, operation, field, before, after, earliest, changed_at, latest, user_id,
    user_name, source
FROM {schema}.changes
WHERE workspace_id = %(workspace_id)s AND (object_type, object_id) IN (
    SELECT o.kind, o.id FROM unnest(%(kinds)s::text[], %(ids)s::text[]) AS o (kind, id))
  AND source <> 'webhook' AND latest >= %(since)s
ORDER BY change_id;

-- name: list_versions_around
-- The versions of an object that end and begin at an instant.
SELECT is_after, columns, valid_from_earliest, valid_from
FROM {schema}.list_versions_around(%(kind)s, %(workspace_id)s, %(object_id)s, %(boundary)s);

-- name: split_versions
-- Puts versions in the place of one step from a version to the next.
SELECT {schema}.split_versions(%(kind)s, %(workspace_id)s, %(object_id)s, %(boundary)s, %(steps)s::jsonb);

-- name: replace_changes
-- Changes that are known better now, as new rows at the end of the feed.
WITH gone AS (
    DELETE FROM {schema}.changes WHERE change_id = ANY(%(replaced)s) RETURNING task_id
)
INSERT INTO {schema}.changes (workspace_id, object_type, object_id, task_id, operation, field, before, after, earliest,
    changed_at, latest, user_id, user_name, source)
SELECT %(workspace_id)s, %(kind)s, %(object_id)s, (SELECT max(task_id) FROM gone), r.operation, r.field, r.before,
    r.after, r.earliest, r.changed_at, r.latest, r.user_id, r.user_name, r.source
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
    operation text, field text, before jsonb, after jsonb, earliest timestamptz, changed_at timestamptz,
    latest timestamptz, user_id text, user_name text, source text)
ORDER BY r.changed_at;

-- name: close_history_items
-- These items were compared, and so was what came before an instant: nothing that they tell of is to come.
UPDATE {schema}.history_items SET attributed_at = now()
WHERE workspace_id = %(workspace_id)s AND attributed_at IS NULL
  AND (item_id = ANY(%(ids)s) OR received_at < %(before)s);
