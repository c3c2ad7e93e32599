-- People as others ask for them.

-- part: members
-- The people of workspaces: one row for each workspace of a person, with what it says of them.
(
    SELECT e.id, m.workspace_id, m.clickup_user_id, e.name, e.email, m.role, m.is_active, m.left_at,
        m.unreadable_fields, e.created_at, greatest(e.updated_at, m.updated_at) AS updated_at
    FROM {schema}.memberships AS m
    JOIN {schema}.employees AS e USING (clickup_user_id)
)

-- name: list_employees
-- Everybody the workspace counts, or counted, among its people, by name.
SELECT id, workspace_id, clickup_user_id, name, email, role, is_active, left_at,
    EXISTS (SELECT FROM {schema}.refusals AS r
            WHERE r.workspace_id = e.workspace_id AND r.kind = 'person_time' AND r.object_id = e.clickup_user_id)
        AS is_time_hidden, created_at, updated_at
FROM {members} AS e
WHERE workspace_id = %(workspace_id)s AND (%(active)s::boolean IS NULL OR is_active = %(active)s)
ORDER BY lower(name), clickup_user_id;

-- name: find_people
-- People by `employees.id`, ClickUp's id or e-mail address; of who has none of these, no row.
SELECT asked.name AS asked, e.id AS employee_id, e.clickup_user_id, e.name
FROM unnest(%(names)s::text[]) AS asked (name)
JOIN {members} AS e ON e.workspace_id = %(workspace_id)s
    AND (e.clickup_user_id = asked.name OR e.id::text = lower(asked.name) OR lower(e.email) = lower(asked.name));

-- name: list_known_people
-- Everybody who appears in an answer, also who is not in `employees`: who is assigned to tasks, made or watches
-- them, has time, or should answer a comment. Each id is found in an index from the one before it.
WITH RECURSIVE of_tasks (id) AS (
    (SELECT clickup_user_id FROM {schema}.task_people ORDER BY clickup_user_id LIMIT 1)
    UNION ALL
    SELECT (SELECT p.clickup_user_id FROM {schema}.task_people AS p WHERE p.clickup_user_id > of_tasks.id
            ORDER BY p.clickup_user_id LIMIT 1)
    FROM of_tasks WHERE of_tasks.id IS NOT NULL
), of_time (id) AS (
    (SELECT clickup_user_id FROM {schema}.time_entries WHERE workspace_id = %(workspace_id)s
     ORDER BY clickup_user_id LIMIT 1)
    UNION ALL
    SELECT (SELECT e.clickup_user_id FROM {schema}.time_entries AS e
            WHERE e.workspace_id = %(workspace_id)s AND e.clickup_user_id > of_time.id
            ORDER BY e.clickup_user_id LIMIT 1)
    FROM of_time WHERE of_time.id IS NOT NULL
), named (clickup_user_id, name, email) AS (
    SELECT p.clickup_user_id, p.name, p.email
    FROM of_tasks
    CROSS JOIN LATERAL (SELECT * FROM {schema}.task_people
                        WHERE clickup_user_id = of_tasks.id AND workspace_id = %(workspace_id)s LIMIT 1) AS p
    UNION ALL
    SELECT e.clickup_user_id, e.user_name, NULL
    FROM of_time
    CROSS JOIN LATERAL (SELECT * FROM {schema}.time_entries
                        WHERE clickup_user_id = of_time.id AND workspace_id = %(workspace_id)s LIMIT 1) AS e
    UNION ALL
    SELECT assignee_id, assignee_name, NULL
    FROM {schema}.comments
    WHERE workspace_id = %(workspace_id)s AND is_waiting AND assignee_id IS NOT NULL
)
SELECT clickup_user_id, id AS employee_id, name, email, is_active
FROM {members} AS m
WHERE workspace_id = %(workspace_id)s
UNION ALL
(SELECT DISTINCT ON (n.clickup_user_id) n.clickup_user_id, e.id, coalesce(e.name, nullif(n.name, ''), n.clickup_user_id),
    coalesce(e.email, n.email), false
 FROM named AS n LEFT JOIN {schema}.employees AS e USING (clickup_user_id)
 WHERE NOT EXISTS (SELECT FROM {schema}.memberships AS m
                   WHERE m.workspace_id = %(workspace_id)s AND m.clickup_user_id = n.clickup_user_id)
 ORDER BY n.clickup_user_id, n.name IS NULL)
ORDER BY name, clickup_user_id;

-- name: list_comment_authors
-- Everybody who wrote a comment.
SELECT DISTINCT ON (author_id) author_id AS clickup_user_id, NULL::uuid AS employee_id,
    coalesce(nullif(author_name, ''), author_id) AS name, NULL AS email, false AS is_active
FROM {schema}.comments
WHERE workspace_id = %(workspace_id)s AND author_id IS NOT NULL
ORDER BY author_id, author_name IS NULL;
