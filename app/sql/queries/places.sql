-- Spaces, folders and lists.

-- name: upsert_spaces
-- Spaces that are not as they are stored.
INSERT INTO {schema}.spaces AS stored (
    workspace_id, space_id, name, archived, color, private, multiple_assignees, statuses, features,
    unreadable_fields, fingerprint
)
SELECT %(workspace_id)s, r.place_id, r.name, r.archived, r.details ->> 'color',
    (r.details -> 'private')::boolean, (r.details -> 'multiple_assignees')::boolean,
    coalesce(r.details -> 'statuses', '[]'), coalesce(r.details -> 'features', '{}'), r.unreadable_fields,
    r.fingerprint
FROM jsonb_to_recordset(%(rows)s::jsonb)
    AS r (place_id text, name text, archived boolean, details jsonb, unreadable_fields jsonb, fingerprint text)
ON CONFLICT (space_id) DO UPDATE SET
    workspace_id = excluded.workspace_id, name = excluded.name, archived = excluded.archived,
    color = excluded.color, private = excluded.private, multiple_assignees = excluded.multiple_assignees,
    statuses = excluded.statuses, features = excluded.features,
    unreadable_fields = excluded.unreadable_fields, fingerprint = excluded.fingerprint, is_deleted = false,
    updated_at = now()
WHERE (stored.workspace_id, stored.name, stored.archived, stored.color, stored.private,
       stored.multiple_assignees, stored.statuses, stored.features, stored.unreadable_fields,
       stored.fingerprint, stored.is_deleted)
    IS DISTINCT FROM (excluded.workspace_id, excluded.name, excluded.archived, excluded.color,
       excluded.private, excluded.multiple_assignees, excluded.statuses, excluded.features,
       excluded.unreadable_fields, excluded.fingerprint, false)
RETURNING space_id AS place_id;

-- name: upsert_folders
-- Folders that are not as they are stored.
INSERT INTO {schema}.folders AS stored (
    workspace_id, folder_id, space_id, parent_folder_id, name, archived, details, unreadable_fields,
    fingerprint
)
SELECT %(workspace_id)s, r.place_id, r.space_id, r.parent_folder_id, r.name, r.archived, r.details,
    r.unreadable_fields, r.fingerprint
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
    place_id text, space_id text, parent_folder_id text, name text, archived boolean, details jsonb,
    unreadable_fields jsonb, fingerprint text
)
ON CONFLICT (folder_id) DO UPDATE SET
    workspace_id = excluded.workspace_id, space_id = excluded.space_id,
    parent_folder_id = excluded.parent_folder_id, name = excluded.name, archived = excluded.archived,
    details = excluded.details, unreadable_fields = excluded.unreadable_fields,
    fingerprint = excluded.fingerprint, is_deleted = false, updated_at = now()
WHERE (stored.workspace_id, stored.space_id, stored.parent_folder_id, stored.name, stored.archived,
       stored.details, stored.unreadable_fields, stored.fingerprint, stored.is_deleted)
    IS DISTINCT FROM (excluded.workspace_id, excluded.space_id, excluded.parent_folder_id, excluded.name,
       excluded.archived, excluded.details, excluded.unreadable_fields, excluded.fingerprint, false)
RETURNING folder_id AS place_id;

-- name: upsert_lists
-- Lists that are not as they are stored.
INSERT INTO {schema}.lists AS stored (
    workspace_id, list_id, space_id, folder_id, name, archived, details, unreadable_fields, fingerprint
)
SELECT %(workspace_id)s, r.place_id, r.space_id, r.folder_id, r.name, r.archived, r.details,
    r.unreadable_fields, r.fingerprint
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
    place_id text, space_id text, folder_id text, name text, archived boolean, details jsonb,
    unreadable_fields jsonb, fingerprint text
)
ON CONFLICT (list_id) DO UPDATE SET
    workspace_id = excluded.workspace_id, space_id = excluded.space_id, folder_id = excluded.folder_id,
    name = excluded.name, archived = excluded.archived, details = excluded.details,
    unreadable_fields = excluded.unreadable_fields, fingerprint = excluded.fingerprint, is_deleted = false,
    updated_at = now()
WHERE (stored.workspace_id, stored.space_id, stored.folder_id, stored.name, stored.archived, stored.details,
       stored.unreadable_fields, stored.fingerprint, stored.is_deleted)
    IS DISTINCT FROM (excluded.workspace_id, excluded.space_id, excluded.folder_id, excluded.name,
       excluded.archived, excluded.details, excluded.unreadable_fields, excluded.fingerprint, false)
RETURNING list_id AS place_id;

-- name: get_renaming
-- Whether a place, a person, or the workspace's task types changed since the first task was written.
SELECT greatest(
    (SELECT max(updated_at) FROM {schema}.spaces WHERE workspace_id = %(workspace_id)s),
    (SELECT max(updated_at) FROM {schema}.folders WHERE workspace_id = %(workspace_id)s),
    (SELECT max(updated_at) FROM {schema}.lists WHERE workspace_id = %(workspace_id)s),
    (SELECT max(updated_at) FROM {members} AS m WHERE workspace_id = %(workspace_id)s),
    (SELECT max(updated_at) FROM {schema}.workspaces WHERE workspace_id = %(workspace_id)s)
) > (SELECT min(created_at) FROM {schema}.tasks WHERE workspace_id = %(workspace_id)s) AS is_renamed;

-- name: list_space_names
-- Names of the spaces, which a task's payload leaves out.
SELECT space_id, name FROM {schema}.spaces WHERE workspace_id = %(workspace_id)s;

-- name: list_live_places
-- Every place the mirror holds for existing.
SELECT 'space' AS kind, space_id AS place_id, name
FROM {schema}.spaces WHERE workspace_id = %(workspace_id)s AND NOT is_deleted
UNION ALL
SELECT 'folder', folder_id, name FROM {schema}.folders WHERE workspace_id = %(workspace_id)s AND NOT is_deleted
UNION ALL
SELECT 'list', list_id, name FROM {schema}.lists WHERE workspace_id = %(workspace_id)s AND NOT is_deleted;

-- name: list_places_within
-- Every place that the mirror holds for existing within a space or folder.
SELECT 'folder' AS kind, folder_id AS place_id
FROM {schema}.folders
WHERE workspace_id = %(workspace_id)s AND NOT is_deleted AND %(kind)s = 'space' AND space_id = %(place_id)s
UNION ALL
SELECT 'list', list_id
FROM {schema}.lists
WHERE workspace_id = %(workspace_id)s AND NOT is_deleted
  AND CASE %(kind)s
    WHEN 'space' THEN space_id = %(place_id)s
    WHEN 'folder' THEN folder_id = %(place_id)s
  END;

-- name: mark_space_deleted
-- On a 404 for the space itself.
UPDATE {schema}.spaces SET is_deleted = true, updated_at = now() WHERE space_id = %(place_id)s AND NOT is_deleted;

-- name: mark_folder_deleted
-- On a 404 for the folder itself.
UPDATE {schema}.folders SET is_deleted = true, updated_at = now() WHERE folder_id = %(place_id)s AND NOT is_deleted;

-- name: mark_list_deleted
-- On a 404 for the list itself.
UPDATE {schema}.lists SET is_deleted = true, updated_at = now() WHERE list_id = %(place_id)s AND NOT is_deleted;

-- name: list_known_lists
-- Every list that the hierarchy or a task names.
SELECT list_id FROM {schema}.lists WHERE workspace_id = %(workspace_id)s AND NOT is_deleted
UNION
SELECT list_id FROM {schema}.tasks WHERE workspace_id = %(workspace_id)s AND NOT is_deleted AND list_id IS NOT NULL;

-- name: get_space_name_of_tasks
-- The name that the tasks of a space last had for it.
SELECT space_name FROM {schema}.tasks
WHERE workspace_id = %(workspace_id)s AND space_id = %(space_id)s AND space_name IS NOT NULL
ORDER BY read_at DESC LIMIT 1;
