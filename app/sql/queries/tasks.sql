-- Tasks: probed, written, proved deleted, and what is derived for them.
-- `rows` is a JSON array; it is unpacked by column name.

-- name: list_stored_tasks
-- What the mirror knows of the tasks on one page.
SELECT t.clickup_task_id, t.fingerprint, t.date_updated, t.is_deleted, reads.payload
FROM {schema}.tasks AS t
LEFT JOIN {schema}.task_reads AS reads USING (clickup_task_id)
WHERE t.clickup_task_id = ANY(%(ids)s);

-- name: note_payloads
-- Remembers the payloads of tasks whose stored rows are what these payloads say.
UPDATE {schema}.task_reads AS reads
SET payload = read.fingerprint || ':' || read.digest
FROM jsonb_to_recordset(%(rows)s) AS read (task_id text, fingerprint text, digest text)
JOIN {schema}.tasks AS t ON t.clickup_task_id = read.task_id AND t.fingerprint = read.fingerprint
WHERE reads.clickup_task_id = read.task_id
  AND reads.payload IS DISTINCT FROM read.fingerprint || ':' || read.digest;

-- name: list_missing_tasks
-- Live tasks that a full pass did not see, those apart that are refused, until their next try.
SELECT t.clickup_task_id, t.list_id, t.list_name
FROM {schema}.tasks AS t
WHERE t.workspace_id = %(workspace_id)s AND NOT t.is_deleted AND t.created_at < %(before)s
  AND NOT
{task_is_refused}
  AND NOT EXISTS (SELECT FROM unnest(%(seen)s::text[]) AS s (task_id) WHERE s.task_id = t.clickup_task_id)
ORDER BY t.clickup_task_id;

-- name: list_orphaned_tasks
-- Live tasks whose list is gone, those apart that are refused, until their next try.
SELECT t.clickup_task_id
FROM {schema}.tasks AS t
JOIN {schema}.lists AS l USING (list_id)
WHERE t.workspace_id = %(workspace_id)s AND NOT t.is_deleted AND l.is_deleted
  AND NOT
{task_is_refused}
ORDER BY t.clickup_task_id;

-- name: refresh_places_of_tasks
-- Names and places above, where a list, a folder or a space among `ids` was renamed or moved. The row is
-- no longer what its fingerprint says: the next listing writes it, whatever it shows.
UPDATE {schema}.tasks AS t
SET list_name = l.name, folder_id = l.folder_id, folder_name = f.name, space_id = l.space_id,
    space_name = s.name, fingerprint = '', updated_at = now()
FROM {schema}.lists AS l
JOIN {schema}.spaces AS s USING (space_id)
LEFT JOIN {schema}.folders AS f USING (folder_id)
WHERE t.workspace_id = %(workspace_id)s AND t.list_id = l.list_id AND NOT t.is_deleted AND NOT l.is_deleted
  AND (l.list_id = ANY(%(ids)s) OR l.folder_id = ANY(%(ids)s) OR l.space_id = ANY(%(ids)s))
  AND (l.folder_id IS NULL OR f.folder_id IS NOT NULL)
  AND (t.list_name, t.folder_id, t.folder_name, t.space_id, t.space_name)
    IS DISTINCT FROM (l.name, l.folder_id, f.name, l.space_id, s.name);

-- name: list_stretch_boundaries
-- The change stamps that cut the listed tasks into stretches of `stretch_rows` rows.
SELECT date_updated
FROM (
    SELECT date_updated, row_number() OVER (ORDER BY date_updated, clickup_task_id) AS position
    FROM {schema}.tasks
    WHERE workspace_id = %(workspace_id)s AND NOT is_deleted AND NOT archived AND date_updated IS NOT NULL
) AS listed
WHERE position %% %(stretch_rows)s = 0
ORDER BY date_updated;

-- name: count_live_tasks
-- How many tasks are alive, how many of them a listing should show, and when the first was made.
SELECT count(*) AS total, count(*) FILTER (WHERE NOT archived) AS listed, min(date_created) AS oldest
FROM {schema}.tasks
WHERE workspace_id = %(workspace_id)s AND NOT is_deleted;

-- name: upsert_tasks
-- The promise: a row never goes back in time, a deletion mark is removed, and a status change is dated.
-- The stored row wins when it was changed later in ClickUp, or equally late but asked for later; a
-- deletion mark gives way only to what was asked for after it.
-- A row that says it is the same (its fingerprint) is written where it is not: another program changed it. With
-- `is_own_answer`, ClickUp's answer for the task itself, a stored row has no right to be changed later.
INSERT INTO {schema}.tasks AS stored (
    workspace_id, clickup_task_id, title, description, type, status, status_type, priority, tags, summary,
    sprint_points, points, assignee_name, assignee_ids, group_assignees, assigned_by, followers,
    space_id, space_name, folder_id, folder_name, list_id, list_name,
    date_created, date_updated, date_done, date_closed, last_status_change, start_date, due_date, start_at,
    due_at, time_estimate_minutes, time_spent_ms, archived, is_recurring, dependencies, custom_id, parent,
    top_level_parent, url, custom_fields, locations, unreadable_fields, fingerprint, read_at, employee_id,
    employee_ids
)
SELECT
    %(workspace_id)s, r.clickup_task_id, r.title, r.description, r.type, r.status, r.status_type, r.priority,
    r.tags, r.summary, r.sprint_points, r.points, r.assignee_name, r.assignee_ids, r.group_assignees,
    r.assigned_by, r.followers, r.space_id, r.space_name, r.folder_id, r.folder_name, r.list_id, r.list_name,
    r.date_created, r.date_updated, r.date_done, r.date_closed,
    coalesce(r.date_closed, r.date_done, r.date_created), r.start_date, r.due_date, r.start_at, r.due_at,
    r.time_estimate_minutes, r.time_spent_ms, r.archived, r.is_recurring, r.dependencies, r.custom_id,
    r.parent, r.top_level_parent, r.url, r.custom_fields, r.locations, r.unreadable_fields, r.fingerprint,
    %(asked_at)s,
    assigned.ids[1], coalesce(assigned.ids, '{}')
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
    clickup_task_id text, title text, description text, type text, status text, status_type text,
    priority text, tags text[], summary text, sprint_points numeric, points text, assignee_name text,
    assignee_ids text, group_assignees text[], assigned_by text, followers text[], space_id text,
    space_name text, folder_id text, folder_name text, list_id text, list_name text,
    date_created timestamptz, date_updated timestamptz, date_done timestamptz, date_closed timestamptz,
    start_date date, due_date date, start_at timestamptz, due_at timestamptz, time_estimate_minutes integer,
    time_spent_ms bigint, archived boolean, is_recurring boolean, dependencies jsonb, custom_id text,
    parent text, top_level_parent text, url text, custom_fields jsonb, locations jsonb,
    unreadable_fields jsonb, fingerprint text
)
CROSS JOIN LATERAL (
    SELECT array_agg(m.employee_id ORDER BY a.position) AS ids
    FROM unnest(string_to_array(r.assignee_ids, ',')) WITH ORDINALITY AS a (user_id, position)
    JOIN {schema}.memberships AS m ON m.workspace_id = %(workspace_id)s AND m.clickup_user_id = a.user_id
) AS assigned
ORDER BY r.clickup_task_id
ON CONFLICT (clickup_task_id) DO UPDATE SET
    workspace_id = excluded.workspace_id,
    title = excluded.title,
    description = excluded.description,
    type = excluded.type,
    status = excluded.status,
    status_type = excluded.status_type,
    priority = excluded.priority,
    tags = excluded.tags,
    summary = excluded.summary,
    sprint_points = excluded.sprint_points,
    points = excluded.points,
    assignee_name = excluded.assignee_name,
    assignee_ids = excluded.assignee_ids,
    employee_id = excluded.employee_id,
    employee_ids = excluded.employee_ids,
    group_assignees = excluded.group_assignees,
    assigned_by = excluded.assigned_by,
    followers = excluded.followers,
    space_id = excluded.space_id,
    space_name = excluded.space_name,
    folder_id = excluded.folder_id,
    folder_name = excluded.folder_name,
    list_id = excluded.list_id,
    list_name = excluded.list_name,
    date_created = excluded.date_created,
    date_updated = excluded.date_updated,
    date_done = excluded.date_done,
    date_closed = excluded.date_closed,
    last_status_change = CASE
        WHEN stored.status IS DISTINCT FROM excluded.status AND stored.fingerprint <> excluded.fingerprint
            THEN excluded.date_updated
        ELSE stored.last_status_change
    END,
    start_date = excluded.start_date,
    due_date = excluded.due_date,
    start_at = excluded.start_at,
    due_at = excluded.due_at,
    time_estimate_minutes = excluded.time_estimate_minutes,
    -- What is proved of the task's entries hangs on this total: an unreadable one leaves the known one.
    time_spent_ms = CASE WHEN excluded.unreadable_fields ? 'time_spent' THEN stored.time_spent_ms
        ELSE excluded.time_spent_ms END,
    archived = excluded.archived,
    is_recurring = excluded.is_recurring,
    dependencies = excluded.dependencies,
    custom_id = excluded.custom_id,
    parent = excluded.parent,
    top_level_parent = excluded.top_level_parent,
    url = excluded.url,
    custom_fields = excluded.custom_fields,
    locations = excluded.locations,
    unreadable_fields = excluded.unreadable_fields,
    fingerprint = excluded.fingerprint,
    read_at = excluded.read_at,
    is_deleted = false,
    deleted_at = NULL,
    updated_at = now()
WHERE CASE
    WHEN NOT stored.is_deleted AND excluded.date_updated <> stored.date_updated
        AND excluded.fingerprint <> stored.fingerprint AND NOT %(is_own_answer)s
        THEN excluded.date_updated > stored.date_updated
    ELSE excluded.read_at >= stored.read_at
END
AND (stored.fingerprint <> excluded.fingerprint
     OR (stored.workspace_id, stored.title, stored.description, stored.type, stored.status,
           stored.status_type, stored.priority, stored.tags, stored.summary, stored.sprint_points,
           stored.points, stored.assignee_name, stored.assignee_ids, stored.employee_id,
           stored.employee_ids, stored.group_assignees, stored.assigned_by, stored.followers,
           stored.space_id, stored.space_name, stored.folder_id, stored.folder_name, stored.list_id,
           stored.list_name, stored.date_created, stored.date_updated, stored.date_done,
           stored.date_closed, stored.start_date, stored.due_date, stored.start_at, stored.due_at,
           stored.time_estimate_minutes, stored.time_spent_ms, stored.archived, stored.is_recurring,
           stored.dependencies, stored.custom_id, stored.parent, stored.top_level_parent,
           stored.url, stored.custom_fields, stored.locations, stored.unreadable_fields, stored.is_deleted)
       IS DISTINCT FROM
        (excluded.workspace_id, excluded.title, excluded.description, excluded.type,
           excluded.status, excluded.status_type, excluded.priority, excluded.tags,
           excluded.summary, excluded.sprint_points, excluded.points, excluded.assignee_name,
           excluded.assignee_ids, excluded.employee_id, excluded.employee_ids,
           excluded.group_assignees, excluded.assigned_by, excluded.followers, excluded.space_id,
           excluded.space_name, excluded.folder_id, excluded.folder_name, excluded.list_id,
           excluded.list_name, excluded.date_created, excluded.date_updated, excluded.date_done,
           excluded.date_closed, excluded.start_date, excluded.due_date, excluded.start_at,
           excluded.due_at, excluded.time_estimate_minutes,
           CASE WHEN excluded.unreadable_fields ? 'time_spent' THEN stored.time_spent_ms
               ELSE excluded.time_spent_ms END,
           excluded.archived, excluded.is_recurring, excluded.dependencies, excluded.custom_id,
           excluded.parent, excluded.top_level_parent, excluded.url, excluded.custom_fields,
           excluded.locations, excluded.unreadable_fields, false))
RETURNING clickup_task_id;

-- name: delete_task_people
-- Parts in a task that nobody has any more.
DELETE FROM {schema}.task_people AS stored
WHERE stored.clickup_task_id = ANY(%(ids)s)
  AND NOT EXISTS (
    SELECT FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (clickup_task_id text, people jsonb)
    CROSS JOIN jsonb_to_recordset(r.people) AS p (clickup_user_id text, relation text)
    WHERE r.clickup_task_id = stored.clickup_task_id
      AND p.clickup_user_id = stored.clickup_user_id AND p.relation = stored.relation
);

-- name: upsert_task_people
-- Who has which part in the tasks just written.
INSERT INTO {schema}.task_people AS stored
    (workspace_id, clickup_task_id, relation, clickup_user_id, position, name, email)
SELECT %(workspace_id)s, r.clickup_task_id, p.relation, p.clickup_user_id, p.position, p.name, p.email
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (clickup_task_id text, people jsonb)
CROSS JOIN jsonb_to_recordset(r.people)
    AS p (clickup_user_id text, relation text, position integer, name text, email text)
WHERE r.clickup_task_id = ANY(%(ids)s)
ON CONFLICT (clickup_task_id, relation, clickup_user_id) DO UPDATE SET
    workspace_id = excluded.workspace_id, position = excluded.position, name = excluded.name,
    email = excluded.email
WHERE (stored.workspace_id, stored.position, stored.name, stored.email)
    IS DISTINCT FROM (excluded.workspace_id, excluded.position, excluded.name, excluded.email);

-- name: delete_task_tags
-- Tags that were taken off.
DELETE FROM {schema}.task_tags AS stored
WHERE stored.clickup_task_id = ANY(%(ids)s)
  AND NOT EXISTS (
    SELECT FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (clickup_task_id text, tags text[])
    WHERE r.clickup_task_id = stored.clickup_task_id AND stored.tag = ANY(r.tags)
);

-- name: insert_task_tags
-- Tags of the tasks just written.
INSERT INTO {schema}.task_tags (workspace_id, clickup_task_id, tag)
SELECT %(workspace_id)s, r.clickup_task_id, t.tag
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (clickup_task_id text, tags text[])
CROSS JOIN unnest(r.tags) AS t (tag)
WHERE r.clickup_task_id = ANY(%(ids)s)
ON CONFLICT DO NOTHING;

-- name: delete_task_dependencies
-- Relations that were dissolved.
DELETE FROM {schema}.task_dependencies AS stored
WHERE stored.clickup_task_id = ANY(%(ids)s)
  AND NOT EXISTS (
    SELECT FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (clickup_task_id text, dependencies jsonb)
    WHERE r.clickup_task_id = stored.clickup_task_id
      AND r.dependencies -> stored.relation ? stored.other_task_id
);

-- name: insert_task_dependencies
-- Relations of the tasks just written, as each task shows them.
INSERT INTO {schema}.task_dependencies (workspace_id, clickup_task_id, relation, other_task_id)
SELECT %(workspace_id)s, r.clickup_task_id, d.relation, o.other_task_id
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (clickup_task_id text, dependencies jsonb)
CROSS JOIN jsonb_each(r.dependencies) AS d (relation, others)
CROSS JOIN jsonb_array_elements_text(d.others) AS o (other_task_id)
WHERE r.clickup_task_id = ANY(%(ids)s)
ON CONFLICT DO NOTHING;

-- name: delete_task_custom_fields
-- Custom-field values that were cleared.
DELETE FROM {schema}.task_custom_fields AS stored
WHERE stored.clickup_task_id = ANY(%(ids)s)
  AND NOT EXISTS (
    SELECT FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (clickup_task_id text, field_values jsonb)
    CROSS JOIN jsonb_to_recordset(r.field_values) AS f (field_id text)
    WHERE r.clickup_task_id = stored.clickup_task_id AND f.field_id = stored.field_id
);

-- name: upsert_task_custom_fields
-- Custom-field values of the tasks just written.
INSERT INTO {schema}.task_custom_fields AS stored
    (workspace_id, clickup_task_id, field_id, name, label, value_text, value_number, value)
SELECT DISTINCT ON (r.clickup_task_id, f.field_id)
    %(workspace_id)s, r.clickup_task_id, f.field_id, f.name, f.label, f.value_text, f.value_number, f.value
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (clickup_task_id text, field_values jsonb)
CROSS JOIN jsonb_to_recordset(r.field_values)
    AS f (field_id text, name text, label text, value_text text, value_number numeric, value jsonb)
WHERE r.clickup_task_id = ANY(%(ids)s)
ON CONFLICT (clickup_task_id, field_id) DO UPDATE SET
    workspace_id = excluded.workspace_id, name = excluded.name, label = excluded.label,
    value_text = excluded.value_text, value_number = excluded.value_number, value = excluded.value
WHERE (stored.workspace_id, stored.name, stored.label, stored.value_text, stored.value_number, stored.value)
    IS DISTINCT FROM
      (excluded.workspace_id, excluded.name, excluded.label, excluded.value_text, excluded.value_number,
       excluded.value);

-- name: upsert_custom_fields
-- Custom-field definitions, as tasks carry them.
INSERT INTO {schema}.custom_fields AS stored (workspace_id, field_id, name, type, type_config, unreadable_fields)
SELECT %(workspace_id)s, r.field_id, r.name, r.type, r.type_config, r.unreadable_fields
FROM jsonb_to_recordset(%(rows)s::jsonb)
    AS r (field_id text, name text, type text, type_config jsonb, unreadable_fields jsonb)
ORDER BY r.field_id
ON CONFLICT (field_id) DO UPDATE SET
    workspace_id = excluded.workspace_id, name = excluded.name, type = excluded.type,
    type_config = excluded.type_config, unreadable_fields = excluded.unreadable_fields, updated_at = now()
WHERE (stored.workspace_id, stored.name, stored.type, stored.type_config, stored.unreadable_fields)
    IS DISTINCT FROM
      (excluded.workspace_id, excluded.name, excluded.type, excluded.type_config, excluded.unreadable_fields)
RETURNING field_id;

-- name: mark_tasks_deleted
-- The deletion marks, set on proof: a 404 for each task itself, asked for at `asked`.
UPDATE {schema}.tasks AS t
SET is_deleted = true, deleted_at = gone.asked_at, read_at = gone.asked_at, updated_at = now()
FROM unnest(%(ids)s::text[], %(asked)s::timestamptz[]) AS gone (task_id, asked_at)
WHERE t.clickup_task_id = gone.task_id AND NOT t.is_deleted AND t.read_at <= gone.asked_at;

-- name: refresh_employees_of_tasks
-- The UUIDs of the assignees, where an employee arrived after the task.
UPDATE {schema}.tasks AS t
SET employee_id = assigned.ids[1], employee_ids = assigned.ids, updated_at = now()
FROM (
    SELECT p.clickup_task_id, array_agg(m.employee_id ORDER BY p.position) AS ids
    FROM {schema}.task_people AS p
    JOIN {schema}.memberships AS m USING (workspace_id, clickup_user_id)
    WHERE p.workspace_id = %(workspace_id)s AND p.relation = 'assignee'
    GROUP BY p.clickup_task_id
) AS assigned
WHERE t.clickup_task_id = assigned.clickup_task_id AND t.employee_ids <> assigned.ids;

-- part: texts_that_wait
-- Texts of all comments and replies of the task `asked` that wait for a person or a team, newest first.
        (SELECT coalesce(
            string_agg(nullif(btrim(c.text, E' \t\n\r'), ''), ' | '
                       ORDER BY c.commented_at DESC NULLS LAST, c.clickup_comment_id DESC),
            CASE WHEN count(*) > 0 THEN '(no text)' END)
         FROM {schema}.comments AS c
         WHERE c.clickup_task_id = asked.task_id AND c.is_waiting)

-- name: refresh_waiting_comments
-- `assigned_comment` of these tasks: texts of all comments and replies that wait, newest first.
UPDATE {schema}.tasks AS t
SET assigned_comment = waiting.texts, updated_at = now()
FROM (
    SELECT asked.task_id,
{texts_that_wait} AS texts
    FROM unnest(%(ids)s::text[]) AS asked (task_id)
) AS waiting
WHERE t.clickup_task_id = waiting.task_id AND t.assigned_comment IS DISTINCT FROM waiting.texts;

-- name: refresh_all_waiting_comments
-- The same for every task that shows such texts, or should.
UPDATE {schema}.tasks AS t
SET assigned_comment = waiting.texts, updated_at = now()
FROM (
    SELECT asked.task_id,
{texts_that_wait} AS texts
    FROM (
        SELECT clickup_task_id FROM {schema}.tasks
        WHERE workspace_id = %(workspace_id)s AND assigned_comment IS NOT NULL
        UNION
        SELECT clickup_task_id FROM {schema}.comments
        WHERE workspace_id = %(workspace_id)s AND is_waiting
    ) AS asked (task_id)
) AS waiting
WHERE t.clickup_task_id = waiting.task_id AND t.assigned_comment IS DISTINCT FROM waiting.texts;

-- name: refresh_sessions
-- The session columns, where they differ from what the entries add up to.
UPDATE {schema}.tasks AS t
SET start_times = r.start_times, end_times = r.end_times, tracked_minutes = r.tracked_minutes,
    updated_at = now()
FROM jsonb_to_recordset(%(rows)s::jsonb)
    AS r (clickup_task_id text, start_times text[], end_times text[], tracked_minutes integer)
WHERE t.clickup_task_id = r.clickup_task_id
  AND (t.start_times, t.end_times, t.tracked_minutes)
    IS DISTINCT FROM (r.start_times, r.end_times, r.tracked_minutes);

-- name: list_status_due
-- Live tasks whose status changed since it was last asked since when they are in it, latest change first;
-- none while ClickUp refuses to tell, until the next try.
SELECT t.clickup_task_id, t.status
FROM {schema}.tasks AS t
LEFT JOIN {schema}.task_reads AS reads USING (clickup_task_id)
WHERE t.workspace_id = %(workspace_id)s AND NOT t.is_deleted AND t.status IS NOT NULL
  AND (reads.status_for, reads.status_at) IS DISTINCT FROM (t.status, t.last_status_change)
  AND NOT EXISTS (SELECT FROM {schema}.refusals AS refused
                  WHERE refused.workspace_id = t.workspace_id AND refused.kind = 'status_times'
                    AND refused.object_id = t.workspace_id AND refused.retry_at > now())
ORDER BY t.date_updated DESC NULLS LAST, t.clickup_task_id
LIMIT %(limit)s;

-- name: set_status_changes
-- Since when these tasks are in their status, where that is the status that is stored.
UPDATE {schema}.tasks AS t SET last_status_change = r.since, updated_at = now()
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (clickup_task_id text, status text, since timestamptz)
WHERE t.clickup_task_id = r.clickup_task_id AND t.status = r.status
  AND t.last_status_change IS DISTINCT FROM r.since;

-- name: mark_status_read
-- These tasks were asked for while they were in these statuses, whether or not ClickUp told.
INSERT INTO {schema}.task_reads AS stored (workspace_id, clickup_task_id, status_for, status_at)
SELECT t.workspace_id, r.task_id, r.status, t.last_status_change
FROM unnest(%(ids)s::text[], %(statuses)s::text[]) AS r (task_id, status)
JOIN {schema}.tasks AS t ON t.clickup_task_id = r.task_id
ON CONFLICT (clickup_task_id) DO UPDATE SET status_for = excluded.status_for, status_at = excluded.status_at;
