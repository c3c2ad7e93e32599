-- Who has how much to do.

-- name: sum_workload
-- Open tasks of everybody who is here, by name, and at the end of those that nobody who is here is assigned to.
-- A task with several assignees is counted for each of them. With `people` of these alone.
WITH here AS (
    SELECT id AS employee_id, clickup_user_id, name
    FROM {members} AS m
    WHERE workspace_id = %(workspace_id)s AND is_active
      AND (%(people)s::text[] IS NULL OR clickup_user_id = ANY(%(people)s))
), open_task AS (
    SELECT t.clickup_task_id, t.due_date, t.priority, t.time_estimate_minutes, t.tracked_minutes
    FROM {schema}.tasks AS t
{open_tasks}
{in_these_places}
), held AS (
    SELECT p.clickup_task_id, h.employee_id
    FROM {schema}.task_people AS p JOIN here AS h USING (clickup_user_id)
    WHERE p.workspace_id = %(workspace_id)s AND p.relation = 'assignee'
), load AS (
    SELECT h.employee_id, count(*) AS open_tasks,
        count(*) FILTER (WHERE t.due_date < %(today)s::date) AS overdue,
        count(*) FILTER (WHERE t.due_date >= %(today)s::date
                         AND t.due_date <= %(today)s::date + %(days)s::integer) AS due_soon,
        count(*) FILTER (WHERE t.priority IN ('urgent', 'high')) AS urgent,
        count(*) FILTER (WHERE coalesce(t.time_estimate_minutes, 0) = 0) AS unestimated,
        coalesce(sum(t.time_estimate_minutes), 0)::bigint AS estimate_minutes,
        coalesce(sum(greatest(t.time_estimate_minutes - coalesce(t.tracked_minutes, 0), 0)), 0)::bigint
            AS remaining_minutes
    FROM open_task AS t LEFT JOIN held AS h USING (clickup_task_id)
    WHERE %(people)s::text[] IS NULL OR h.employee_id IS NOT NULL
    GROUP BY h.employee_id
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
    SELECT employee_id, clickup_user_id, name FROM here
    UNION ALL
    SELECT NULL, NULL, NULL WHERE %(people)s::text[] IS NULL
)
SELECT p.employee_id, p.clickup_user_id, p.name, coalesce(l.open_tasks, 0) AS open_tasks,
    coalesce(l.overdue, 0) AS overdue, coalesce(l.due_soon, 0) AS due_soon, coalesce(l.urgent, 0) AS urgent,
    coalesce(l.unestimated, 0) AS unestimated, coalesce(l.estimate_minutes, 0) AS estimate_minutes,
    coalesce(l.remaining_minutes, 0) AS remaining_minutes, coalesce(w.comments, 0) AS waiting_comments,
    coalesce(r.running, 0) AS running_timers
FROM person AS p
LEFT JOIN load AS l ON l.employee_id IS NOT DISTINCT FROM p.employee_id
LEFT JOIN waiting AS w ON w.assignee_id = p.clickup_user_id
LEFT JOIN timer AS r ON r.clickup_user_id = p.clickup_user_id
ORDER BY p.employee_id IS NULL, lower(p.name), p.clickup_user_id;
