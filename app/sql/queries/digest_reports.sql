-- A day of each person.

-- part: told_of_a_task
-- What is told of a task in a list of several people's.
    t.clickup_task_id, t.title, t.status, t.status_type, t.priority, t.url, t.due_date, t.list_id, t.list_name,
    t.folder_id, t.folder_name, t.space_id, t.space_name

-- name: list_done_by_person
-- Tasks that were done in [start, end), for each of their assignees, in the order in which they were done.
SELECT p.clickup_user_id, e.id AS employee_id, coalesce(e.name, p.name) AS person_name,
{told_of_a_task}, coalesce(t.date_done, t.date_closed) AS done_at
FROM {schema}.tasks AS t
JOIN {schema}.task_people AS p ON p.clickup_task_id = t.clickup_task_id AND p.relation = 'assignee'
LEFT JOIN {members} AS e ON e.workspace_id = %(workspace_id)s AND e.clickup_user_id = p.clickup_user_id
{done_tasks}
  AND coalesce(t.date_done, t.date_closed) >= %(start)s::timestamptz
  AND coalesce(t.date_done, t.date_closed) < %(end)s::timestamptz
  AND (%(people)s::text[] IS NULL OR p.clickup_user_id = ANY(%(people)s))
ORDER BY done_at, t.clickup_task_id;

-- name: list_due_by_person
-- Open tasks that are due on a day, for each of their assignees, the most urgent first.
SELECT p.clickup_user_id, e.id AS employee_id, coalesce(e.name, p.name) AS person_name,
{told_of_a_task}
FROM {views}.tasks AS t
JOIN {schema}.task_people AS p ON p.clickup_task_id = t.clickup_task_id AND p.relation = 'assignee'
LEFT JOIN {members} AS e ON e.workspace_id = %(workspace_id)s AND e.clickup_user_id = p.clickup_user_id
WHERE t.workspace_id = %(workspace_id)s AND t.is_open
  AND t.due_date = %(day)s::date
  AND (%(people)s::text[] IS NULL OR p.clickup_user_id = ANY(%(people)s))
ORDER BY array_position(ARRAY['urgent', 'high', 'normal', 'low'], t.priority), t.clickup_task_id;

-- name: list_worked_by_person
-- Milliseconds of finished time in [start, end) by person and task, the most first; and of each timer that runs,
-- up to `now`. Time is cut at the bounds. Deleted tasks do not count.
SELECT w.clickup_user_id, p.id AS employee_id, coalesce(p.name, w.user_name) AS person_name, w.is_running,
    w.started_at, w.milliseconds,
{told_of_a_task}
FROM (
    SELECT e.clickup_user_id, max(e.user_name) AS user_name, e.clickup_task_id, e.is_running,
        CASE WHEN e.is_running THEN e.started_at END AS started_at,
        sum(greatest(0, (extract(epoch FROM least(
                CASE WHEN e.is_running THEN %(now)s::timestamptz
                    ELSE e.started_at + coalesce(e.duration_ms, 0) * interval '1 millisecond' END,
                %(end)s::timestamptz)
            - greatest(e.started_at, %(start)s::timestamptz)) * 1000)::bigint))::bigint AS milliseconds
    FROM (SELECT false AS began_earlier, * FROM {schema}.time_entries UNION ALL SELECT true, * FROM {schema}.time_entries) AS e
{time_within_days}
      AND (NOT e.is_running OR %(now)s::timestamptz >= %(start)s::timestamptz)
    GROUP BY e.clickup_user_id, e.clickup_task_id, e.is_running, CASE WHEN e.is_running THEN e.started_at END
) AS w
LEFT JOIN {schema}.tasks AS t USING (clickup_task_id)
LEFT JOIN {members} AS p ON p.workspace_id = %(workspace_id)s AND p.clickup_user_id = w.clickup_user_id
WHERE t.is_deleted IS NOT TRUE AND (%(people)s::text[] IS NULL OR w.clickup_user_id = ANY(%(people)s))
ORDER BY w.milliseconds DESC, w.clickup_task_id, w.started_at;

-- name: count_waiting_by_person
-- Comments and replies that wait, by the person who should answer.
SELECT c.assignee_id AS clickup_user_id, p.id AS employee_id, coalesce(p.name, max(c.assignee_name)) AS person_name,
    count(*) AS waiting_comments
FROM {schema}.comments AS c
LEFT JOIN {members} AS p ON p.workspace_id = c.workspace_id AND p.clickup_user_id = c.assignee_id
WHERE c.workspace_id = %(workspace_id)s AND c.is_waiting AND c.assignee_id IS NOT NULL
{of_no_deleted_task}
  AND (%(people)s::text[] IS NULL OR c.assignee_id = ANY(%(people)s))
GROUP BY c.assignee_id, p.id, p.name
ORDER BY c.assignee_id;
