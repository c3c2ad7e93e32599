-- Spaces, folders and lists as people ask for them, with how many live tasks stand in each.

-- part: counted_in_space
-- How much stands in a space.
    (SELECT count(*) FROM {schema}.folders AS f WHERE f.workspace_id = s.workspace_id AND f.space_id = s.space_id
     AND NOT f.is_deleted) AS folders,
    (SELECT count(*) FROM {schema}.lists AS l WHERE l.workspace_id = s.workspace_id AND l.space_id = s.space_id
     AND NOT l.is_deleted) AS lists,
    (SELECT count(*) FROM {schema}.tasks AS t WHERE t.space_id = s.space_id AND NOT t.is_deleted) AS tasks

-- name: list_spaces
-- The spaces that pass, by name.
SELECT s.space_id, s.workspace_id, s.name, s.archived, s.is_deleted, s.color, s.private, s.multiple_assignees,
    s.updated_at,
{counted_in_space}
FROM {schema}.spaces AS s
WHERE s.workspace_id = %(workspace_id)s
  AND (%(deleted)s = 'include' OR s.is_deleted = (%(deleted)s = 'only'))
  AND (%(archived)s::boolean IS NULL OR s.archived = %(archived)s)
ORDER BY lower(s.name), s.space_id;

-- name: list_folders
-- The folders that pass, by the names of their space and their own.
SELECT f.folder_id, f.workspace_id, f.space_id, s.name AS space_name, f.parent_folder_id, f.name, f.archived,
    f.is_deleted, f.updated_at,
    (SELECT count(*) FROM {schema}.lists AS l WHERE l.workspace_id = f.workspace_id AND l.space_id = f.space_id
     AND l.folder_id = f.folder_id AND NOT l.is_deleted) AS lists,
    (SELECT count(*) FROM {schema}.tasks AS t WHERE t.folder_id = f.folder_id AND NOT t.is_deleted) AS tasks
FROM {schema}.folders AS f
LEFT JOIN {schema}.spaces AS s USING (space_id)
WHERE f.workspace_id = %(workspace_id)s
  AND (%(deleted)s = 'include' OR f.is_deleted = (%(deleted)s = 'only'))
  AND (%(archived)s::boolean IS NULL OR f.archived = %(archived)s)
  AND (coalesce(%(lists)s::text[], %(folders)s, %(spaces)s) IS NULL
       OR f.folder_id = ANY(%(folders)s) OR f.space_id = ANY(%(spaces)s))
ORDER BY lower(s.name), lower(f.name), f.folder_id;

-- name: list_lists
-- The lists that pass, by the names of their space, their folder and their own. `is_put_away`: it is
-- archived itself or stands in what is.
SELECT l.list_id, l.workspace_id, l.space_id, s.name AS space_name, l.folder_id, f.name AS folder_name, l.name,
    l.archived, l.archived OR coalesce(f.archived, false) OR coalesce(s.archived, false) AS is_put_away,
    l.is_deleted, l.updated_at,
    (SELECT count(*) FROM {schema}.tasks AS t WHERE t.list_id = l.list_id AND NOT t.is_deleted) AS tasks
FROM {schema}.lists AS l
LEFT JOIN {schema}.spaces AS s USING (space_id)
LEFT JOIN {schema}.folders AS f USING (folder_id)
WHERE l.workspace_id = %(workspace_id)s
  AND (%(deleted)s = 'include' OR l.is_deleted = (%(deleted)s = 'only'))
  AND (%(archived)s::boolean IS NULL OR l.archived = %(archived)s)
  AND (coalesce(%(lists)s::text[], %(folders)s, %(spaces)s) IS NULL
       OR l.list_id = ANY(%(lists)s) OR l.folder_id = ANY(%(folders)s) OR l.space_id = ANY(%(spaces)s))
ORDER BY lower(s.name), lower(f.name) NULLS FIRST, lower(l.name), l.list_id;

-- name: list_unknown
-- Of tasks and places that are asked for, those of which neither a row nor a task or time entry speaks.
SELECT 'space' AS kind, asked.id
FROM unnest(%(spaces)s::text[]) AS asked (id)
WHERE NOT EXISTS (SELECT FROM {schema}.spaces WHERE space_id = asked.id AND workspace_id = %(workspace_id)s)
  AND NOT EXISTS (SELECT FROM {schema}.tasks WHERE space_id = asked.id AND NOT is_deleted
                  AND workspace_id = %(workspace_id)s)
UNION ALL
SELECT 'folder', asked.id
FROM unnest(%(folders)s::text[]) AS asked (id)
WHERE NOT EXISTS (SELECT FROM {schema}.folders WHERE folder_id = asked.id AND workspace_id = %(workspace_id)s)
  AND NOT EXISTS (SELECT FROM {schema}.tasks WHERE folder_id = asked.id AND NOT is_deleted
                  AND workspace_id = %(workspace_id)s)
UNION ALL
SELECT 'list', asked.id
FROM unnest(%(lists)s::text[]) AS asked (id)
WHERE NOT EXISTS (SELECT FROM {schema}.lists WHERE list_id = asked.id AND workspace_id = %(workspace_id)s)
  AND NOT EXISTS (SELECT FROM {schema}.tasks WHERE list_id = asked.id AND NOT is_deleted
                  AND workspace_id = %(workspace_id)s)
UNION ALL
SELECT 'task', asked.id
FROM unnest(%(tasks)s::text[]) AS asked (id)
WHERE NOT EXISTS (SELECT FROM {schema}.tasks WHERE clickup_task_id = asked.id AND workspace_id = %(workspace_id)s)
  AND NOT EXISTS (SELECT FROM {schema}.time_entries WHERE clickup_task_id = asked.id
                  AND workspace_id = %(workspace_id)s);
