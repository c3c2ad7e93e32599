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

-- name: upsert_employees
-- Members as the workspace lists them; somebody who returns is active again.
INSERT INTO {schema}.employees AS stored (workspace_id, clickup_user_id, name, email, role, unreadable_fields)
SELECT %(workspace_id)s, r.clickup_user_id, r.name, r.email, r.role, r.unreadable_fields
FROM jsonb_to_recordset(%(rows)s::jsonb)
    AS r (clickup_user_id text, name text, email text, role text, unreadable_fields jsonb)
ORDER BY r.clickup_user_id
ON CONFLICT (clickup_user_id) DO UPDATE SET
    name = excluded.name, email = excluded.email, role = excluded.role, is_active = true, left_at = NULL,
    workspace_id = excluded.workspace_id, unreadable_fields = excluded.unreadable_fields, updated_at = now()
WHERE (stored.workspace_id, stored.name, stored.email, stored.role, stored.unreadable_fields, stored.is_active)
    IS DISTINCT FROM
      (excluded.workspace_id, excluded.name, excluded.email, excluded.role, excluded.unreadable_fields, true)
RETURNING clickup_user_id;

-- name: mark_employees_left
-- A member who leaves vanishes from the list, which is not paged: absence there is proof.
UPDATE {schema}.employees
SET is_active = false, left_at = %(asked_at)s, updated_at = now()
WHERE workspace_id = %(workspace_id)s AND is_active AND clickup_user_id <> ALL(%(ids)s);

-- name: list_people_for_time
-- Members whose time can be asked for: all but those denied since `denied_since`.
SELECT clickup_user_id
FROM {schema}.employees
WHERE workspace_id = %(workspace_id)s AND is_active
  AND (time_denied_at IS NULL OR time_denied_at < %(denied_since)s)
ORDER BY clickup_user_id;

-- name: mark_time_denied
-- Members whose time the token may not see, and, by leaving them out, those whose it may.
UPDATE {schema}.employees
SET time_denied_at = CASE WHEN clickup_user_id = ANY(%(denied)s) THEN %(asked_at)s END
WHERE workspace_id = %(workspace_id)s AND clickup_user_id = ANY(%(asked)s)
  AND (time_denied_at IS NOT NULL OR clickup_user_id = ANY(%(denied)s));

-- name: list_hidden_time
-- Members whose time the token may not see.
SELECT name FROM {schema}.employees
WHERE workspace_id = %(workspace_id)s AND is_active AND time_denied_at IS NOT NULL
ORDER BY name;

-- name: count_unlisted_time
-- Time of people who are no members: it cannot be asked for by person.
SELECT count(DISTINCT t.clickup_user_id) AS people
FROM {schema}.time_entries AS t
LEFT JOIN {schema}.employees AS e ON e.clickup_user_id = t.clickup_user_id AND e.is_active
WHERE t.workspace_id = %(workspace_id)s AND t.clickup_user_id IS NOT NULL AND e.id IS NULL;

-- name: refresh_names_of_time_entries
-- Names of people whose entries are not read again, after they were renamed.
UPDATE {schema}.time_entries AS t
SET user_name = e.name, updated_at = now()
FROM {schema}.employees AS e
WHERE t.workspace_id = %(workspace_id)s AND e.clickup_user_id = t.clickup_user_id
  AND e.is_active AND t.user_name IS DISTINCT FROM e.name;

-- name: refresh_names_of_comments
-- Names of people in comments that are not read again, after they were renamed.
WITH named AS (
    SELECT c.clickup_comment_id, coalesce(author.name, c.author_name) AS author_name,
        coalesce(assignee.name, c.assignee_name) AS assignee_name,
        coalesce(assigner.name, c.assigned_by_name) AS assigned_by_name
    FROM {schema}.comments AS c
    LEFT JOIN {schema}.employees AS author ON author.clickup_user_id = c.author_id AND author.is_active
    LEFT JOIN {schema}.employees AS assignee ON assignee.clickup_user_id = c.assignee_id AND assignee.is_active
    LEFT JOIN {schema}.employees AS assigner ON assigner.clickup_user_id = c.assigned_by_id AND assigner.is_active
    WHERE c.workspace_id = %(workspace_id)s
)
UPDATE {schema}.comments AS c
SET author_name = named.author_name, assignee_name = named.assignee_name,
    assigned_by_name = named.assigned_by_name, updated_at = now()
FROM named
WHERE named.clickup_comment_id = c.clickup_comment_id
  AND (c.author_name, c.assignee_name, c.assigned_by_name)
    IS DISTINCT FROM (named.author_name, named.assignee_name, named.assigned_by_name);
