-- Workspaces and what they are made of, as assistants ask for them; and what names and ids may be meant.

-- name: list_mirrored_workspaces
-- Every workspace of which something is mirrored, with its owner's zone, by name.
SELECT workspace_id, name, owner_time_zone FROM {schema}.workspaces ORDER BY lower(name), workspace_id;

-- name: list_known_workspaces
-- Every workspace that is mirrored, and every other one that a mirrored one's token can see; by name.
SELECT workspace_id, name, color, avatar, plan_name AS plan, members_count, true AS is_mirrored
FROM {schema}.workspaces
UNION ALL
(SELECT DISTINCT ON (v.visible_id) v.visible_id, v.name, v.color, v.avatar, v.plan_name, v.members_count, false
 FROM {schema}.visible_workspaces AS v
 WHERE NOT EXISTS (SELECT FROM {schema}.workspaces AS w WHERE w.workspace_id = v.visible_id)
 ORDER BY v.visible_id, v.updated_at DESC)
ORDER BY name, workspace_id;

-- name: list_space_structures
-- Spaces that are not deleted, or one of them, with statuses, features and how much stands in each; by name.
SELECT s.space_id, s.name, s.archived, s.color, s.private, s.multiple_assignees, s.statuses, s.features,
    s.is_deleted,
{counted_in_space}
FROM {schema}.spaces AS s
WHERE s.workspace_id = %(workspace_id)s
  AND (%(space_id)s::text IS NULL AND NOT s.is_deleted OR s.space_id = %(space_id)s)
ORDER BY lower(s.name), s.space_id;

-- name: get_place_details
-- What ClickUp says of one folder or list beyond its name; a list's statuses are its space's where it has none
-- of its own.
SELECT f.details, coalesce(nullif(f.details -> 'statuses', '[]'), s.statuses, '[]') AS statuses
FROM {schema}.folders AS f LEFT JOIN {schema}.spaces AS s USING (space_id)
WHERE f.workspace_id = %(workspace_id)s AND f.folder_id = %(place_id)s
UNION ALL
SELECT l.details, coalesce(nullif(l.details -> 'statuses', '[]'), nullif(f.details -> 'statuses', '[]'),
                           s.statuses, '[]')
FROM {schema}.lists AS l LEFT JOIN {schema}.spaces AS s USING (space_id) LEFT JOIN {schema}.folders AS f USING (folder_id)
WHERE l.workspace_id = %(workspace_id)s AND l.list_id = %(place_id)s
LIMIT 1;

-- name: list_place_names
-- Every space, folder and list by name, with what it stands in.
SELECT 'space' AS kind, s.space_id AS place_id, s.name, s.space_id, s.name AS space_name, NULL AS folder_id,
    NULL AS folder_name, s.archived, s.is_deleted
FROM {schema}.spaces AS s
WHERE s.workspace_id = %(workspace_id)s
UNION ALL
SELECT 'folder', f.folder_id, f.name, f.space_id, s.name, f.folder_id, f.name,
    f.archived OR coalesce(s.archived, false), f.is_deleted
FROM {schema}.folders AS f LEFT JOIN {schema}.spaces AS s USING (space_id)
WHERE f.workspace_id = %(workspace_id)s
UNION ALL
SELECT 'list', l.list_id, l.name, l.space_id, s.name, l.folder_id, f.name,
    l.archived OR coalesce(f.archived, false) OR coalesce(s.archived, false), l.is_deleted
FROM {schema}.lists AS l LEFT JOIN {schema}.spaces AS s USING (space_id) LEFT JOIN {schema}.folders AS f USING (folder_id)
WHERE l.workspace_id = %(workspace_id)s
ORDER BY name, place_id;

-- part: tags_by_index
-- Every tag that a task has or had, from one to the next by the index; NULL after the last.
    (SELECT tag FROM {schema}.task_tags WHERE workspace_id = %(workspace_id)s ORDER BY tag LIMIT 1)
    UNION ALL
    SELECT (SELECT t.tag FROM {schema}.task_tags AS t WHERE t.workspace_id = %(workspace_id)s AND t.tag > known.tag
            ORDER BY t.tag LIMIT 1)
    FROM known WHERE known.tag IS NOT NULL

-- name: list_tags
-- Tags, as many as can be chosen from.
WITH RECURSIVE known (tag) AS (
{tags_by_index}
)
SELECT tag FROM known WHERE tag IS NOT NULL LIMIT 5000;

-- name: list_all_tags
-- All tags, to find one by its name.
WITH RECURSIVE known (tag) AS (
{tags_by_index}
)
SELECT tag AS name FROM known WHERE tag IS NOT NULL;

-- name: find_tags
-- Of these tags those that a task has or had.
SELECT asked.name
FROM unnest(%(names)s::text[]) AS asked (name)
WHERE EXISTS (SELECT FROM {schema}.task_tags AS t WHERE t.workspace_id = %(workspace_id)s AND t.tag = asked.name);

-- part: statuses_of_live_tasks
-- Every status that a live task has, with its type; from one to the next by the index.
    (SELECT status, status_type FROM {schema}.tasks
     WHERE workspace_id = %(workspace_id)s AND NOT is_deleted AND status IS NOT NULL ORDER BY status LIMIT 1)
    UNION ALL
    SELECT following.status, following.status_type
    FROM known
    CROSS JOIN LATERAL (
        SELECT t.status, t.status_type FROM {schema}.tasks AS t
        WHERE t.workspace_id = %(workspace_id)s AND NOT t.is_deleted AND t.status > known.status
        ORDER BY t.status LIMIT 1) AS following

-- name: list_statuses
-- Every status that a live task has, those that can be worked on first.
WITH RECURSIVE known (status, status_type) AS (
{statuses_of_live_tasks}
)
SELECT status FROM known
ORDER BY array_position(ARRAY['open', 'custom', 'done', 'closed'], status_type), status LIMIT 5000;

-- name: find_statuses
-- Of these statuses those that a live task has.
SELECT asked.name
FROM unnest(%(names)s::text[]) AS asked (name)
WHERE EXISTS (SELECT FROM {schema}.tasks AS t
              WHERE t.workspace_id = %(workspace_id)s AND t.status = asked.name AND NOT t.is_deleted);

-- name: list_all_statuses
-- Every status that a task has, a deleted one too, and every one that a list, folder or space offers.
WITH RECURSIVE known (status, status_type) AS (
{statuses_of_live_tasks}
)
SELECT status AS name FROM known
UNION
SELECT status FROM {schema}.tasks WHERE workspace_id = %(workspace_id)s AND is_deleted AND status IS NOT NULL
UNION
SELECT offered.status #>> '{}'
FROM (
    SELECT statuses FROM {schema}.spaces WHERE workspace_id = %(workspace_id)s AND NOT is_deleted
    UNION ALL
    SELECT details -> 'statuses' FROM {schema}.folders WHERE workspace_id = %(workspace_id)s AND NOT is_deleted
    UNION ALL
    SELECT details -> 'statuses' FROM {schema}.lists WHERE workspace_id = %(workspace_id)s AND NOT is_deleted
) AS place
CROSS JOIN LATERAL jsonb_path_query(place.statuses, '$[*].status ? (@.type() == "string")') AS offered (status)
ORDER BY name;

-- name: find_task_ids
-- The task with this custom id; else those whose ids stand next to what was asked for, in their order.
(SELECT clickup_task_id, title, true AS is_exact FROM {schema}.tasks
 WHERE workspace_id = %(workspace_id)s AND lower(custom_id) = lower(%(asked)s) ORDER BY is_deleted LIMIT 1)
UNION ALL
(SELECT clickup_task_id, title, false FROM {schema}.tasks
 WHERE workspace_id = %(workspace_id)s AND clickup_task_id >= %(asked)s ORDER BY clickup_task_id LIMIT 5)
UNION ALL
(SELECT clickup_task_id, title, false FROM {schema}.tasks
 WHERE workspace_id = %(workspace_id)s AND clickup_task_id < %(asked)s ORDER BY clickup_task_id DESC LIMIT 5);

-- name: list_task_comments
-- The latest comments and replies of a task, newest first.
SELECT c.clickup_comment_id, c.parent_comment_id, c.text, c.author_name, c.commented_at,
    CASE WHEN c.is_waiting THEN
{who_should_answer}
    END AS waits_for, c.resolved, c.is_waiting, c.reaction_counts, c.unreadable_fields
FROM {schema}.comments AS c
WHERE workspace_id = %(workspace_id)s AND clickup_task_id = %(task_id)s
ORDER BY commented_at DESC NULLS LAST, clickup_comment_id DESC
LIMIT %(limit)s;

-- name: count_task_comments
-- How many comments and replies a task has.
SELECT count(*) AS total
FROM {schema}.comments WHERE workspace_id = %(workspace_id)s AND clickup_task_id = %(task_id)s;
