-- Tasks as people ask for them. Filters that are NULL let everything pass; the planner sees their values
-- and keeps only what is asked for, so that each has its index.

-- part: task_columns
-- All that is told of a task.
SELECT t.is_open, t.is_overdue, t.is_unassigned, t.id, t.workspace_id, t.clickup_task_id, t.custom_id, t.title, t.description, t.summary, t.type, t.status,
    t.status_type, t.priority, t.tags, t.assignee_name, t.assignee_ids, t.employee_id, t.employee_ids,
    t.group_assignees, t.assigned_by, t.followers, t.space_id, t.space_name, t.folder_id, t.folder_name,
    t.list_id, t.list_name, t.parent, t.top_level_parent, t.url, t.date_created, t.date_updated, t.date_done,
    t.date_closed, t.last_status_change, t.start_date, t.due_date, t.start_at, t.due_at,
    t.time_estimate_minutes, t.start_times, t.end_times, t.tracked_minutes, t.sprint_points, t.points,
    t.assigned_comment, t.dependencies, t.custom_fields, t.locations, t.unreadable_fields, t.archived, t.is_recurring,
    t.is_deleted, t.deleted_at, t.read_at, t.updated_at, t.created_at

-- part: of_these_assignees
-- Tasks that one of these people is assigned to, where some are asked for.
  AND (%(assignees)s::text[] IS NULL OR t.clickup_task_id = ANY(ARRAY(
      SELECT p.clickup_task_id FROM {schema}.task_people AS p
      WHERE p.clickup_user_id = ANY(%(assignees)s) AND p.relation = 'assignee')))

-- part: passing_tasks
-- Tasks that pass every filter.
WHERE t.workspace_id = %(workspace_id)s
  AND (%(deleted)s = 'include' OR t.is_deleted = (%(deleted)s = 'only'))
  AND (%(open)s::boolean IS NULL OR t.is_open = %(open)s)
  AND (%(overdue)s::boolean IS NULL OR t.is_overdue = %(overdue)s)
  AND (%(unassigned)s::boolean IS NULL OR t.is_unassigned = %(unassigned)s)
  AND (%(archived)s::boolean IS NULL OR t.archived = %(archived)s)
{in_these_places}
  AND (%(statuses)s::text[] IS NULL OR t.status = ANY(%(statuses)s))
  AND (%(status_types)s::text[] IS NULL OR t.status_type = ANY(%(status_types)s))
  AND (%(priorities)s::text[] IS NULL OR t.priority = ANY(%(priorities)s))
  AND (%(parents)s::text[] IS NULL OR t.parent = ANY(%(parents)s))
{of_these_assignees}
  AND (%(tags)s::text[] IS NULL OR t.tags && %(tags)s)
  AND (%(due_from)s::date IS NULL OR t.due_date >= %(due_from)s)
  AND (%(due_to)s::date IS NULL OR t.due_date <= %(due_to)s)
  AND (%(updated_since)s::timestamptz IS NULL OR coalesce(t.date_updated, 'epoch') >= %(updated_since)s)
  AND (%(with_time)s::boolean IS NOT TRUE OR coalesce(t.tracked_minutes, 0) > 0)
  AND (%(with_comments)s::boolean IS NOT TRUE OR t.assigned_comment IS NOT NULL)
  AND (%(words)s::text IS NULL
       OR to_tsvector('simple', translate(left(t.title, 50000) || ' ' || left(coalesce(t.description, ''), 50000),
                                          '<>/\@.:;,&=?#+*~|"''()[]{}!$^`-', repeat(' ', 30)))
          @@ to_tsquery('simple', %(words)s))

-- name: list_tasks
-- Tasks that pass every filter, from a place in their order on. `sort` is updated, created, due, tracked,
-- title (descending with a leading -), or written for a walk through what changed since `written_since`.
{task_columns}
FROM {views}.tasks AS t
{passing_tasks}
  AND (%(after_id)s::text IS NOT NULL OR %(sort)s <> 'written' OR t.updated_at > %(written_since)s)
  AND (%(after_id)s::text IS NULL
       OR %(sort)s <> '-updated' OR (coalesce(t.date_updated, 'epoch'), t.clickup_task_id) < (%(after_time)s, %(after_id)s))
  AND (%(after_id)s::text IS NULL
       OR %(sort)s <> 'updated' OR (coalesce(t.date_updated, 'epoch'), t.clickup_task_id) > (%(after_time)s, %(after_id)s))
  AND (%(after_id)s::text IS NULL
       OR %(sort)s <> '-created' OR (coalesce(t.date_created, 'epoch'), t.clickup_task_id) < (%(after_time)s, %(after_id)s))
  AND (%(after_id)s::text IS NULL
       OR %(sort)s <> 'created' OR (coalesce(t.date_created, 'epoch'), t.clickup_task_id) > (%(after_time)s, %(after_id)s))
  AND (%(after_id)s::text IS NULL
       OR %(sort)s <> '-due' OR (coalesce(t.due_at, '9999-12-31Z'), t.clickup_task_id) < (%(after_time)s, %(after_id)s))
  AND (%(after_id)s::text IS NULL
       OR %(sort)s <> 'due' OR (coalesce(t.due_at, '9999-12-31Z'), t.clickup_task_id) > (%(after_time)s, %(after_id)s))
  AND (%(after_id)s::text IS NULL
       OR %(sort)s <> '-tracked' OR (coalesce(t.tracked_minutes, 0), t.clickup_task_id) < (%(after_number)s, %(after_id)s))
  AND (%(after_id)s::text IS NULL
       OR %(sort)s <> 'tracked' OR (coalesce(t.tracked_minutes, 0), t.clickup_task_id) > (%(after_number)s, %(after_id)s))
  AND (%(after_id)s::text IS NULL
       OR %(sort)s <> '-title' OR (left(t.title, 200) COLLATE "C", t.clickup_task_id) < (%(after_text)s, %(after_id)s))
  AND (%(after_id)s::text IS NULL
       OR %(sort)s <> 'title' OR (left(t.title, 200) COLLATE "C", t.clickup_task_id) > (%(after_text)s, %(after_id)s))
  AND (%(after_id)s::text IS NULL
       OR %(sort)s <> 'written' OR (t.updated_at, t.clickup_task_id) > (%(after_time)s, %(after_id)s))
ORDER BY
    CASE WHEN %(sort)s = '-updated' THEN coalesce(t.date_updated, 'epoch') END DESC,
    CASE WHEN %(sort)s = 'updated' THEN coalesce(t.date_updated, 'epoch') END,
    CASE WHEN %(sort)s = '-created' THEN coalesce(t.date_created, 'epoch') END DESC,
    CASE WHEN %(sort)s = 'created' THEN coalesce(t.date_created, 'epoch') END,
    CASE WHEN %(sort)s = '-due' THEN coalesce(t.due_at, '9999-12-31Z') END DESC,
    CASE WHEN %(sort)s = 'due' THEN coalesce(t.due_at, '9999-12-31Z') END,
    CASE WHEN %(sort)s = '-tracked' THEN coalesce(t.tracked_minutes, 0) END DESC,
    CASE WHEN %(sort)s = 'tracked' THEN coalesce(t.tracked_minutes, 0) END,
    CASE WHEN %(sort)s = '-title' THEN left(t.title, 200) COLLATE "C" END DESC,
    CASE WHEN %(sort)s = 'title' THEN left(t.title, 200) COLLATE "C" END,
    CASE WHEN %(sort)s = 'written' THEN t.updated_at END,
    CASE WHEN left(%(sort)s, 1) = '-' THEN t.clickup_task_id END DESC,
    CASE WHEN left(%(sort)s, 1) <> '-' THEN t.clickup_task_id END
LIMIT %(limit)s OFFSET %(offset)s;

-- name: get_task
-- One task, a deleted one too, with the columns of `list_tasks`: planned in a moment, asked very often.
{task_columns}
FROM {views}.tasks AS t
WHERE t.clickup_task_id = %(task_id)s AND t.workspace_id = %(workspace_id)s;

-- name: list_field_values
-- The custom fields of a task that are set, with their types and what ClickUp sent, in the order of their names.
SELECT v.field_id, coalesce(nullif(v.label, ''), v.name) AS label, v.name, f.type, v.value_text, v.value_number, v.value
FROM {schema}.task_custom_fields AS v
LEFT JOIN {schema}.custom_fields AS f USING (field_id)
WHERE v.clickup_task_id = %(task_id)s
ORDER BY lower(v.name), v.field_id;

-- name: count_tasks
-- How many tasks pass every filter, wherever the walk is; no more than `most` are counted, where it is given.
SELECT count(*) AS total
FROM (
    SELECT FROM {views}.tasks AS t
{passing_tasks}
    LIMIT %(most)s
) AS counted;

-- name: list_task_titles
-- What these tasks are called; those that the mirror does not know are left out.
SELECT clickup_task_id, title FROM {schema}.tasks
WHERE workspace_id = %(workspace_id)s AND clickup_task_id = ANY(%(ids)s);

-- name: list_related_tasks
-- What a task waits on, blocks and is linked to; titles and states where the mirror knows the other task.
SELECT d.relation, d.other_task_id AS clickup_task_id, o.title, o.status, o.status_type, o.assignee_name,
    o.due_date, o.is_overdue, o.list_name, o.is_deleted
FROM {schema}.task_dependencies AS d
LEFT JOIN {views}.tasks AS o ON o.clickup_task_id = d.other_task_id AND o.workspace_id = d.workspace_id
WHERE d.clickup_task_id = %(task_id)s
ORDER BY d.relation, d.other_task_id;
