-- Each table and view as it was at the instant of `clickup_sync.as_of`, a setting of the transaction: the columns are
-- those of the table, so that every report answers about the past as about the present. A migration that adds a
-- column to a table adds it here.

-- A query asks for it in a subquery: that is run once, a function for each row.
CREATE FUNCTION past_instant() RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT current_setting('clickup_sync.as_of')::timestamptz $$;
REVOKE ALL ON FUNCTION past_instant() FROM PUBLIC;

CREATE VIEW past_workspaces AS SELECT * FROM workspaces;
CREATE VIEW past_custom_fields AS SELECT * FROM custom_fields;

CREATE VIEW past_employees AS
SELECT e.id, v.workspace_id, v.clickup_user_id, v.name, v.email, v.role, v.is_active, v.left_at,
    e.created_at, v.valid_from AS updated_at, v.unreadable_fields
FROM employee_versions AS v
JOIN employees AS e USING (clickup_user_id)
WHERE v.valid_from <= (SELECT past_instant()) AND v.valid_to > (SELECT past_instant());

CREATE VIEW past_memberships AS
SELECT v.workspace_id, v.employee_id, v.clickup_user_id, v.role, v.is_active, v.left_at, v.time_zone,
    v.unreadable_fields, m.created_at, v.valid_from AS updated_at
FROM membership_versions AS v
JOIN memberships AS m USING (workspace_id, clickup_user_id)
WHERE v.valid_from <= (SELECT past_instant()) AND v.valid_to > (SELECT past_instant());

CREATE VIEW past_spaces AS
SELECT v.space_id, v.workspace_id, v.name, v.archived, v.is_deleted, v.color, v.private, v.multiple_assignees,
    v.statuses, v.features, NULL::text AS fingerprint, v.valid_from AS updated_at, v.unreadable_fields
FROM space_versions AS v
WHERE v.valid_from <= (SELECT past_instant()) AND v.valid_to > (SELECT past_instant());

CREATE VIEW past_folders AS
SELECT v.folder_id, v.workspace_id, v.space_id, v.parent_folder_id, v.name, v.archived, v.is_deleted, v.details,
    NULL::text AS fingerprint, v.valid_from AS updated_at, v.unreadable_fields
FROM folder_versions AS v
WHERE v.valid_from <= (SELECT past_instant()) AND v.valid_to > (SELECT past_instant());

CREATE VIEW past_lists AS
SELECT v.list_id, v.workspace_id, v.space_id, v.folder_id, v.name, v.archived, v.is_deleted, v.details,
    NULL::text AS fingerprint, v.valid_from AS updated_at, v.unreadable_fields
FROM list_versions AS v
WHERE v.valid_from <= (SELECT past_instant()) AND v.valid_to > (SELECT past_instant());

CREATE VIEW past_time_entries AS
SELECT v.clickup_entry_id, v.workspace_id, v.clickup_task_id, v.clickup_user_id,
    coalesce(e.name, v.user_name) AS user_name, v.started_at, v.ended_at, v.duration_ms, v.is_running, v.billable, v.description, v.tags, v.entry_updated_at, v.read_at,
    v.valid_from AS updated_at, v.unreadable_fields
FROM time_entry_versions AS v
LEFT JOIN past_employees AS e ON e.clickup_user_id = v.clickup_user_id AND e.is_active
WHERE v.valid_from <= (SELECT past_instant()) AND v.valid_to > (SELECT past_instant());

CREATE VIEW past_comments AS
SELECT v.clickup_comment_id, v.workspace_id, v.clickup_task_id, v.parent_comment_id, v.text, v.author_id,
    coalesce(e.name, v.author_name) AS author_name, v.assignee_id, v.assignee_name, v.assignee_group_id,
    v.assignee_group_name, v.assigned_by_id, v.assigned_by_name, v.resolved, v.commented_at, v.reply_count, v.blocks, v.reactions, v.reaction_counts,
    NOT v.resolved AND (v.assignee_id IS NOT NULL OR v.assignee_group_id IS NOT NULL) AS is_waiting,
    v.read_at, v.valid_from AS updated_at, v.unreadable_fields
FROM comment_versions AS v
LEFT JOIN past_employees AS e ON e.clickup_user_id = v.author_id AND e.is_active
WHERE v.valid_from <= (SELECT past_instant()) AND v.valid_to > (SELECT past_instant());

-- ISO 8601 to the second with the zone's offset, as `tasks.start_times` has it.
CREATE FUNCTION local_iso(instant timestamptz, zone text) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT to_char(instant AT TIME ZONE zone, 'YYYY-MM-DD"T"HH24:MI:SS')
        || CASE WHEN instant AT TIME ZONE zone < instant AT TIME ZONE 'UTC' THEN '-' ELSE '+' END
        || to_char(greatest(instant AT TIME ZONE zone - instant AT TIME ZONE 'UTC',
                            instant AT TIME ZONE 'UTC' - instant AT TIME ZONE zone), 'HH24:MI')
$$;
REVOKE ALL ON FUNCTION local_iso(timestamptz, text) FROM PUBLIC;

-- A value that is not stored in versions, as it was: what the first later change says was before it, else `present`.
CREATE FUNCTION past_value(task text, wanted text, present jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT known.value FROM (
        (SELECT 0 AS place, c.before AS value FROM {schema}.changes AS c
         WHERE c.object_type = 'task' AND c.object_id = task AND c.field = wanted
           AND c.changed_at > {schema}.past_instant()
         ORDER BY c.changed_at, c.change_id LIMIT 1)
        UNION ALL SELECT 1, present
    ) AS known ORDER BY known.place LIMIT 1
$$;
REVOKE ALL ON FUNCTION past_value(text, text, jsonb) FROM PUBLIC;

CREATE FUNCTION past_custom_fields(task text, present jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_object_agg(known.label, known.value) FILTER (WHERE known.value IS NOT NULL), '{}')
    FROM (
        SELECT coalesce(later.label, now.key) AS label,
            CASE WHEN later.label IS NULL THEN now.value ELSE later.before END AS value
        FROM jsonb_each(present) AS now
        FULL JOIN (
            SELECT DISTINCT ON (c.field) substr(c.field, length('custom_fields.') + 1) AS label, c.before
            FROM {schema}.changes AS c
            WHERE c.object_type = 'task' AND c.object_id = task AND c.field >= 'custom_fields.'
              AND c.field < 'custom_fields/' AND c.changed_at > {schema}.past_instant()
            ORDER BY c.field, c.changed_at, c.change_id
        ) AS later ON later.label = now.key
    ) AS known
$$;
REVOKE ALL ON FUNCTION past_custom_fields(text, jsonb) FROM PUBLIC;

CREATE VIEW past_tasks AS
SELECT t.id, v.workspace_id, v.clickup_task_id, v.title,
    CASE WHEN v.valid_to = 'infinity' THEN t.description
        ELSE past_value(v.clickup_task_id, 'description', to_jsonb(t.description)) #>> '{}' END AS description,
    v.type, v.status, v.status_type, v.priority, v.tags,
    (SELECT f.value #>> '{}' FROM jsonb_each(
        CASE WHEN v.valid_to = 'infinity' THEN t.custom_fields
            ELSE past_custom_fields(v.clickup_task_id, t.custom_fields) END) AS f
     WHERE lower(btrim(f.key)) = 'summary' LIMIT 1) AS summary,
    v.sprint_points,
    (SELECT coalesce(
        string_agg(nullif(btrim(c.text, E' \t\n\r'), ''), ' | '
                   ORDER BY c.commented_at DESC NULLS LAST, c.clickup_comment_id DESC),
        CASE WHEN count(*) > 0 THEN '(no text)' END)
     FROM past_comments AS c WHERE c.clickup_task_id = v.clickup_task_id AND c.is_waiting) AS assigned_comment,
    v.assignee_name, v.assignee_ids, v.employee_id, v.employee_ids, v.assigned_by,
    CASE WHEN v.valid_to = 'infinity' THEN t.followers
        ELSE ARRAY(SELECT jsonb_array_elements_text(
            past_value(v.clickup_task_id, 'followers', to_jsonb(t.followers)))) END AS followers,
    coalesce(l.space_id, v.space_id) AS space_id, coalesce(s.name, v.space_name) AS space_name,
    CASE WHEN l.list_id IS NULL THEN v.folder_id ELSE l.folder_id END AS folder_id,
    CASE WHEN l.list_id IS NULL THEN v.folder_name ELSE f.name END AS folder_name,
    v.list_id, coalesce(l.name, v.list_name) AS list_name,
    v.date_created, v.date_updated, v.date_done, v.date_closed, v.last_status_change, v.valid_from AS updated_at,
    v.start_date, v.due_date, v.time_estimate_minutes,
    ARRAY(SELECT local_iso(e.started_at, coalesce(w.rendered_zone, 'UTC')) FROM past_time_entries AS e
          WHERE e.clickup_task_id = v.clickup_task_id
          ORDER BY e.started_at DESC NULLS LAST, e.clickup_entry_id COLLATE "C" DESC) AS start_times,
    ARRAY(SELECT local_iso(e.ended_at, coalesce(w.rendered_zone, 'UTC')) FROM past_time_entries AS e
          WHERE e.clickup_task_id = v.clickup_task_id
          ORDER BY e.started_at DESC NULLS LAST, e.clickup_entry_id COLLATE "C" DESC) AS end_times,
    CASE WHEN t.tracked_minutes IS NOT NULL THEN (
        SELECT coalesce(sum(e.duration_ms), 0)::bigint / 60000 FROM past_time_entries AS e
        WHERE e.clickup_task_id = v.clickup_task_id)::integer END AS tracked_minutes,
    v.archived, v.is_deleted, v.is_recurring,
    CASE WHEN v.valid_to = 'infinity' THEN t.dependencies
        ELSE past_value(v.clickup_task_id, 'dependencies', t.dependencies) END AS dependencies,
    v.custom_id, v.parent, v.top_level_parent, t.url, v.points,
    CASE WHEN v.valid_to = 'infinity' THEN t.custom_fields
        ELSE past_custom_fields(v.clickup_task_id, t.custom_fields) END AS custom_fields,
    CASE WHEN v.valid_to = 'infinity' THEN t.locations
        ELSE past_value(v.clickup_task_id, 'locations', t.locations) END AS locations,
    v.group_assignees, v.start_at, v.due_at, v.time_spent_ms, v.deleted_at, t.created_at, v.read_at, t.fingerprint,
    t.unreadable_fields
FROM task_versions AS v
JOIN tasks AS t ON t.clickup_task_id = v.clickup_task_id
-- Places of a deleted task are not renamed.
LEFT JOIN past_lists AS l ON l.list_id = v.list_id AND NOT v.is_deleted
LEFT JOIN past_folders AS f ON f.folder_id = l.folder_id
LEFT JOIN past_spaces AS s ON s.space_id = coalesce(l.space_id, v.space_id) AND NOT v.is_deleted
LEFT JOIN workspaces AS w ON w.workspace_id = v.workspace_id
WHERE v.valid_from <= (SELECT past_instant()) AND v.valid_to > (SELECT past_instant());

-- Assignees alone: who watched a task is known by name, in `followers`.
CREATE VIEW past_task_people AS
SELECT v.workspace_id, v.clickup_task_id, 'assignee'::text AS relation, a.user_id AS clickup_user_id,
    a.place::integer - 1 AS position, coalesce(e.name, '') AS name, e.email
FROM task_versions AS v
CROSS JOIN LATERAL unnest(string_to_array(v.assignee_ids, ',')) WITH ORDINALITY AS a (user_id, place)
LEFT JOIN past_employees AS e ON e.clickup_user_id = a.user_id
WHERE v.valid_from <= (SELECT past_instant()) AND v.valid_to > (SELECT past_instant());

CREATE VIEW past_task_tags AS
SELECT v.workspace_id, v.clickup_task_id, t.tag
FROM task_versions AS v
CROSS JOIN LATERAL unnest(v.tags) AS t (tag)
WHERE v.valid_from <= (SELECT past_instant()) AND v.valid_to > (SELECT past_instant());

-- Views of the mirror as they were: the same definitions, of these tables.
CREATE FUNCTION install_past_views() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tables      text := '{schema}'::regnamespace::text;
    shown       text;
    base        text;
    definition  text;
BEGIN
    FOREACH shown IN ARRAY ARRAY['tasks', 'time_entries', 'comments', 'employees', 'spaces', 'folders', 'lists'] LOOP
        definition := pg_get_viewdef(format('{views}.%I', shown)::regclass);
        FOREACH base IN ARRAY ARRAY['workspaces', 'custom_fields', 'employees', 'memberships', 'spaces', 'folders',
            'lists', 'time_entries', 'comments', 'tasks', 'task_people', 'task_tags'] LOOP
            definition := regexp_replace(definition, tables || '\.' || base || '\M', tables || '.past_' || base, 'g');
        END LOOP;
        definition := replace(definition, 'now()', '(SELECT {schema}.past_instant())');
        EXECUTE format('CREATE OR REPLACE VIEW {schema}.past_view_%s AS %s', shown, definition);
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION install_past_views() FROM PUBLIC;
SELECT install_past_views();

-- When an item of a delivery was compared with the changes that reads found; NULL: not yet.
ALTER TABLE history_items ADD COLUMN attributed_at timestamptz;
CREATE INDEX history_items_open ON history_items (workspace_id, item_id) WHERE attributed_at IS NULL;

-- The versions of an object that end and begin at an instant.
CREATE FUNCTION list_versions_around(kind text, workspace text, object text, boundary timestamptz)
RETURNS TABLE (is_after boolean, columns jsonb, valid_from_earliest timestamptz, valid_from timestamptz)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    h  record;
BEGIN
    SELECT * INTO h FROM {schema}.history_tables WHERE object_type = kind;
    RETURN QUERY EXECUTE format('
        SELECT v.valid_from = $3 AND v.valid_to > $3, to_jsonb(v) - ''version_id'', v.valid_from_earliest, v.valid_from
        FROM {schema}.%I AS v
        WHERE v.workspace_id = $1 AND v.%I = $2 AND (v.valid_from = $3 OR v.valid_to = $3)
        ORDER BY v.valid_from, v.version_id', h.versions_name, h.object_key)
    USING workspace, object, boundary;
END
$$;
REVOKE ALL ON FUNCTION list_versions_around(text, text, text, timestamptz) FROM PUBLIC;

-- Puts versions, in order, in the place of the step from one version to the next at an instant. The last of them is
-- the next one, which then begins earlier.
CREATE FUNCTION split_versions(kind text, workspace text, object text, boundary timestamptz, steps jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    h        record;
    columns  text;
BEGIN
    SELECT * INTO h FROM {schema}.history_tables WHERE object_type = kind;
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO columns
    FROM pg_attribute AS a
    WHERE a.attrelid = format('{schema}.%I', h.versions_name)::regclass AND a.attnum > 0 AND NOT a.attisdropped
      AND a.attname NOT IN ('version_id', 'valid_from_earliest', 'valid_from', 'known_from', 'valid_to_earliest', 'valid_to');
    EXECUTE format('
        UPDATE {schema}.%1$I SET valid_to = ($4 -> 0 ->> ''valid_from'')::timestamptz,
            valid_to_earliest = greatest(($4 -> 0 ->> ''valid_from_earliest'')::timestamptz, valid_from)
        WHERE workspace_id = $1 AND %2$I = $2 AND valid_to = $3 AND valid_from < valid_to', h.versions_name, h.object_key)
    USING workspace, object, boundary, steps;
    EXECUTE format('
        UPDATE {schema}.%1$I SET valid_from = ($4 -> -1 ->> ''valid_from'')::timestamptz,
            known_from = greatest(($4 -> -1 ->> ''valid_from'')::timestamptz, CASE WHEN known_from > $3 THEN known_from END),
            valid_from_earliest = ($4 -> -1 ->> ''valid_from_earliest'')::timestamptz
        WHERE workspace_id = $1 AND %2$I = $2 AND valid_from = $3 AND valid_to > $3', h.versions_name, h.object_key)
    USING workspace, object, boundary, steps;
    EXECUTE format('
        INSERT INTO {schema}.%1$I (%2$s, valid_from_earliest, valid_from, known_from, valid_to_earliest, valid_to)
        SELECT %3$s, s.valid_from_earliest, s.valid_from, s.valid_from, greatest(s.next_earliest, s.valid_from), s.next_from
        FROM (
            SELECT (step ->> ''valid_from_earliest'')::timestamptz AS valid_from_earliest,
                (step ->> ''valid_from'')::timestamptz AS valid_from,
                lead((step ->> ''valid_from_earliest'')::timestamptz) OVER (ORDER BY place) AS next_earliest,
                lead((step ->> ''valid_from'')::timestamptz) OVER (ORDER BY place) AS next_from, step -> ''columns'' AS columns
            FROM jsonb_array_elements($1) WITH ORDINALITY AS steps (step, place)
        ) AS s
        CROSS JOIN LATERAL jsonb_populate_record(NULL::{schema}.%1$I, s.columns) AS v
        WHERE s.next_from IS NOT NULL', h.versions_name, columns, 'v.' || replace(columns, ', ', ', v.'))
    USING steps;
END
$$;
REVOKE ALL ON FUNCTION split_versions(text, text, text, timestamptz, jsonb) FROM PUBLIC;
