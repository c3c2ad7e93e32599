-- Time that was changed after its period had ended.

-- part: edited_entries
-- Entries that began in [start, end), as they were at `edited_since` and as they are: those that differ.
edited AS (
    SELECT coalesce(e.clickup_entry_id, o.clickup_entry_id) AS clickup_entry_id,
        CASE WHEN o.clickup_entry_id IS NULL THEN 'created' WHEN e.clickup_entry_id IS NULL THEN 'deleted'
            ELSE 'changed' END AS change,
        o.clickup_user_id AS user_before, e.clickup_user_id AS user_after, o.user_name AS name_before,
        e.user_name AS name_after, o.clickup_task_id AS task_before, e.clickup_task_id AS task_after,
        o.started_at AS started_before, e.started_at AS started_after, o.ended_at AS ended_before,
        e.ended_at AS ended_after, o.billable AS billable_before, e.billable AS billable_after,
        -- On these days: nothing where it begins on others.
        CASE WHEN o.started_at >= %(start)s::timestamptz AND o.started_at < %(end)s::timestamptz
            THEN coalesce(o.duration_ms, 0) ELSE 0 END AS ms_before,
        CASE WHEN e.started_at >= %(start)s::timestamptz AND e.started_at < %(end)s::timestamptz
            THEN coalesce(e.duration_ms, 0) ELSE 0 END AS ms_after
    FROM (
        SELECT DISTINCT v.clickup_entry_id FROM {schema}.time_entry_versions AS v
        WHERE v.workspace_id = %(workspace_id)s
          AND v.started_at >= %(start)s::timestamptz AND v.started_at < %(end)s::timestamptz
    ) AS k
    LEFT JOIN {schema}.time_entry_versions AS o ON o.clickup_entry_id = k.clickup_entry_id
        AND o.valid_from <= %(edited_since)s::timestamptz AND o.valid_to > %(edited_since)s::timestamptz
    LEFT JOIN {schema}.time_entries AS e ON e.clickup_entry_id = k.clickup_entry_id
    LEFT JOIN {schema}.tasks AS t ON t.clickup_task_id = coalesce(e.clickup_task_id, o.clickup_task_id)
    WHERE (o.started_at, o.ended_at, o.duration_ms, o.clickup_task_id, o.clickup_user_id, o.billable)
          IS DISTINCT FROM
          (e.started_at, e.ended_at, e.duration_ms, e.clickup_task_id, e.clickup_user_id, e.billable)
      AND (%(people)s::text[] IS NULL OR o.clickup_user_id = ANY(%(people)s) OR e.clickup_user_id = ANY(%(people)s))
{in_these_places}
)

-- name: sum_time_edits
-- How many entries that are, and their time before and after.
WITH
{edited_entries}
SELECT count(*) AS entries, count(*) FILTER (WHERE change = 'created') AS created,
    count(*) FILTER (WHERE change = 'changed') AS changed, count(*) FILTER (WHERE change = 'deleted') AS deleted,
    (coalesce(sum(ms_before), 0) / 60000)::bigint AS minutes_before, (coalesce(sum(ms_after), 0) / 60000)::bigint AS minutes_after,
    coalesce(sum(ms_before), 0)::bigint AS milliseconds_before, coalesce(sum(ms_after), 0)::bigint AS milliseconds_after
FROM edited;

-- name: list_time_edits
-- The entries with the last change of each, the latest first.
WITH
{edited_entries}
SELECT d.clickup_entry_id, d.change, d.user_before, d.user_after, d.name_before, d.name_after, d.task_before,
    d.task_after, t.title AS task_title, d.started_before, d.started_after, d.ended_before, d.ended_after,
    d.billable_before, d.billable_after, d.ms_before / 60000 AS minutes_before, d.ms_after / 60000 AS minutes_after,
    d.ms_before AS milliseconds_before, d.ms_after AS milliseconds_after, c.edits, c.changed_at, c.earliest, c.latest,
    c.user_id, p.id AS employee_id, coalesce(p.name, c.user_name) AS user_name
FROM edited AS d
LEFT JOIN {schema}.tasks AS t ON t.clickup_task_id = coalesce(d.task_after, d.task_before)
LEFT JOIN LATERAL (
    SELECT c.changed_at, c.earliest, c.latest, c.user_id, c.user_name, count(*) OVER () AS edits
    FROM (
        SELECT DISTINCT ON (c.changed_at) c.changed_at, c.earliest, c.latest, c.user_id, c.user_name
        FROM {schema}.changes AS c
        WHERE c.object_type = 'time_entry' AND c.object_id = d.clickup_entry_id
          AND c.changed_at > %(edited_since)s::timestamptz
          AND (c.field IS NULL OR c.field IN
               ('started_at', 'ended_at', 'duration_ms', 'clickup_task_id', 'clickup_user_id', 'billable'))
        ORDER BY c.changed_at, c.user_id NULLS LAST
    ) AS c
    ORDER BY c.changed_at DESC LIMIT 1
) AS c ON true
LEFT JOIN {members} AS p ON p.workspace_id = %(workspace_id)s AND p.clickup_user_id = c.user_id
ORDER BY c.changed_at DESC NULLS LAST, d.clickup_entry_id DESC
LIMIT %(limit)s OFFSET %(offset)s;
