-- What came, what was done, and how well it was estimated.

-- part: grouped_by
-- Of whom or what a figure is: of each assignee, of a list, a space, or of everything.
    CASE %(by)s::text WHEN 'person' THEN p.clickup_user_id WHEN 'list' THEN t.list_id
        WHEN 'space' THEN t.space_id END AS id

-- part: their_assignees
-- A task with several assignees is counted for each of them.
LEFT JOIN {schema}.task_people AS p
    ON %(by)s::text = 'person' AND p.workspace_id = %(workspace_id)s
    AND p.clickup_task_id = t.clickup_task_id AND p.relation = 'assignee'
WHERE %(by)s::text <> 'person' OR %(people)s::text[] IS NULL OR p.clickup_user_id = ANY(%(people)s)

-- part: named
-- What they are called: people and places as their own tables have it, else as their tasks do.
LEFT JOIN {members} AS e ON %(by)s::text = 'person' AND e.workspace_id = %(workspace_id)s AND e.clickup_user_id = g.id
LEFT JOIN {schema}.lists AS l ON %(by)s::text = 'list' AND l.list_id = g.id
LEFT JOIN {schema}.spaces AS s ON %(by)s::text = 'space' AND s.space_id = g.id
CROSS JOIN LATERAL (
    SELECT coalesce(e.name, l.name, s.name, CASE
        WHEN g.id IS NULL THEN NULL
        WHEN %(by)s::text = 'person' THEN (SELECT name FROM {schema}.task_people WHERE clickup_user_id = g.id LIMIT 1)
        WHEN %(by)s::text = 'list' THEN (SELECT list_name FROM {schema}.tasks WHERE list_id = g.id AND NOT is_deleted LIMIT 1)
        WHEN %(by)s::text = 'space' THEN (SELECT space_name FROM {schema}.tasks WHERE space_id = g.id AND NOT is_deleted LIMIT 1)
    END) AS name
) AS called

-- part: created_then
-- Tasks that were created in [start, end).
WHERE t.workspace_id = %(workspace_id)s AND NOT t.is_deleted
  AND t.date_created >= %(start)s::timestamptz AND t.date_created < %(end)s::timestamptz

-- part: done_then
-- Tasks that were done in [start, end).
{done_tasks}
  AND coalesce(t.date_done, t.date_closed) >= %(start)s::timestamptz
  AND coalesce(t.date_done, t.date_closed) < %(end)s::timestamptz

-- name: count_statuses
-- Tasks by status, those that can be worked on first: not deleted, and not archived with their place.
SELECT t.status, t.status_type, count(*) AS tasks,
    count(*) FILTER (WHERE t.is_open AND {is_late}) AS overdue
FROM {views}.tasks AS t
WHERE t.workspace_id = %(workspace_id)s AND NOT t.is_deleted AND NOT t.is_archived
{in_these_places}
{of_these_people}
GROUP BY t.status, t.status_type
ORDER BY array_position(ARRAY['open', 'custom', 'done', 'closed'], t.status_type), tasks DESC, t.status,
    t.status_type;

-- name: sum_progress
-- Tasks created, done, changed and deleted in [start, end), and those open now: by person, list or space (`by`).
WITH happened AS (
    SELECT t.clickup_task_id, t.list_id, t.space_id, 'created' AS what
    FROM {schema}.tasks AS t
{created_then}
{in_these_places}
{of_these_people}
    UNION ALL
    SELECT t.clickup_task_id, t.list_id, t.space_id, 'changed'
    FROM {schema}.tasks AS t
    WHERE t.workspace_id = %(workspace_id)s AND NOT t.is_deleted
      AND t.date_updated >= %(start)s::timestamptz AND t.date_updated < %(end)s::timestamptz
{in_these_places}
{of_these_people}
    UNION ALL
    SELECT t.clickup_task_id, t.list_id, t.space_id, 'done'
    FROM {schema}.tasks AS t
{done_then}
{in_these_places}
{of_these_people}
    UNION ALL
    SELECT t.clickup_task_id, t.list_id, t.space_id, 'deleted'
    FROM {schema}.tasks AS t
    WHERE t.workspace_id = %(workspace_id)s AND t.is_deleted
      AND t.deleted_at >= %(start)s::timestamptz AND t.deleted_at < %(end)s::timestamptz
{in_these_places}
{of_these_people}
    UNION ALL
    SELECT t.clickup_task_id, t.list_id, t.space_id, 'open'
{open_tasks}
{in_these_places}
{of_these_people}
), counted AS (
    SELECT t.what,
{grouped_by}
    FROM happened AS t
{their_assignees}
), g AS (
    SELECT id, count(*) FILTER (WHERE what = 'created') AS created, count(*) FILTER (WHERE what = 'done') AS done,
        count(*) FILTER (WHERE what = 'deleted') AS deleted,
        count(*) FILTER (WHERE what = 'changed') AS changed, count(*) FILTER (WHERE what = 'open') AS open_now
    FROM counted
    GROUP BY id
)
SELECT g.id, e.id AS employee_id, called.name, g.created, g.done, g.deleted, g.changed, g.open_now
FROM g
{named}
ORDER BY lower(called.name) NULLS LAST, g.id NULLS LAST;

-- name: count_created_and_done
-- How many tasks were created, and how many done, in [start, end).
SELECT (SELECT count(*) FROM {schema}.tasks AS t
{created_then}) AS created,
    (SELECT count(*) FROM {schema}.tasks AS t
{done_then}) AS done;

-- name: list_completed
-- Tasks that were done in [start, end), the latest first.
SELECT t.clickup_task_id, t.title, t.status, t.status_type, t.priority, t.assignee_name, t.employee_ids,
    t.space_id, t.space_name, t.folder_id, t.folder_name, t.list_id, t.list_name, t.url, t.due_date,
    coalesce(t.date_done, t.date_closed) AS done_at, t.date_created, t.date_updated, t.last_status_change,
    t.time_estimate_minutes, t.tracked_minutes, t.archived
FROM {schema}.tasks AS t
{done_then}
{in_these_places}
{of_these_people}
ORDER BY coalesce(t.date_done, t.date_closed) DESC, t.clickup_task_id DESC
LIMIT %(limit)s OFFSET %(offset)s;

-- name: count_completed
-- How many that are.
SELECT count(*) AS total
FROM {schema}.tasks AS t
{done_then}
{in_these_places}
{of_these_people};

-- name: sum_accuracy
-- How the tracked time of tasks that were done in [start, end) compares with what was estimated: by person, list
-- or space (`by`). Minutes are those of tasks that have both.
WITH finished AS (
    SELECT t.clickup_task_id, t.list_id, t.space_id, coalesce(t.time_estimate_minutes, 0) AS estimated,
        coalesce(t.tracked_minutes, 0) AS tracked
    FROM {schema}.tasks AS t
{done_then}
{in_these_places}
{of_these_people}
), compared AS (
    SELECT t.estimated, t.tracked, t.estimated > 0 AND t.tracked > 0 AS has_both,
{grouped_by}
    FROM finished AS t
{their_assignees}
), g AS (
    SELECT id, count(*) AS tasks,
        coalesce(sum(estimated) FILTER (WHERE has_both), 0)::bigint AS estimated_minutes,
        coalesce(sum(tracked) FILTER (WHERE has_both), 0)::bigint AS tracked_minutes,
        count(*) FILTER (WHERE has_both AND tracked::bigint * 100 > estimated::bigint * 120) AS over,
        count(*) FILTER (WHERE has_both AND tracked::bigint * 100 < estimated::bigint * 80) AS under,
        count(*) FILTER (WHERE has_both AND tracked::bigint * 100 BETWEEN estimated::bigint * 80
                                                                  AND estimated::bigint * 120) AS close,
        count(*) FILTER (WHERE estimated = 0) AS without_estimate,
        count(*) FILTER (WHERE estimated > 0 AND tracked = 0) AS without_time
    FROM compared
    GROUP BY id
)
SELECT g.id, e.id AS employee_id, called.name, g.tasks, g.estimated_minutes, g.tracked_minutes,
    g.tracked_minutes * 100 / nullif(g.estimated_minutes, 0) AS percent,
    g.over, g.under, g.close, g.without_estimate, g.without_time
FROM g
{named}
ORDER BY lower(called.name) NULLS LAST, g.id NULLS LAST;
