-- Who has how much to do.

-- name: sum_workload
-- Open tasks of everybody who is here, or is assigned to one, by name; at the end those that are unassigned. A task
-- with several assignees is counted for each of them. With `people` of these alone.
WITH open_task AS (
    SELECT t.clickup_task_id, t.due_date, t.priority, t.time_estimate_minutes, t.tracked_minutes
{open_tasks}
{in_these_places}
), load AS (
    SELECT t.clickup_user_id, max(t.name) AS name, count(*) AS open_tasks,
        count(*) FILTER (WHERE {is_late}) AS overdue,
        count(*) FILTER (WHERE t.due_date >= {today}
                         AND t.due_date <= {today} + %(days)s::integer) AS due_soon,
        count(*) FILTER (WHERE t.priority IN ('urgent', 'high')) AS urgent,
        count(*) FILTER (WHERE coalesce(t.time_estimate_minutes, 0) = 0) AS unestimated,
        coalesce(sum(t.time_estimate_minutes), 0)::bigint AS estimate_minutes,
        coalesce(sum(greatest(t.time_estimate_minutes - coalesce(t.tracked_minutes, 0), 0)), 0)::bigint
            AS remaining_minutes
    FROM (
        SELECT o.*, p.clickup_user_id, p.name
        FROM open_task AS o JOIN {schema}.task_people AS p USING (clickup_task_id)
        WHERE p.workspace_id = %(workspace_id)s AND p.relation = 'assignee'
          AND (%(people)s::text[] IS NULL OR p.clickup_user_id = ANY(%(people)s))
        UNION ALL
        SELECT t.clickup_task_id, t.due_date, t.priority, t.time_estimate_minutes, t.tracked_minutes, NULL, NULL
{open_tasks} AND t.is_unassigned AND %(people)s::text[] IS NULL
{in_these_places}
    ) AS t
    GROUP BY t.clickup_user_id
), waiting AS (
    SELECT c.assignee_id, count(*) AS comments
    FROM {schema}.comments AS c LEFT JOIN {schema}.tasks AS t USING (clickup_task_id)
    WHERE c.workspace_id = %(workspace_id)s AND c.is_waiting AND c.assignee_id IS NOT NULL
{of_no_deleted_task}
{in_these_places}
    GROUP BY c.assignee_id
), timer AS (
    SELECT e.clickup_user_id, count(*) AS running
    FROM {schema}.time_entries AS e LEFT JOIN {schema}.tasks AS t USING (clickup_task_id)
    WHERE e.workspace_id = %(workspace_id)s AND e.is_running AND t.is_deleted IS NOT TRUE
{in_these_places}
    GROUP BY e.clickup_user_id
), person AS (
    SELECT e.id AS employee_id, clickup_user_id, coalesce(e.name, l.name) AS name
    FROM (SELECT * FROM {members} AS m
          WHERE workspace_id = %(workspace_id)s AND (%(people)s::text[] IS NULL OR clickup_user_id = ANY(%(people)s))
         ) AS e
    FULL JOIN (SELECT * FROM load WHERE clickup_user_id IS NOT NULL) AS l USING (clickup_user_id)
    WHERE e.is_active OR l.open_tasks > 0 OR %(people)s::text[] IS NOT NULL
    UNION ALL
    SELECT NULL, NULL, NULL WHERE %(people)s::text[] IS NULL
)
SELECT p.employee_id, p.clickup_user_id, p.name, coalesce(l.open_tasks, 0) AS open_tasks,
    coalesce(l.overdue, 0) AS overdue, coalesce(l.due_soon, 0) AS due_soon, coalesce(l.urgent, 0) AS urgent,
    coalesce(l.unestimated, 0) AS unestimated, coalesce(l.estimate_minutes, 0) AS estimate_minutes,
    coalesce(l.remaining_minutes, 0) AS remaining_minutes, coalesce(w.comments, 0) AS waiting_comments,
    coalesce(r.running, 0) AS running_timers
FROM person AS p
LEFT JOIN load AS l ON l.clickup_user_id IS NOT DISTINCT FROM p.clickup_user_id
LEFT JOIN waiting AS w ON w.assignee_id = p.clickup_user_id
LEFT JOIN timer AS r ON r.clickup_user_id = p.clickup_user_id
ORDER BY p.clickup_user_id IS NULL, lower(p.name), p.clickup_user_id;
