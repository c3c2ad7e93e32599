-- Flow over time: how many tasks were in which status, what was in scope and done, how long it took, and which due
-- dates moved. `bounds` are those of the days, weeks or months: part n lasts from bound n to bound n + 1.

-- name: allow_memory
-- For the next question of this transaction: memory to sort and join in, if the server gives less, and no compiling.
SELECT set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')), 33554432) / 1024 || 'kB', true),
    set_config('jit', 'off', true);

-- part: chosen_tasks
-- Tasks by what they are now.
{in_these_places}
  AND (%(priorities)s::text[] IS NULL OR t.priority = ANY(%(priorities)s))
  AND (%(tags)s::text[] IS NULL OR t.tags && %(tags)s)
{of_these_assignees}

-- part: counted_parts
-- The parts that have begun and of which something is known.
greatest(width_bucket(%(since)s::timestamptz, %(bounds)s::timestamptz[]), 1)
    AND least(width_bucket(%(now)s::timestamptz, %(bounds)s::timestamptz[]), cardinality(%(bounds)s::timestamptz[]) - 1)

-- name: sum_flow
-- Tasks in each status (or of each type) at the end of each part: those of now, less what happened since. A task is
-- counted from its creation on, while it is neither deleted nor archived; none in a place that is archived now.
WITH chosen AS MATERIALIZED (
    SELECT t.clickup_task_id AS id, coalesce(t.status, '') AS status, t.status_type,
        -- How many reasons hide it.
        t.archived::integer + t.is_deleted::integer AS hidden, coalesce(t.date_created, t.created_at) AS born_at
    FROM {schema}.tasks AS t
    LEFT JOIN {schema}.lists AS l ON l.list_id = t.list_id
    LEFT JOIN {schema}.folders AS f ON f.folder_id = t.folder_id
    LEFT JOIN {schema}.spaces AS s ON s.space_id = t.space_id
    WHERE t.workspace_id = %(workspace_id)s
      AND l.archived IS NOT TRUE AND f.archived IS NOT TRUE AND s.archived IS NOT TRUE
{chosen_tasks}
), turn AS MATERIALIZED (
    SELECT c.object_id AS id, c.change_id, c.changed_at, c.earliest, c.latest,
        CASE WHEN c.after = 'true' THEN 1 ELSE -1 END AS step
    FROM {schema}.changes AS c
    WHERE c.workspace_id = %(workspace_id)s AND c.object_type = 'task' AND c.field = 'archived'
      AND c.changed_at > %(start)s::timestamptz
    UNION ALL
    SELECT c.object_id, c.change_id, c.changed_at, c.earliest, c.latest,
        CASE WHEN c.operation = 'deleted' THEN 1 ELSE -1 END
    FROM {schema}.changes AS c
    WHERE c.workspace_id = %(workspace_id)s AND c.object_type = 'task' AND c.field IS NULL
      AND c.operation IN ('deleted', 'restored') AND c.changed_at > %(start)s::timestamptz
), followed AS (
    SELECT t.*, k.hidden - coalesce(sum(t.step) OVER (PARTITION BY t.id ORDER BY t.changed_at DESC, t.change_id DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS hidden,
        lead(t.changed_at, 1, 'infinity') OVER (PARTITION BY t.id ORDER BY t.changed_at, t.change_id) AS until
    FROM turn AS t
    JOIN chosen AS k USING (id)
), begun AS MATERIALIZED (
    SELECT k.id, k.status, k.born_at, k.hidden - coalesce(t.steps, 0) AS hidden,
        k.hidden = 0 AND t.id IS NULL AS is_plain,
        CASE WHEN k.born_at > %(start)s::timestamptz THEN width_bucket(k.born_at, %(bounds)s::timestamptz[]) END
            AS born_in,
        CASE WHEN k.hidden > coalesce(t.steps, 0)
            THEN tstzrange('-infinity', coalesce(t.changed_at, 'infinity'), '[]') || coalesce(t.unseen, '{}')
            ELSE t.unseen END AS unseen
    FROM chosen AS k
    LEFT JOIN (
        SELECT id, sum(step) AS steps, min(changed_at) AS changed_at,
            array_agg(tstzrange(changed_at, until, '[]')) FILTER (WHERE hidden > 0) AS unseen
        FROM followed
        GROUP BY id
    ) AS t USING (id)
), changed AS MATERIALIZED (
    -- Twice: by when the status changed, and, of tasks that were never hidden, by when they were created.
    SELECT grouping(part) = 0 AS is_change, coalesce(part, born_in) AS part, before, after, count(*) AS tasks,
        count(*) FILTER (WHERE earliest < (%(bounds)s::timestamptz[])[part]
                            OR latest >= (%(bounds)s::timestamptz[])[part + 1]) AS imprecise
    FROM (
        SELECT width_bucket(c.changed_at, %(bounds)s::timestamptz[]) AS part, c.before, c.after, c.earliest, c.latest,
            CASE WHEN k.is_plain THEN k.born_in END AS born_in
        FROM {schema}.changes AS c
        JOIN begun AS k ON k.id = c.object_id
        WHERE c.workspace_id = %(workspace_id)s AND c.object_type = 'task' AND c.field = 'status'
          AND c.changed_at > %(start)s::timestamptz AND c.changed_at > k.born_at
          AND (k.unseen IS NULL OR NOT c.changed_at <@ ANY(k.unseen))
    ) AS c
    GROUP BY GROUPING SETS ((part, before, after), (born_in, before, after))
    HAVING grouping(part) = 0 OR born_in IS NOT NULL
), appeared AS (
    SELECT id, changed_at, CASE WHEN hidden > 0 THEN -1 ELSE 1 END AS step,
        width_bucket(earliest, %(bounds)s::timestamptz[]) < width_bucket(latest, %(bounds)s::timestamptz[]) AS is_imprecise
    FROM followed WHERE (hidden > 0) <> (hidden - step > 0)
    UNION ALL
    SELECT id, born_at, 1, false FROM begun WHERE born_in IS NOT NULL AND hidden <= 0 AND NOT is_plain
), placed AS MATERIALIZED (
    -- The status in which it appeared is the one that the next change was from.
    SELECT width_bucket(a.changed_at, %(bounds)s::timestamptz[]) AS part, coalesce(c.status, k.status) AS status,
        a.step, a.is_imprecise
    FROM appeared AS a
    JOIN begun AS k USING (id)
    LEFT JOIN LATERAL (
        SELECT coalesce(c.before #>> '{}', '') AS status
        FROM {schema}.changes AS c
        WHERE c.object_type = 'task' AND c.object_id = a.id AND c.field = 'status'
          AND c.changed_at >= a.changed_at AND (c.changed_at > a.changed_at OR a.step < 0)
        ORDER BY c.changed_at, c.change_id LIMIT 1
    ) AS c ON true
), moved AS MATERIALIZED (
    SELECT part, status, sum(tasks) AS tasks
    FROM (
        SELECT part, coalesce(after #>> '{}', '') AS status, CASE WHEN is_change THEN tasks ELSE -tasks END AS tasks
        FROM changed
        UNION ALL
        SELECT part, coalesce(before #>> '{}', ''), CASE WHEN is_change THEN -tasks ELSE tasks END FROM changed
        UNION ALL
        -- Created in the status of now, less what changed since.
        SELECT born_in, status, count(*) FROM begun WHERE is_plain AND born_in IS NOT NULL GROUP BY born_in, status
        UNION ALL
        SELECT part, status, step FROM placed
    ) AS each
    GROUP BY part, status
), present AS (
    SELECT status, sum(tasks) AS tasks, (array_agg(status_type ORDER BY of_type DESC))[1] AS status_type
    FROM (SELECT status, status_type, count(*) FILTER (WHERE hidden <= 0 AND born_at <= %(now)s::timestamptz) AS tasks,
              count(*) AS of_type
          FROM chosen
          GROUP BY status, status_type) AS typed
    GROUP BY status
), known AS MATERIALIZED (
    SELECT status, coalesce(p.tasks, 0) - coalesce(s.moved, 0) AS at_start, coalesce(p.status_type, (
        -- A status that no task has now: of a task that had it.
        SELECT v.status_type
        FROM (SELECT c.object_id FROM {schema}.changes AS c
              WHERE c.workspace_id = %(workspace_id)s AND c.object_type = 'task' AND c.field = 'status'
                AND c.changed_at > %(start)s::timestamptz
                AND (c.before = to_jsonb(s.status) OR c.after = to_jsonb(s.status))
              LIMIT 1) AS c
        JOIN {schema}.task_versions AS v ON v.clickup_task_id = c.object_id AND v.status = s.status
        LIMIT 1)) AS status_type
    FROM (SELECT status, sum(tasks) AS moved FROM moved GROUP BY status) AS s
    FULL JOIN present AS p USING (status)
), counted AS (
    SELECT number, k.status, k.status_type,
        k.at_start + sum(coalesce(m.tasks, 0)) OVER (PARTITION BY k.status ORDER BY number) AS tasks
    FROM known AS k
    CROSS JOIN generate_series(0, cardinality(%(bounds)s::timestamptz[]) - 1) AS number
    LEFT JOIN moved AS m ON m.status = k.status AND m.part = number
), summed AS (
    SELECT number, CASE WHEN %(by)s::text = 'status' THEN nullif(status, '') END AS status, status_type,
        sum(tasks)::bigint AS tasks
    FROM counted
    WHERE number BETWEEN {counted_parts}
      AND (%(statuses)s::text[] IS NULL OR status = ANY(%(statuses)s))
      AND (%(status_types)s::text[] IS NULL OR status_type = ANY(%(status_types)s))
    GROUP BY 1, 2, 3
    HAVING sum(tasks) <> 0
)
SELECT coalesce((SELECT jsonb_agg(s ORDER BY s.number, array_position(ARRAY['open', 'custom', 'done', 'closed'],
            s.status_type), s.status) FROM summed AS s), '[]') AS counts,
    ((SELECT coalesce(sum(imprecise), 0) FROM changed WHERE is_change AND part BETWEEN {counted_parts})
     + (SELECT count(*) FROM placed WHERE is_imprecise AND part BETWEEN {counted_parts}))::bigint AS imprecise;

-- part: filtered_lists
-- The lists that are asked for, themselves or by the folder or space in which they are now.
ARRAY(SELECT l.list_id FROM {schema}.lists AS l
      WHERE l.workspace_id = %(workspace_id)s
        AND (l.folder_id = ANY(%(folders)s::text[]) OR l.space_id = ANY(%(spaces)s::text[]))
      UNION ALL SELECT unnest(%(lists)s::text[]))

-- part: anywhere
-- Whether no place is asked for.
coalesce(%(lists)s::text[], %(folders)s::text[], %(spaces)s::text[]) IS NULL

-- name: sum_burnup
-- What was in scope and done at the end of each part, and what came into scope and left it: tasks, their points, or
-- minutes of their estimates (`unit`). A task counts while it passes the filters, as it was then.
WITH candidate AS MATERIALIZED (
    -- Those that pass now, and those that passed before a change.
    SELECT t.clickup_task_id AS id, t.custom_fields
    FROM {schema}.tasks AS t
    WHERE t.workspace_id = %(workspace_id)s
      AND ({anywhere} OR t.list_id = ANY({filtered_lists}))
      AND (%(tags)s::text[] IS NULL OR t.tags && %(tags)s)
      AND (%(field)s::text IS NULL OR t.custom_fields -> %(field)s::text ? %(value)s::text
           OR t.custom_fields ->> %(field)s::text = %(value)s::text)
    UNION ALL
    SELECT t.clickup_task_id, t.custom_fields
    FROM {schema}.tasks AS t
    WHERE t.clickup_task_id IN (
        SELECT c.object_id FROM {schema}.changes AS c
        WHERE c.workspace_id = %(workspace_id)s AND c.object_type = 'task' AND c.field = 'list_id'
          AND c.changed_at > %(start)s::timestamptz
          AND NOT ({anywhere}) AND c.before #>> '{}' = ANY({filtered_lists})
        UNION ALL
        SELECT c.object_id FROM {schema}.changes AS c
        WHERE c.workspace_id = %(workspace_id)s AND c.object_type = 'task' AND c.field = 'tags'
          AND c.changed_at > %(start)s::timestamptz AND c.before ?| %(tags)s::text[]
        UNION ALL
        SELECT c.object_id FROM {schema}.changes AS c
        WHERE c.workspace_id = %(workspace_id)s AND c.object_type = 'task' AND c.field = 'custom_fields.' || %(field)s::text
          AND c.changed_at > %(start)s::timestamptz AND (c.before ? %(value)s::text OR c.before #>> '{}' = %(value)s::text))
), span AS MATERIALIZED (
    -- When the custom field had the value; always, where none is asked for.
    SELECT DISTINCT k.id, '-infinity'::timestamptz AS since, 'infinity'::timestamptz AS until
    FROM candidate AS k
    WHERE %(field)s::text IS NULL
    UNION ALL
    SELECT k.id, h.since, h.until
    FROM (SELECT DISTINCT ON (id) * FROM candidate) AS k
    CROSS JOIN LATERAL (
        SELECT lag(x.until, 1, '-infinity') OVER (ORDER BY x.until, x.change_id) AS since, x.until, x.value
        FROM (
            SELECT c.changed_at AS until, c.change_id, c.before AS value
            FROM {schema}.changes AS c
            WHERE c.object_type = 'task' AND c.object_id = k.id AND c.field = 'custom_fields.' || %(field)s::text
            UNION ALL SELECT 'infinity', NULL, k.custom_fields -> %(field)s::text
        ) AS x
    ) AS h
    WHERE %(field)s::text IS NOT NULL AND (h.value ? %(value)s::text OR h.value #>> '{}' = %(value)s::text)
), stay AS (
    SELECT s.id, greatest(v.valid_from, s.since) AS since, least(v.valid_to, s.until) AS until,
        CASE WHEN s.since > v.valid_from THEN s.since ELSE v.valid_from_earliest END AS earliest,
        d.is_done, CASE %(unit)s::text WHEN 'points' THEN coalesce(v.sprint_points, 0)
            WHEN 'estimate' THEN coalesce(v.time_estimate_minutes, 0) ELSE 1 END AS amount
    FROM span AS s
    JOIN {schema}.task_versions AS v ON v.clickup_task_id = s.id AND v.workspace_id = %(workspace_id)s
    CROSS JOIN LATERAL (SELECT coalesce(v.status_type IN ('done', 'closed'), false) AS is_done) AS d
    WHERE v.valid_from < s.until AND v.valid_to > s.since
      AND v.valid_from < %(end)s::timestamptz AND v.valid_to > %(start)s::timestamptz
      AND NOT v.is_deleted AND (NOT v.archived OR d.is_done)
      AND ({anywhere} OR v.list_id = ANY({filtered_lists}))
      AND (%(tags)s::text[] IS NULL OR v.tags && %(tags)s)
), moved AS (
    -- What one task did in one part: what is only another version cancels out.
    SELECT id, part, sum(scope) AS scope, sum(done) AS done, bool_or(is_imprecise) AS is_imprecise
    FROM (
        SELECT id, width_bucket(since, %(bounds)s::timestamptz[]) AS part, amount AS scope,
            CASE WHEN is_done THEN amount ELSE 0 END AS done,
            width_bucket(earliest, %(bounds)s::timestamptz[]) < width_bucket(since, %(bounds)s::timestamptz[])
                AS is_imprecise
        FROM stay
        UNION ALL
        SELECT id, width_bucket(until, %(bounds)s::timestamptz[]), -amount,
            CASE WHEN is_done THEN -amount ELSE 0 END, false
        FROM stay WHERE until < %(end)s::timestamptz
    ) AS each
    GROUP BY id, part
), summed AS (
    SELECT part, sum(scope) AS scope, sum(done) AS done, sum(scope) FILTER (WHERE scope > 0) AS added,
        -sum(scope) FILTER (WHERE scope < 0) AS removed,
        count(*) FILTER (WHERE is_imprecise AND (scope <> 0 OR done <> 0)) AS imprecise
    FROM moved
    GROUP BY part
), counted AS (
    SELECT number, sum(coalesce(s.scope, 0)) OVER (ORDER BY number) AS scope,
        sum(coalesce(s.done, 0)) OVER (ORDER BY number) AS done, coalesce(s.added, 0) AS added,
        coalesce(s.removed, 0) AS removed, coalesce(s.imprecise, 0) AS imprecise
    FROM generate_series(0, cardinality(%(bounds)s::timestamptz[]) - 1) AS number
    LEFT JOIN summed AS s ON s.part = number
)
SELECT number, scope, done, added, removed, imprecise
FROM counted
WHERE number BETWEEN {counted_parts}
ORDER BY number;

-- part: first_activity
-- When the task `t` was first neither open nor done, and between which instants that was.
LEFT JOIN LATERAL (
    SELECT v.valid_from AS active_at, nullif(v.valid_from_earliest, '-infinity') AS active_earliest,
        v.known_from AS active_latest, v.known_from - v.valid_from_earliest >= interval '1 minute' AS is_imprecise
    FROM {schema}.task_versions AS v
    WHERE v.clickup_task_id = t.clickup_task_id AND v.workspace_id = %(workspace_id)s
      AND v.status_type NOT IN ('open', 'done', 'closed') AND v.valid_from < t.done_at
    ORDER BY v.valid_from LIMIT 1
) AS a ON true

-- part: lead_and_cycle
-- Milliseconds from the creation, and from the first activity, until the task was done.
    (extract(epoch FROM t.done_at - t.date_created) * 1000)::bigint AS lead_ms,
    (extract(epoch FROM t.done_at - a.active_at) * 1000)::bigint AS cycle_ms

-- name: list_cycle_times
-- Tasks that were done in [start, end), the latest first.
SELECT t.clickup_task_id, t.title, t.url, t.assignee_name, t.list_id, t.list_name, t.date_created, a.active_at,
    a.active_earliest, a.active_latest, t.done_at, c.lead_ms / 60000 AS lead_minutes,
    c.cycle_ms / 60000 AS cycle_minutes
FROM (
    SELECT t.clickup_task_id, t.title, t.url, t.assignee_name, t.list_id, t.list_name, t.date_created,
        coalesce(t.date_done, t.date_closed) AS done_at
    FROM {schema}.tasks AS t
{done_then}
{chosen_tasks}
    ORDER BY coalesce(t.date_done, t.date_closed) DESC, t.clickup_task_id DESC
    LIMIT %(limit)s OFFSET %(offset)s
) AS t
{first_activity}
CROSS JOIN LATERAL (SELECT
{lead_and_cycle}
) AS c
ORDER BY t.done_at DESC, t.clickup_task_id DESC;

-- part: finished_tasks
-- Tasks that were done in [start, end).
    SELECT t.clickup_task_id, t.date_created, coalesce(t.date_done, t.date_closed) AS done_at
    FROM {schema}.tasks AS t
{done_then}
{chosen_tasks}

-- name: sum_cycle_times
-- Of all of them (without `number`), and of those of each part: the times that half, and 85 %%, of the tasks do not
-- exceed.
SELECT number, count(*) AS tasks,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY lead_ms) / 60000 AS lead_minutes_p50,
    percentile_disc(0.85) WITHIN GROUP (ORDER BY lead_ms) / 60000 AS lead_minutes_p85,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY cycle_ms) / 60000 AS cycle_minutes_p50,
    percentile_disc(0.85) WITHIN GROUP (ORDER BY cycle_ms) / 60000 AS cycle_minutes_p85,
    count(*) FILTER (WHERE cycle_ms IS NULL) AS without_cycle, count(*) FILTER (WHERE is_imprecise) AS imprecise
FROM (
    SELECT width_bucket(t.done_at, %(bounds)s::timestamptz[]) AS number, a.is_imprecise,
{lead_and_cycle}
    FROM (
{finished_tasks}
    ) AS t
{first_activity}
) AS timed
GROUP BY GROUPING SETS ((), (number))
ORDER BY number NULLS FIRST;

-- name: sum_status_times
-- How long these tasks were in each status before they were done: the times that half, and 85 %%, of those that were
-- in it do not exceed.
SELECT status, status_type, count(*) AS tasks, percentile_disc(0.5) WITHIN GROUP (ORDER BY ms) / 60000 AS minutes_p50,
    percentile_disc(0.85) WITHIN GROUP (ORDER BY ms) / 60000 AS minutes_p85, (sum(ms) / 60000)::bigint AS minutes,
    count(*) FILTER (WHERE is_imprecise) AS imprecise
FROM (
    SELECT clickup_task_id, status, status_type,
        sum(extract(epoch FROM least(valid_to, done_at) - greatest(valid_from, date_created)) * 1000)::bigint AS ms,
        bool_or(is_imprecise) AS is_imprecise
    FROM (
        SELECT t.clickup_task_id, t.done_at, coalesce(t.date_created, '-infinity') AS date_created, v.status,
            v.status_type, v.valid_from, v.valid_to,
            v.known_from - v.valid_from_earliest >= interval '1 minute' AND v.status IS DISTINCT FROM lag(v.status) OVER (PARTITION BY v.clickup_task_id ORDER BY v.valid_from)
                AS is_imprecise
        FROM (
{finished_tasks}
        ) AS t
        JOIN {schema}.task_versions AS v
            ON v.clickup_task_id = t.clickup_task_id AND v.workspace_id = %(workspace_id)s
            AND v.valid_from < t.done_at AND v.valid_to > v.valid_from AND NOT v.is_deleted
    ) AS lived
    WHERE valid_to > date_created
    GROUP BY clickup_task_id, status, status_type
) AS spent
GROUP BY status, status_type
ORDER BY array_position(ARRAY['open', 'custom', 'done', 'closed'], status_type), minutes DESC, status;

-- part: moved_due_dates
-- Due dates that were moved or removed in [start, end), as days in the zone of the installation.
moved AS (
    SELECT t.clickup_task_id, t.title, t.url, t.list_id, t.list_name, t.space_id, t.due_date, c.change_id, c.earliest,
        c.changed_at, c.latest, c.user_id, c.user_name, d.before, d.after, d.after - d.before AS days
    FROM {schema}.changes AS c
    JOIN {schema}.tasks AS t ON t.clickup_task_id = c.object_id
    LEFT JOIN {schema}.workspaces AS w ON w.workspace_id = c.workspace_id
    CROSS JOIN LATERAL (
        SELECT ((c.before #>> '{}')::timestamptz AT TIME ZONE coalesce(w.rendered_zone, 'UTC'))::date AS before,
            ((c.after #>> '{}')::timestamptz AT TIME ZONE coalesce(w.rendered_zone, 'UTC'))::date AS after
    ) AS d
    WHERE c.workspace_id = %(workspace_id)s AND c.object_type = 'task' AND c.field = 'due_at'
      AND c.changed_at >= %(start)s::timestamptz AND c.changed_at < %(end)s::timestamptz
      AND d.before IS NOT NULL AND d.before IS DISTINCT FROM d.after
      AND (%(people)s::text[] IS NULL OR c.user_id = ANY(%(people)s))
{chosen_tasks}
)

-- name: sum_due_date_changes
-- How often, and how far, due dates were moved: by who moved them, by task, list or space (`by`), or in all; most
-- often first.
WITH
{moved_due_dates}
SELECT g.id, e.id AS employee_id, coalesce(e.name, g.name) AS name, g.tasks, g.changes, g.later, g.earlier, g.removed,
    g.days, g.imprecise
FROM (
    SELECT k.id, min(k.name) AS name, count(DISTINCT m.clickup_task_id) AS tasks, count(*) AS changes,
        count(*) FILTER (WHERE m.days > 0) AS later, count(*) FILTER (WHERE m.days < 0) AS earlier,
        count(*) FILTER (WHERE m.after IS NULL) AS removed, coalesce(sum(m.days), 0)::bigint AS days,
        count(*) FILTER (WHERE m.latest - m.earliest >= interval '1 minute') AS imprecise
    FROM moved AS m
    LEFT JOIN {schema}.spaces AS s ON s.space_id = m.space_id
    CROSS JOIN LATERAL (
        SELECT CASE %(by)s::text WHEN 'person' THEN m.user_id WHEN 'task' THEN m.clickup_task_id
                WHEN 'list' THEN m.list_id WHEN 'space' THEN m.space_id END AS id,
            CASE %(by)s::text WHEN 'person' THEN m.user_name WHEN 'task' THEN m.title
                WHEN 'list' THEN m.list_name WHEN 'space' THEN s.name END AS name
    ) AS k
    GROUP BY k.id
) AS g
LEFT JOIN {members} AS e ON %(by)s::text = 'person' AND e.workspace_id = %(workspace_id)s AND e.clickup_user_id = g.id
ORDER BY g.changes DESC, lower(coalesce(e.name, g.name)) NULLS LAST, g.id NULLS LAST
LIMIT %(limit)s;

-- name: list_due_date_changes
-- The single ones, the latest first.
WITH
{moved_due_dates}
SELECT m.clickup_task_id, m.title, m.url, m.list_id, m.list_name, m.due_date, m.before, m.after, m.days, m.changed_at,
    m.earliest, m.latest, m.user_id, e.id AS employee_id, coalesce(e.name, m.user_name) AS user_name
FROM moved AS m
LEFT JOIN {members} AS e ON e.workspace_id = %(workspace_id)s AND e.clickup_user_id = m.user_id
ORDER BY m.changed_at DESC, m.change_id DESC
LIMIT %(limit)s OFFSET %(offset)s;

-- name: count_due_date_changes
-- How many that are.
WITH
{moved_due_dates}
SELECT count(*) AS total FROM moved;
