-- The workspace and its people.

-- name: upsert_workspace
-- What the token's answers say about the workspace itself; a plan that is not told stays as it was.
INSERT INTO {schema}.workspaces AS stored (
    workspace_id, name, color, avatar, plan_name, members_count, token_user_id, token_user_name, token_role,
    owner_time_zone
)
VALUES (
    %(workspace_id)s, %(name)s, %(color)s, %(avatar)s, %(plan_name)s, %(members_count)s, %(token_user_id)s,
    %(token_user_name)s, %(token_role)s, %(owner_time_zone)s
)
ON CONFLICT (workspace_id) DO UPDATE SET
    name = excluded.name, color = excluded.color, avatar = excluded.avatar,
    plan_name = coalesce(excluded.plan_name, stored.plan_name),
    members_count = excluded.members_count, token_user_id = excluded.token_user_id,
    token_user_name = excluded.token_user_name, token_role = excluded.token_role,
    owner_time_zone = excluded.owner_time_zone, updated_at = now()
WHERE (stored.name, stored.color, stored.avatar, stored.plan_name, stored.members_count,
       stored.token_user_id, stored.token_user_name, stored.token_role, stored.owner_time_zone)
    IS DISTINCT FROM
      (excluded.name, excluded.color, excluded.avatar, coalesce(excluded.plan_name, stored.plan_name),
       excluded.members_count, excluded.token_user_id, excluded.token_user_name, excluded.token_role,
       excluded.owner_time_zone);

-- name: list_visible_plans
-- The plans of the workspaces that the token can see, as far as they are known.
SELECT visible_id, plan_name FROM {schema}.visible_workspaces WHERE workspace_id = %(workspace_id)s;

-- name: upsert_visible_workspaces
-- The workspaces that the token can see, by what its answer says of them; a plan that is not told stays.
INSERT INTO {schema}.visible_workspaces AS stored (
    workspace_id, visible_id, name, color, avatar, plan_name, members_count
)
SELECT %(workspace_id)s, r.visible_id, r.name, r.color, r.avatar,
    coalesce(r.plan_name, (SELECT w.plan_name FROM {schema}.workspaces AS w WHERE w.workspace_id = r.visible_id)),
    r.members_count
FROM jsonb_to_recordset(%(rows)s::jsonb)
    AS r (visible_id text, name text, color text, avatar text, plan_name text, members_count integer)
ON CONFLICT (workspace_id, visible_id) DO UPDATE SET
    name = excluded.name, color = excluded.color, avatar = excluded.avatar,
    plan_name = coalesce(excluded.plan_name, stored.plan_name), members_count = excluded.members_count,
    updated_at = now()
WHERE (stored.name, stored.color, stored.avatar, stored.plan_name, stored.members_count)
    IS DISTINCT FROM (excluded.name, excluded.color, excluded.avatar,
                      coalesce(excluded.plan_name, stored.plan_name), excluded.members_count);

-- name: delete_hidden_workspaces
-- What the token cannot see any more: its list is not paged, so absence there is proof.
DELETE FROM {schema}.visible_workspaces WHERE workspace_id = %(workspace_id)s AND visible_id <> ALL(%(ids)s);

-- name: get_workspace
-- One workspace as the mirror knows it.
SELECT workspace_id, name, token_user_id, token_user_name, token_role, owner_time_zone, rendered_zone,
    task_types
FROM {schema}.workspaces
WHERE workspace_id = %(workspace_id)s;

-- name: set_task_types
-- Names of the workspace's own task types, by id.
UPDATE {schema}.workspaces SET task_types = %(types)s::jsonb, updated_at = now()
WHERE workspace_id = %(workspace_id)s AND task_types <> %(types)s::jsonb;

-- name: set_rendered_zone
-- The zone in which the session columns are written.
UPDATE {schema}.workspaces SET rendered_zone = %(zone)s
WHERE workspace_id = %(workspace_id)s AND rendered_zone IS DISTINCT FROM %(zone)s;

-- name: lock_people
-- Locks everybody of the workspace and of its list in one order: of two workspaces that share people one waits.
SELECT clickup_user_id FROM {schema}.employees
WHERE clickup_user_id = ANY(%(ids)s)
   OR clickup_user_id IN (SELECT clickup_user_id FROM {schema}.memberships WHERE workspace_id = %(workspace_id)s)
ORDER BY clickup_user_id FOR UPDATE;

-- name: upsert_employees
-- People as a workspace lists them: one row each, whatever workspaces they are in.
INSERT INTO {schema}.employees AS stored (workspace_id, clickup_user_id, name, email, role, unreadable_fields)
SELECT %(workspace_id)s, r.clickup_user_id, r.name, r.email, r.role, r.unreadable_fields
FROM jsonb_to_recordset(%(rows)s::jsonb)
    AS r (clickup_user_id text, name text, email text, role text, unreadable_fields jsonb)
ORDER BY r.clickup_user_id
ON CONFLICT (clickup_user_id) DO UPDATE SET
    name = excluded.name, email = excluded.email, updated_at = now()
WHERE (stored.name, stored.email) IS DISTINCT FROM (excluded.name, excluded.email)
RETURNING clickup_user_id;

-- name: upsert_memberships
-- Members as the workspace lists them; somebody who returns is active again. The time zone is told of the token's
-- owner alone, with the workspace.
INSERT INTO {schema}.memberships AS stored (
    workspace_id, employee_id, clickup_user_id, role, time_zone, unreadable_fields
)
SELECT %(workspace_id)s, e.id, r.clickup_user_id, r.role, w.owner_time_zone, r.unreadable_fields
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (clickup_user_id text, role text, unreadable_fields jsonb)
JOIN {schema}.employees AS e USING (clickup_user_id)
LEFT JOIN {schema}.workspaces AS w ON w.workspace_id = %(workspace_id)s AND w.token_user_id = r.clickup_user_id
ORDER BY r.clickup_user_id
ON CONFLICT (workspace_id, clickup_user_id) DO UPDATE SET
    employee_id = excluded.employee_id, role = excluded.role, is_active = true, left_at = NULL,
    time_zone = coalesce(excluded.time_zone, stored.time_zone), unreadable_fields = excluded.unreadable_fields,
    updated_at = now()
WHERE (stored.employee_id, stored.role, stored.time_zone, stored.unreadable_fields, stored.is_active)
    IS DISTINCT FROM (excluded.employee_id, excluded.role, coalesce(excluded.time_zone, stored.time_zone),
                      excluded.unreadable_fields, true)
RETURNING clickup_user_id;

-- name: mark_members_left
-- A member who leaves vanishes from the list, which is not paged: absence there is proof.
UPDATE {schema}.memberships
SET is_active = false, left_at = %(asked_at)s, updated_at = now()
WHERE workspace_id = %(workspace_id)s AND is_active AND clickup_user_id <> ALL(%(ids)s);

-- name: refresh_employees
-- What a person's row says of memberships: here is who is in any workspace; workspace and role are those of the
-- active membership with the smallest id, so that the order of syncs changes nothing.
UPDATE {schema}.employees AS e
SET workspace_id = chosen.workspace_id, role = chosen.role, unreadable_fields = chosen.unreadable_fields,
    is_active = chosen.is_active_anywhere, left_at = chosen.left_everywhere_at, updated_at = now()
FROM (
    SELECT DISTINCT ON (m.clickup_user_id) m.clickup_user_id, m.workspace_id, m.role, m.unreadable_fields,
        bool_or(m.is_active) OVER person AS is_active_anywhere,
        CASE WHEN NOT bool_or(m.is_active) OVER person THEN max(m.left_at) OVER person END AS left_everywhere_at
    FROM {schema}.memberships AS m
    WHERE m.clickup_user_id IN (
        SELECT clickup_user_id FROM {schema}.memberships WHERE workspace_id = %(workspace_id)s
        UNION ALL SELECT clickup_user_id FROM {schema}.employees WHERE workspace_id = %(workspace_id)s
    )
    WINDOW person AS (PARTITION BY m.clickup_user_id)
    ORDER BY m.clickup_user_id, m.is_active DESC, m.workspace_id COLLATE "C"
) AS chosen
WHERE e.clickup_user_id = chosen.clickup_user_id
  AND (e.workspace_id, e.role, e.unreadable_fields, e.is_active, e.left_at)
    IS DISTINCT FROM (chosen.workspace_id, chosen.role, chosen.unreadable_fields, chosen.is_active_anywhere,
                      chosen.left_everywhere_at);

-- name: delete_people_without_membership
-- People of an erased workspace who are in no other one.
DELETE FROM {schema}.employees AS e
WHERE e.workspace_id = %(workspace_id)s
  AND NOT EXISTS (SELECT FROM {schema}.memberships AS m WHERE m.clickup_user_id = e.clickup_user_id);

-- name: settle_person_versions
-- Versions of people that an erased workspace had: they stay with who is in another one, whose name they tell.
WITH kept AS (
    UPDATE {schema}.employee_versions AS v
    SET workspace_id = e.workspace_id,
        role = CASE WHEN v.valid_to = 'infinity' THEN e.role ELSE v.role END,
        is_active = CASE WHEN v.valid_to = 'infinity' THEN e.is_active ELSE v.is_active END,
        left_at = CASE WHEN v.valid_to = 'infinity' THEN e.left_at ELSE v.left_at END
    FROM {schema}.employees AS e
    WHERE e.clickup_user_id = v.clickup_user_id AND v.workspace_id = %(workspace_id)s
)
DELETE FROM {schema}.employee_versions AS v
WHERE v.workspace_id = %(workspace_id)s
  AND NOT EXISTS (SELECT FROM {schema}.employees AS e WHERE e.clickup_user_id = v.clickup_user_id);

-- name: list_people_for_time
-- Members whose time can be asked for: all but those who are refused, until their next try.
SELECT clickup_user_id
FROM {schema}.memberships AS e
WHERE workspace_id = %(workspace_id)s AND is_active
  AND NOT EXISTS (SELECT FROM {schema}.refusals AS refused
                  WHERE refused.workspace_id = e.workspace_id AND refused.kind = 'person_time'
                    AND refused.object_id = e.clickup_user_id AND refused.retry_at > now())
ORDER BY clickup_user_id;

-- name: list_hidden_time
-- Members whose time the token may not see.
SELECT e.name, r.reason
FROM {members} AS e
JOIN {schema}.refusals AS r
    ON r.workspace_id = e.workspace_id AND r.kind = 'person_time' AND r.object_id = e.clickup_user_id
WHERE e.workspace_id = %(workspace_id)s AND e.is_active
ORDER BY e.name;

-- name: count_unlisted_time
-- Time of people who are no members: it cannot be asked for by person.
SELECT count(DISTINCT t.clickup_user_id) AS people
FROM {schema}.time_entries AS t
LEFT JOIN {schema}.memberships AS m
    ON m.workspace_id = t.workspace_id AND m.clickup_user_id = t.clickup_user_id AND m.is_active
WHERE t.workspace_id = %(workspace_id)s AND t.clickup_user_id IS NOT NULL AND m.workspace_id IS NULL;

-- name: refresh_names_of_time_entries
-- Names of people whose entries are not read again, after they were renamed.
UPDATE {schema}.time_entries AS t
SET user_name = e.name, updated_at = now()
FROM {members} AS e
WHERE t.workspace_id = %(workspace_id)s AND e.workspace_id = t.workspace_id
  AND e.clickup_user_id = t.clickup_user_id AND e.is_active AND t.user_name IS DISTINCT FROM e.name;

-- name: refresh_names_of_comments
-- Names of people in comments that are not read again, after they were renamed.
WITH named AS (
    SELECT c.clickup_comment_id, coalesce(author.name, c.author_name) AS author_name,
        coalesce(assignee.name, c.assignee_name) AS assignee_name,
        coalesce(assigner.name, c.assigned_by_name) AS assigned_by_name
    FROM {schema}.comments AS c
    LEFT JOIN {members} AS author
        ON author.workspace_id = c.workspace_id AND author.clickup_user_id = c.author_id AND author.is_active
    LEFT JOIN {members} AS assignee
        ON assignee.workspace_id = c.workspace_id AND assignee.clickup_user_id = c.assignee_id AND assignee.is_active
    LEFT JOIN {members} AS assigner
        ON assigner.workspace_id = c.workspace_id AND assigner.clickup_user_id = c.assigned_by_id AND assigner.is_active
    WHERE c.workspace_id = %(workspace_id)s
)
UPDATE {schema}.comments AS c
SET author_name = named.author_name, assignee_name = named.assignee_name,
    assigned_by_name = named.assigned_by_name, updated_at = now()
FROM named
WHERE named.clickup_comment_id = c.clickup_comment_id
  AND (c.author_name, c.assignee_name, c.assigned_by_name)
    IS DISTINCT FROM (named.author_name, named.assignee_name, named.assigned_by_name);
