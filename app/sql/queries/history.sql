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
