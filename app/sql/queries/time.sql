-- Time entries.

-- name: upsert_time_entries
-- Entries that changed. What a call does not speak of (billable, description, tags) is kept, and
-- so is a start that another call knows and this one does not give; a member's name is the one in
-- `employees`. RETURNING names the tasks before and after.
WITH incoming AS MATERIALIZED (
    SELECT DISTINCT ON (r.clickup_entry_id) r.*
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
        clickup_entry_id text, clickup_task_id text, clickup_user_id text, user_name text,
        started_at timestamptz, ended_at timestamptz, duration_ms bigint, is_running boolean,
        billable boolean, description text, tags text[], entry_updated_at timestamptz, unreadable_fields jsonb
    )
    ORDER BY r.clickup_entry_id
), known AS MATERIALIZED (
    SELECT t.clickup_entry_id, t.clickup_task_id
    FROM {schema}.time_entries AS t JOIN incoming USING (clickup_entry_id)
), written AS (
    INSERT INTO {schema}.time_entries AS stored (
        workspace_id, clickup_entry_id, clickup_task_id, clickup_user_id, user_name, started_at, ended_at,
        duration_ms, is_running, billable, description, tags, entry_updated_at, unreadable_fields, read_at
    )
    SELECT %(workspace_id)s, i.clickup_entry_id, i.clickup_task_id, i.clickup_user_id,
        coalesce(e.name, i.user_name),
        i.started_at, i.ended_at, i.duration_ms, i.is_running, i.billable, i.description, i.tags,
        i.entry_updated_at, i.unreadable_fields, %(asked_at)s
    FROM incoming AS i
    LEFT JOIN {members} AS e
        ON e.workspace_id = %(workspace_id)s AND e.clickup_user_id = i.clickup_user_id AND e.is_active
    ON CONFLICT (clickup_entry_id) DO UPDATE SET
        workspace_id = excluded.workspace_id,
        clickup_task_id = excluded.clickup_task_id,
        clickup_user_id = excluded.clickup_user_id,
        user_name = excluded.user_name,
        started_at = CASE WHEN NOT excluded.unreadable_fields ? 'start' THEN coalesce(excluded.started_at, stored.started_at) END,
        ended_at = CASE WHEN excluded.started_at IS NULL AND excluded.billable IS NULL THEN stored.ended_at
            ELSE excluded.ended_at END,
        duration_ms = excluded.duration_ms,
        is_running = excluded.is_running,
        billable = coalesce(excluded.billable, stored.billable),
        description = CASE WHEN excluded.billable IS NULL THEN stored.description ELSE excluded.description END,
        tags = coalesce(excluded.tags, stored.tags),
        entry_updated_at = CASE
            WHEN excluded.billable IS NULL THEN greatest(excluded.entry_updated_at, stored.entry_updated_at)
            ELSE coalesce(excluded.entry_updated_at, stored.entry_updated_at)
        END,
        unreadable_fields = CASE
            WHEN excluded.billable IS NULL
            THEN stored.unreadable_fields - ARRAY['start', 'end', 'duration', 'user', 'at']
                || excluded.unreadable_fields
            ELSE excluded.unreadable_fields
        END,
        read_at = excluded.read_at,
        updated_at = now()
    WHERE excluded.read_at >= stored.read_at
      AND (stored.workspace_id, stored.clickup_task_id, stored.clickup_user_id, stored.user_name,
           stored.started_at, stored.ended_at, stored.duration_ms, stored.is_running, stored.billable,
           stored.description, stored.tags, stored.entry_updated_at, stored.unreadable_fields)
        IS DISTINCT FROM
          (excluded.workspace_id, excluded.clickup_task_id, excluded.clickup_user_id, excluded.user_name,
           CASE WHEN NOT excluded.unreadable_fields ? 'start' THEN coalesce(excluded.started_at, stored.started_at) END,
           CASE WHEN excluded.started_at IS NULL THEN stored.ended_at ELSE excluded.ended_at END,
           excluded.duration_ms, excluded.is_running, coalesce(excluded.billable, stored.billable),
           CASE WHEN excluded.billable IS NULL THEN stored.description ELSE excluded.description END,
           coalesce(excluded.tags, stored.tags),
           CASE
               WHEN excluded.billable IS NULL THEN greatest(excluded.entry_updated_at, stored.entry_updated_at)
               ELSE coalesce(excluded.entry_updated_at, stored.entry_updated_at)
           END,
           CASE
               WHEN excluded.billable IS NULL
               THEN stored.unreadable_fields - ARRAY['start', 'end', 'duration', 'user', 'at']
                   || excluded.unreadable_fields
               ELSE excluded.unreadable_fields
           END)
    RETURNING clickup_entry_id, clickup_task_id
)
SELECT w.clickup_entry_id, w.clickup_task_id, k.clickup_task_id AS former_task_id
FROM written AS w LEFT JOIN known AS k USING (clickup_entry_id);

-- name: list_absent_entries
-- Stored entries of a window and of people that were asked for, which the answer did not bring.
SELECT clickup_entry_id, clickup_task_id, coalesce(duration_ms, 0) AS duration_ms
FROM {schema}.time_entries
WHERE workspace_id = %(workspace_id)s
  AND started_at >= %(window_start)s AND started_at < %(window_end)s
  AND clickup_user_id = ANY(%(people)s)
  AND read_at < %(asked_at)s
  AND clickup_entry_id <> ALL(%(ids)s);

-- name: list_absent_task_entries
-- Finished entries of one task that a whole read of its time did not bring.
SELECT clickup_entry_id, clickup_task_id, coalesce(duration_ms, 0) AS duration_ms
FROM {schema}.time_entries
WHERE clickup_task_id = %(task_id)s AND NOT is_running AND read_at < %(asked_at)s
  AND clickup_entry_id <> ALL(%(ids)s);

-- name: delete_time_entries
-- Entries that are proved gone; with `read_before` those only that were written before that.
DELETE FROM {schema}.time_entries
WHERE clickup_entry_id = ANY(%(ids)s)
  AND (%(read_before)s::timestamptz IS NULL OR read_at < %(read_before)s)
RETURNING clickup_task_id;

-- name: count_time_entries
-- How many entries the mirror holds, and the earliest start.
SELECT count(*) AS total, min(started_at) AS oldest, min(started_at) FILTER (WHERE is_running) AS oldest_running
FROM {schema}.time_entries
WHERE workspace_id = %(workspace_id)s;

-- name: list_time_totals
-- What ClickUp says was spent on these tasks, and what the mirror's finished entries add up to.
SELECT t.clickup_task_id, t.time_spent_ms AS spent_ms,
    coalesce((SELECT sum(e.duration_ms) FROM {schema}.time_entries AS e
              WHERE e.clickup_task_id = t.clickup_task_id), 0)::bigint AS stored_ms,
    NOT EXISTS (SELECT FROM {schema}.tasks AS child
                WHERE child.parent = t.clickup_task_id AND NOT child.is_deleted) AS is_leaf,
    t.is_deleted
FROM {schema}.tasks AS t
WHERE t.clickup_task_id = ANY(%(ids)s);

-- name: list_unbalanced_tasks
-- Live tasks whose entries do not add up to ClickUp's total, were not found so before, and are not refused. A task
-- with subtasks balances either way: its total may be its own or include theirs (both observed).
WITH RECURSIVE own AS MATERIALIZED (
    SELECT clickup_task_id, sum(duration_ms)::bigint AS stored_ms
    FROM {schema}.time_entries
    WHERE workspace_id = %(workspace_id)s AND clickup_task_id IS NOT NULL
    GROUP BY clickup_task_id
), below (ancestor, task_id, depth) AS (
    SELECT parent, clickup_task_id, 1
    FROM {schema}.tasks
    WHERE workspace_id = %(workspace_id)s AND NOT is_deleted AND parent IS NOT NULL
    UNION ALL
    SELECT t.parent, b.task_id, b.depth + 1
    FROM below AS b
    JOIN {schema}.tasks AS t ON t.clickup_task_id = b.ancestor
    WHERE t.parent IS NOT NULL AND b.depth < 10
), subtasks AS (
    SELECT b.ancestor AS clickup_task_id, sum(own.stored_ms)::bigint AS stored_ms
    FROM below AS b JOIN own ON own.clickup_task_id = b.task_id
    GROUP BY b.ancestor
)
SELECT t.clickup_task_id
FROM {schema}.tasks AS t
LEFT JOIN own USING (clickup_task_id)
LEFT JOIN subtasks USING (clickup_task_id)
LEFT JOIN {schema}.task_reads AS reads USING (clickup_task_id)
WHERE t.workspace_id = %(workspace_id)s AND NOT t.is_deleted
  AND t.time_spent_ms <> coalesce(own.stored_ms, 0)
  AND t.time_spent_ms <> coalesce(own.stored_ms, 0) + coalesce(subtasks.stored_ms, 0)
  AND (reads.time_spent_ms, reads.time_stored_ms)
    IS DISTINCT FROM (t.time_spent_ms, coalesce(own.stored_ms, 0))
  AND NOT
{time_is_refused}
ORDER BY t.clickup_task_id;

-- name: mark_time_read
-- A task's own time was read; totals that still differ are not asked about again until they change.
INSERT INTO {schema}.task_reads AS stored (workspace_id, clickup_task_id, time_read_at, time_spent_ms, time_stored_ms)
SELECT t.workspace_id, t.clickup_task_id, %(asked_at)s, t.time_spent_ms,
    coalesce((SELECT sum(e.duration_ms) FROM {schema}.time_entries AS e
              WHERE e.clickup_task_id = t.clickup_task_id), 0)::bigint
FROM {schema}.tasks AS t
WHERE t.clickup_task_id = %(task_id)s
ON CONFLICT (clickup_task_id) DO UPDATE SET
    time_read_at = excluded.time_read_at, time_spent_ms = excluded.time_spent_ms,
    time_stored_ms = excluded.time_stored_ms;

-- name: list_sessions
-- The entries of some tasks, for their session columns.
SELECT clickup_task_id, clickup_entry_id, started_at, ended_at, duration_ms
FROM {schema}.time_entries
WHERE clickup_task_id = ANY(%(ids)s);

-- name: list_tasks_to_render
-- Tasks whose session columns were never filled, and with `everything` all that were. A task
-- without entries stays unfilled while ClickUp counts time of its own for it: a zero would be a lie.
SELECT t.clickup_task_id
FROM {schema}.tasks AS t
WHERE t.workspace_id = %(workspace_id)s
  AND (
    (%(everything)s AND t.tracked_minutes IS NOT NULL)
    OR (t.tracked_minutes IS NULL AND (
        t.time_spent_ms = 0
        OR EXISTS (SELECT FROM {schema}.time_entries AS e WHERE e.clickup_task_id = t.clickup_task_id)
        OR t.time_spent_ms = (SELECT sum(child.time_spent_ms) FROM {schema}.tasks AS child
                              WHERE child.parent = t.clickup_task_id AND NOT child.is_deleted)
    ))
  )
ORDER BY t.clickup_task_id;

-- name: count_unexplained_time
-- Live tasks without subtasks whose entries, though read, do not add up to ClickUp's total.
SELECT count(*) AS tasks
FROM {schema}.tasks AS t
JOIN {schema}.task_reads AS reads USING (clickup_task_id)
WHERE t.workspace_id = %(workspace_id)s AND NOT t.is_deleted
  AND reads.time_read_at IS NOT NULL AND reads.time_spent_ms <> reads.time_stored_ms
  AND reads.time_spent_ms = t.time_spent_ms
  AND NOT EXISTS (SELECT FROM {schema}.tasks AS child WHERE child.parent = t.clickup_task_id AND NOT child.is_deleted);

-- name: list_tasks_for_time
-- Live tasks whose own time a deep sync reads: all that ever had some, and with `blind` every one, for
-- then no other call shows a timer that others started on a task without time.
SELECT clickup_task_id
FROM {schema}.tasks AS t
WHERE workspace_id = %(workspace_id)s AND NOT is_deleted
  AND (%(blind)s OR time_spent_ms > 0
       OR EXISTS (SELECT FROM {schema}.time_entries AS e WHERE e.clickup_task_id = t.clickup_task_id))
ORDER BY clickup_task_id;

-- part: read_by_task
-- Tasks whose time no window shows whole: their people left, or somebody's time is hidden from the token.
  AND (
    EXISTS (SELECT FROM {schema}.memberships AS e
            JOIN {schema}.refusals AS r
                ON r.workspace_id = e.workspace_id AND r.kind = 'person_time' AND r.object_id = e.clickup_user_id
            WHERE e.workspace_id = %(workspace_id)s AND e.is_active)
    OR EXISTS (
        SELECT FROM {schema}.time_entries AS entry
        LEFT JOIN {schema}.memberships AS m ON m.workspace_id = entry.workspace_id
            AND m.clickup_user_id = entry.clickup_user_id AND m.is_active
        WHERE entry.clickup_task_id = reads.clickup_task_id AND m.workspace_id IS NULL
    )
  )

-- name: list_time_due
-- Live tasks whose own time a background check reads next, the least recently read first: those with entries that
-- no window can be asked for, because their person left or is hidden from the token; and of a token
-- that may not see somebody's time, every task. What windows show, full passes compare.
SELECT t.clickup_task_id, reads.time_read_at
FROM {schema}.tasks AS t
JOIN {schema}.task_reads AS reads USING (clickup_task_id)
WHERE t.workspace_id = %(workspace_id)s AND NOT t.is_deleted
  AND (reads.time_read_at IS NULL OR reads.time_read_at < %(due_before)s)
  AND t.clickup_task_id <> ALL(%(excluded_ids)s)
  AND NOT
{time_is_refused}
{read_by_task}
ORDER BY reads.time_read_at NULLS FIRST, t.date_updated DESC
LIMIT %(limit)s;
