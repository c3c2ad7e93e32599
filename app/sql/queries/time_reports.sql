-- Time as people ask for it: entries one by one, and summed by day. An entry is on a day when it begins there
-- or reaches into it. One that runs reaches into every day after its beginning, and one without a start is
-- on none. What reaches into a day began within the day before it, or is one of few: those longer than a day,
-- and those that run, have an index of their own, and are looked up by themselves (`began_earlier`).
-- That a task is deleted or not is said where a place is asked for, because each of both has its index.

-- part: time_within_days
-- Entries that begin in [start, end) or reach into it, and run or not.
WHERE e.workspace_id = %(workspace_id)s
  AND coalesce(e.started_at, 'epoch') < coalesce(%(end)s::timestamptz, 'infinity')
  AND (NOT e.began_earlier
       AND coalesce(e.started_at, 'epoch') >= coalesce(%(start)s::timestamptz - interval '1 day', '-infinity')
       OR e.began_earlier AND (e.duration_ms > 86400000 OR e.is_running)
          AND coalesce(e.started_at, 'epoch') < %(start)s::timestamptz - interval '1 day')
  AND (%(start)s::timestamptz IS NULL OR e.started_at >= %(start)s OR e.is_running
       OR e.started_at + e.duration_ms * interval '1 millisecond' > %(start)s)
  AND (%(start)s::timestamptz IS NULL AND %(end)s::timestamptz IS NULL OR e.started_at IS NOT NULL)
  AND (%(running)s::boolean IS NULL OR e.is_running = %(running)s)

-- part: whose_time
-- Whose entries, and where.
  AND (%(people)s::text[] IS NULL OR e.clickup_user_id = ANY(%(people)s))
  AND (%(tasks)s::text[] IS NULL OR e.clickup_task_id = ANY(%(tasks)s))
{in_any_place}
  AND (coalesce(%(lists)s::text[], %(folders)s, %(spaces)s) IS NULL OR t.is_deleted OR NOT t.is_deleted)
  AND (%(deleted)s = 'include'
       OR (e.clickup_task_id IN (SELECT clickup_task_id FROM {schema}.tasks
                                 WHERE workspace_id = %(workspace_id)s AND is_deleted)) IS TRUE
          = (%(deleted)s = 'only'))

-- name: list_entries
-- Entries that pass every filter, newest start first, from a place on; or, with `again`, those that were
-- written since `written_since`, oldest first.
SELECT e.clickup_entry_id, e.clickup_user_id, p.id AS employee_id, e.user_name, e.clickup_task_id,
    t.title AS task_title, t.url AS task_url, t.is_deleted AS is_task_deleted, t.list_id, t.list_name,
    t.folder_id, t.folder_name, t.space_id, t.space_name, e.started_at, e.ended_at, e.duration_ms,
    e.duration_ms / 60000 AS minutes, e.is_running, e.billable, e.description, e.tags, e.entry_updated_at,
    e.unreadable_fields, e.updated_at
FROM (SELECT false AS began_earlier, * FROM {schema}.time_entries UNION ALL SELECT true, * FROM {schema}.time_entries) AS e
LEFT JOIN {schema}.tasks AS t USING (clickup_task_id)
LEFT JOIN {members} AS p ON p.workspace_id = e.workspace_id AND p.clickup_user_id = e.clickup_user_id
{time_within_days}
{whose_time}
  AND (NOT %(again)s OR e.updated_at > %(written_since)s)
  AND (%(again)s OR %(after_id)s::text IS NULL
       OR (coalesce(e.started_at, 'epoch'), e.clickup_entry_id) < (%(after_time)s, %(after_id)s))
  AND (NOT %(again)s OR %(after_id)s::text IS NULL
       OR (e.updated_at, e.clickup_entry_id) > (%(after_time)s, %(after_id)s))
ORDER BY
    CASE WHEN NOT %(again)s THEN coalesce(e.started_at, 'epoch') END DESC,
    CASE WHEN NOT %(again)s THEN e.clickup_entry_id END DESC,
    CASE WHEN %(again)s THEN e.updated_at END,
    CASE WHEN %(again)s THEN e.clickup_entry_id END
LIMIT %(limit)s;

-- name: count_entries
-- How many entries pass every filter, wherever the walk is.
SELECT count(*) AS total
FROM (SELECT false AS began_earlier, * FROM {schema}.time_entries UNION ALL SELECT true, * FROM {schema}.time_entries) AS e
LEFT JOIN {schema}.tasks AS t USING (clickup_task_id)
{time_within_days}
{whose_time};

-- name: sum_time
-- Milliseconds by person, task, list or space (`by`; `all`: of everything) and day: the total, then each
-- sheet's sum before its days. Day n lasts from bound n to bound n + 1, in epoch milliseconds; it may as well
-- be a week or a month. An entry is cut at the bounds; timers that run, up to `now_ms`, and entries without a
-- start, which are on no day, are summed apart. Names are looked up at the end, once for each sheet.
WITH session AS (
    SELECT CASE %(by)s::text
            WHEN 'person' THEN e.clickup_user_id
            WHEN 'task' THEN e.clickup_task_id
            WHEN 'list' THEN t.list_id
            WHEN 'space' THEN t.space_id
        END AS id,
        e.is_running, e.duration_ms, (date_part('epoch', e.started_at) * 1000)::bigint AS began_ms
    FROM (
        SELECT * FROM {schema}.time_entries
        WHERE started_at IS NOT NULL AND coalesce(started_at, 'epoch') < %(end)s::timestamptz
          AND coalesce(started_at, 'epoch') >= %(start)s::timestamptz - interval '1 day'
        UNION ALL
        SELECT * FROM {schema}.time_entries
        WHERE started_at IS NOT NULL AND (duration_ms > 86400000 OR is_running)
          AND coalesce(started_at, 'epoch') < %(start)s::timestamptz - interval '1 day'
        UNION ALL
        SELECT * FROM {schema}.time_entries WHERE started_at IS NULL
    ) AS e
LEFT JOIN {schema}.tasks AS t
    ON t.clickup_task_id = e.clickup_task_id AND t.workspace_id = %(workspace_id)s
    AND (%(deleted)s <> 'exclude' OR NOT t.is_deleted)
    WHERE e.workspace_id = %(workspace_id)s
{whose_time}
), lasting AS (
    -- A duration that could not be read counts nothing.
    SELECT *, began_ms + coalesce(duration_ms,
        CASE WHEN is_running THEN greatest(%(now_ms)s::bigint - began_ms, 0) ELSE 0 END) AS ended_ms
    FROM session
), spread AS MATERIALIZED (
    SELECT *, greatest(width_bucket(began_ms, %(bounds)s::bigint[]), 1) AS first_day,
        least(width_bucket(greatest(ended_ms - 1, began_ms), %(bounds)s::bigint[]),
              cardinality(%(bounds)s::bigint[]) - 1) AS last_day
    FROM lasting
), part AS (
    SELECT id, is_running, first_day AS day_number, true AS is_first,
        least(ended_ms, (%(bounds)s::bigint[])[first_day + 1])
            - greatest(began_ms, (%(bounds)s::bigint[])[first_day]) AS ms
    FROM spread WHERE began_ms IS NOT NULL AND first_day = last_day
    UNION ALL
    SELECT s.id, s.is_running, s.first_day + day.position::integer - 1, day.position = 1,
        least(s.ended_ms, (%(bounds)s::bigint[])[s.first_day + day.position::integer])
            - greatest(s.began_ms, day.began_ms)
    FROM spread AS s
    CROSS JOIN LATERAL unnest((%(bounds)s::bigint[])[s.first_day:s.last_day])
        WITH ORDINALITY AS day (began_ms, position)
    WHERE s.began_ms IS NOT NULL AND s.first_day < s.last_day
    UNION ALL
    SELECT id, is_running, NULL, NULL, coalesce(duration_ms, 0)
    FROM spread WHERE began_ms IS NULL
), summed AS (
    SELECT grouping(id) AS is_total, grouping(day_number) AS is_sum, id, day_number,
        count(*) FILTER (WHERE NOT is_running) AS parts,
        count(*) FILTER (WHERE NOT is_running AND is_first) AS firsts,
        count(*) FILTER (WHERE is_running) AS running_parts,
        count(*) FILTER (WHERE is_running AND is_first) AS running_firsts,
        coalesce(sum(ms) FILTER (WHERE NOT is_running AND day_number IS NOT NULL), 0)::bigint AS milliseconds,
        coalesce(sum(ms) FILTER (WHERE is_running AND day_number IS NOT NULL), 0)::bigint
            AS running_milliseconds,
        count(*) FILTER (WHERE is_first IS NULL) AS undated,
        coalesce(sum(ms) FILTER (WHERE is_first IS NULL), 0)::bigint AS undated_milliseconds
    FROM part
    GROUP BY GROUPING SETS ((id, day_number), (id), ())
), named AS (
    SELECT s.id, p.id AS employee_id, CASE %(by)s::text
        WHEN 'person' THEN coalesce(p.name, (
            SELECT user_name FROM {schema}.time_entries
            WHERE workspace_id = %(workspace_id)s AND clickup_user_id = s.id
            ORDER BY coalesce(started_at, 'epoch') DESC, clickup_entry_id DESC LIMIT 1))
        WHEN 'task' THEN (SELECT title FROM {schema}.tasks WHERE clickup_task_id = s.id)
        WHEN 'list' THEN coalesce(
            (SELECT name FROM {schema}.lists WHERE list_id = s.id),
            (SELECT list_name FROM {schema}.tasks WHERE list_id = s.id AND NOT is_deleted LIMIT 1),
            (SELECT list_name FROM {schema}.tasks WHERE workspace_id = %(workspace_id)s AND is_deleted AND list_id = s.id
             LIMIT 1))
        WHEN 'space' THEN coalesce(
            (SELECT name FROM {schema}.spaces WHERE space_id = s.id),
            (SELECT space_name FROM {schema}.tasks WHERE space_id = s.id AND NOT is_deleted LIMIT 1),
            (SELECT space_name FROM {schema}.tasks WHERE workspace_id = %(workspace_id)s AND is_deleted AND space_id = s.id
             LIMIT 1))
        END AS name
    FROM summed AS s
    LEFT JOIN {members} AS p
        ON %(by)s::text = 'person' AND p.workspace_id = %(workspace_id)s AND p.clickup_user_id = s.id
    WHERE s.is_sum = 1 AND s.is_total = 0 AND s.id IS NOT NULL
)
SELECT s.id, n.employee_id, n.name, s.day_number,
    CASE s.is_sum WHEN 1 THEN s.firsts ELSE s.parts END AS entries, s.milliseconds,
    CASE s.is_sum WHEN 1 THEN s.running_firsts ELSE s.running_parts END AS running, s.running_milliseconds,
    s.undated, s.undated_milliseconds
FROM summed AS s
LEFT JOIN named AS n USING (id)
WHERE s.is_sum = 1 OR s.day_number IS NOT NULL
ORDER BY s.is_total DESC, lower(n.name) NULLS LAST, s.id NULLS LAST, s.is_sum DESC, s.day_number;
