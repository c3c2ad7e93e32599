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
-- ClickUp's ids of people who are named by `employees.id` or by ClickUp's id; of who is in no table, no row.
SELECT asked.name AS asked, found.clickup_user_id
FROM unnest(%(names)s::text[]) AS asked (name)
CROSS JOIN LATERAL (
    SELECT clickup_user_id FROM {schema}.memberships
    WHERE workspace_id = %(workspace_id)s
      AND (clickup_user_id = asked.name OR employee_id::text = lower(asked.name))
    UNION ALL
    (SELECT asked.name FROM {schema}.time_entries
     WHERE workspace_id = %(workspace_id)s AND clickup_user_id = asked.name LIMIT 1)
    UNION ALL
    (SELECT asked.name FROM {schema}.comments
     WHERE workspace_id = %(workspace_id)s AND assignee_id = asked.name AND is_waiting LIMIT 1)
    LIMIT 1
) AS found;
