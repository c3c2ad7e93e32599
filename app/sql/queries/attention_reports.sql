-- Tasks that somebody should look at: what is overdue, at risk, stale, blocked, or done without time.

-- part: open_tasks
-- Open tasks; what that means is in the view.
FROM {views}.tasks AS t
WHERE t.workspace_id = %(workspace_id)s AND t.is_open

-- part: today
-- The day in the zone that is asked for.
%(today)s::date

-- part: is_late
-- Whether an open task is overdue on a day. The view's `is_overdue` is made of this text, with the mirror's own day
-- for `today`: to change it, create the view again in a new migration.
t.due_date < {today}

-- part: done_tasks
-- Tasks that are done or closed, archived ones among them: what was done stays done when it is archived.
WHERE t.workspace_id = %(workspace_id)s AND NOT t.is_deleted AND t.status_type IN ('done', 'closed')

-- part: in_any_place
-- In one of these spaces, folders and lists; the planner drops the kinds that nobody asks for.
  AND (coalesce(%(lists)s::text[], %(folders)s, %(spaces)s) IS NULL
       OR %(lists)s::text[] IS NOT NULL AND t.list_id = ANY(%(lists)s)
       OR %(folders)s::text[] IS NOT NULL AND t.folder_id = ANY(%(folders)s)
       OR %(spaces)s::text[] IS NOT NULL AND t.space_id = ANY(%(spaces)s))

-- part: in_these_places
-- Where they stand.
  AND (%(tasks)s::text[] IS NULL OR t.clickup_task_id = ANY(%(tasks)s))
{in_any_place}

-- part: of_these_people
-- Whose they are: one of these is assigned.
  AND (%(people)s::text[] IS NULL OR t.clickup_task_id = ANY(ARRAY(
      SELECT p.clickup_task_id FROM {schema}.task_people AS p
      WHERE p.clickup_user_id = ANY(%(people)s) AND p.relation = 'assignee')))

-- part: last_work
-- When each task was worked on last, asked of stale ones alone: a timer is work now, an amount when logged.
    SELECT clickup_task_id,
        max(CASE WHEN is_running THEN %(now)s::timestamptz
            ELSE coalesce(ended_at, started_at, entry_updated_at) END) AS worked_at
    FROM {schema}.time_entries
    WHERE workspace_id = %(workspace_id)s AND %(condition)s::text = 'stale'
    GROUP BY clickup_task_id

-- part: against_the_task
-- What speaks against an open task, whatever was asked for.
CROSS JOIN LATERAL (
    SELECT array_remove(ARRAY[
        CASE WHEN {is_late} THEN 'overdue' END,
        CASE WHEN t.is_unassigned THEN 'unassigned' END,
        CASE WHEN t.status_type = 'open' AND t.tracked_minutes = 0 AND cardinality(t.start_times) = 0
            THEN 'not_started' END,
        CASE WHEN t.time_estimate_minutes > 0 AND t.tracked_minutes >= t.time_estimate_minutes
            THEN 'over_estimate' END,
        CASE WHEN EXISTS (
                SELECT FROM {schema}.task_dependencies AS d JOIN open_task AS o ON o.clickup_task_id = d.other_task_id
                WHERE d.clickup_task_id = t.clickup_task_id AND d.relation = 'waiting_on')
            THEN 'blocked' END
    ], NULL) AS reasons
) AS against

-- part: open_and_needing
-- Of open tasks those that the condition is true of.
WHERE %(condition)s::text <> 'untracked'
  AND (%(condition)s::text <> 'overdue' OR {is_late})
  AND (%(condition)s::text <> 'at_risk'
       OR t.due_date >= {today} AND t.due_date <= {today} + %(days)s::integer
          AND against.reasons <> '{}')
  AND (%(condition)s::text <> 'stale'
       OR greatest(coalesce(t.date_updated, t.date_created), work.worked_at)
          <= %(now)s::timestamptz - %(days)s::integer * interval '24 hours')
  AND (%(condition)s::text <> 'blocked'
       OR t.clickup_task_id IN (
            SELECT d.clickup_task_id
            FROM {schema}.task_dependencies AS d JOIN open_task AS o ON o.clickup_task_id = d.other_task_id
            WHERE d.workspace_id = %(workspace_id)s AND d.relation = 'waiting_on'))

-- part: and_untracked
-- Of done tasks those done of late without a second of time; what is not known is not held against them.
  AND %(condition)s::text = 'untracked'
  AND coalesce(t.date_done, t.date_closed) > %(now)s::timestamptz - %(days)s::integer * interval '24 hours'
  AND coalesce(t.date_done, t.date_closed) <= %(now)s::timestamptz
  AND t.tracked_minutes = 0 AND cardinality(t.start_times) = 0

-- part: below_untracked
-- Their subtasks, at every depth, and whether there is time, or may be.
    SELECT u.clickup_task_id, b.clickup_task_id,
        b.tracked_minutes IS DISTINCT FROM 0 OR cardinality(b.start_times) > 0
    FROM untracked AS u JOIN {schema}.tasks AS b ON b.parent = u.clickup_task_id AND NOT b.is_deleted
    UNION
    SELECT w.root, b.clickup_task_id, b.tracked_minutes IS DISTINCT FROM 0 OR cardinality(b.start_times) > 0
    FROM below AS w JOIN {schema}.tasks AS b ON b.parent = w.task_id AND NOT b.is_deleted

-- name: count_attention
-- How many tasks the condition (overdue, at_risk, stale, blocked, untracked) is true of.
WITH RECURSIVE open_task AS NOT MATERIALIZED (
    SELECT t.*
{open_tasks}
), work AS NOT MATERIALIZED (
{last_work}
), untracked AS (
    SELECT t.clickup_task_id
    FROM {schema}.tasks AS t
{done_tasks}
{and_untracked}
{in_these_places}
{of_these_people}
), below (root, task_id, has_time) AS (
{below_untracked}
)
SELECT
    (SELECT count(*) FROM open_task AS t
     LEFT JOIN work USING (clickup_task_id)
{against_the_task}
{open_and_needing}
{in_these_places}
{of_these_people})
    + (SELECT count(*) FROM untracked
       WHERE clickup_task_id NOT IN (SELECT root FROM below WHERE has_time)) AS total;

-- name: list_attention
-- Those, worst first: overdue, at risk and blocked ones by their due day, stale ones by when they were touched
-- last, untracked ones by their estimate; then by priority, then by id.
WITH RECURSIVE open_task AS NOT MATERIALIZED (
    SELECT t.*
{open_tasks}
), work AS NOT MATERIALIZED (
{last_work}
), untracked AS (
    SELECT t.clickup_task_id, t.priority, coalesce(t.time_estimate_minutes, 0) AS estimate,
        coalesce(t.date_done, t.date_closed) AS done_at
    FROM {schema}.tasks AS t
{done_tasks}
{and_untracked}
{in_these_places}
{of_these_people}
), below (root, task_id, has_time) AS (
{below_untracked}
), found AS (
    SELECT t.clickup_task_id, t.due_date, t.priority, 0 AS estimate, NULL::timestamptz AS done_at,
        greatest(coalesce(t.date_updated, t.date_created), work.worked_at) AS touched_at
    FROM open_task AS t
    LEFT JOIN work USING (clickup_task_id)
{against_the_task}
{open_and_needing}
{in_these_places}
{of_these_people}
    UNION ALL
    SELECT clickup_task_id, NULL, priority, estimate, done_at, NULL
    FROM untracked
    WHERE clickup_task_id NOT IN (SELECT root FROM below WHERE has_time)
), picked AS (
    SELECT clickup_task_id, row_number() OVER (
        ORDER BY
            CASE WHEN %(condition)s::text IN ('overdue', 'at_risk', 'blocked') THEN due_date END,
            CASE WHEN %(condition)s::text = 'stale' THEN touched_at END,
            estimate DESC, done_at DESC NULLS LAST,
            array_position(ARRAY['urgent', 'high', 'normal', 'low'], priority), clickup_task_id
    ) AS number
    FROM found
    ORDER BY number LIMIT %(limit)s OFFSET %(offset)s
)
SELECT t.clickup_task_id, t.title, t.status, t.status_type, t.priority, t.assignee_name, t.employee_ids,
    t.space_id, t.space_name, t.folder_id, t.folder_name, t.list_id, t.list_name, t.url, t.due_date,
    t.date_updated, t.last_status_change, t.time_estimate_minutes, t.tracked_minutes,
    coalesce(t.date_done, t.date_closed) AS done_at,
    CASE WHEN o.is_open AND {is_late} THEN {today} - t.due_date END AS days_overdue,
    CASE WHEN work.touched_at > %(now)s::timestamptz THEN 0
        ELSE floor(extract(epoch FROM %(now)s::timestamptz - work.touched_at) / 86400)::integer
    END AS days_untouched,
    CASE WHEN o.is_open THEN against.reasons ELSE '{}' END AS reasons,
    coalesce(blocking.tasks, '[]') AS waiting_on
FROM picked
JOIN {views}.tasks AS t USING (clickup_task_id)
CROSS JOIN LATERAL (SELECT %(condition)s::text <> 'untracked' AS is_open) AS o
CROSS JOIN LATERAL (
    SELECT greatest(coalesce(t.date_updated, t.date_created), max(
        CASE WHEN e.is_running THEN %(now)s::timestamptz
            ELSE coalesce(e.ended_at, e.started_at, e.entry_updated_at) END)) AS touched_at
    FROM {schema}.time_entries AS e WHERE e.clickup_task_id = t.clickup_task_id
) AS work
{against_the_task}
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('clickup_task_id', b.clickup_task_id, 'title', b.title,
            'status', b.status, 'assignee_name', b.assignee_name) ORDER BY b.clickup_task_id) AS tasks
    FROM {schema}.task_dependencies AS d JOIN open_task AS b ON b.clickup_task_id = d.other_task_id
    WHERE d.clickup_task_id = t.clickup_task_id AND d.relation = 'waiting_on'
) AS blocking ON true
ORDER BY picked.number;
