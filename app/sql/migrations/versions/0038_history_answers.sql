-- What is asked about the past. The views of the past that called no function showed their tables to whoever may
-- select from them: each now calls one that only the owner may call.
CREATE OR REPLACE VIEW past_workspaces AS SELECT * FROM workspaces WHERE past_instant() IS NOT NULL;
CREATE OR REPLACE VIEW past_custom_fields AS SELECT * FROM custom_fields WHERE past_instant() IS NOT NULL;

-- Who left before the first sync is in no employee_versions: their name is the one that other tasks have.
CREATE OR REPLACE VIEW past_task_people AS
SELECT v.workspace_id, v.clickup_task_id, 'assignee'::text AS relation, a.user_id AS clickup_user_id,
    a.place::integer - 1 AS position, coalesce(e.name, p.name, '') AS name, e.email
FROM task_versions AS v
CROSS JOIN LATERAL unnest(string_to_array(v.assignee_ids, ',')) WITH ORDINALITY AS a (user_id, place)
LEFT JOIN past_employees AS e ON e.clickup_user_id = a.user_id
LEFT JOIN LATERAL (
    SELECT known.name FROM task_people AS known WHERE known.clickup_user_id = a.user_id LIMIT 1
) AS p ON e.clickup_user_id IS NULL
WHERE v.valid_from <= past_instant() AND v.valid_to > past_instant();

-- Custom fields that were set. What ClickUp sent is known where the text is that of today.
CREATE VIEW past_task_custom_fields AS
SELECT t.workspace_id, t.clickup_task_id, coalesce(v.field_id, f.field_id) AS field_id,
    coalesce(v.name, f.name, known.label) AS name, known.value #>> '{}' AS value_text,
    CASE WHEN v.value_text = known.value #>> '{}' THEN v.value END AS value,
    CASE WHEN v.value_text = known.value #>> '{}' THEN v.value_number END AS value_number, known.label
FROM past_tasks AS t
CROSS JOIN LATERAL jsonb_each(t.custom_fields) AS known (label, value)
LEFT JOIN task_custom_fields AS v
    ON v.clickup_task_id = t.clickup_task_id AND coalesce(nullif(v.label, ''), v.name) = known.label
LEFT JOIN LATERAL (
    SELECT c.field_id, c.name FROM custom_fields AS c
    WHERE c.workspace_id = t.workspace_id AND c.name = known.label
    ORDER BY c.field_id LIMIT 1
) AS f ON v.field_id IS NULL;

CREATE VIEW past_task_dependencies AS
SELECT t.workspace_id, t.clickup_task_id, d.relation, o.other_task_id
FROM past_tasks AS t
CROSS JOIN LATERAL jsonb_each(t.dependencies) AS d (relation, others)
CROSS JOIN LATERAL jsonb_array_elements_text(d.others) AS o (other_task_id);

CREATE VIEW {views}.changes AS
SELECT workspace_id, change_id, object_type, object_id, task_id AS clickup_task_id, operation, field, before, after,
    changed_at, earliest, latest, user_id, user_name, source, recorded_at, position
FROM changes;

-- Versions of a task that follow each other in one status. When the first of them began is told by ClickUp's time of
-- the last change of the status, where that lies before the task was first read.
CREATE VIEW {views}.status_periods AS
SELECT p.workspace_id, p.clickup_task_id, p.status, p.status_type,
    coalesce(p.told_start, p.started_at) AS started_at,
    coalesce(p.told_start, p.started_earliest) AS started_earliest,
    coalesce(p.told_start, p.started_latest) AS started_latest,
    nullif(p.ended_at, 'infinity') AS ended_at, nullif(p.ended_earliest, 'infinity') AS ended_earliest
FROM (
    SELECT v.workspace_id, v.clickup_task_id, v.period, v.is_deleted,
        (array_agg(v.status ORDER BY v.valid_from DESC, v.valid_to DESC))[1] AS status,
        (array_agg(v.status_type ORDER BY v.valid_from DESC, v.valid_to DESC))[1] AS status_type,
        min(v.valid_from) AS started_at, min(v.valid_from_earliest) AS started_earliest,
        (array_agg(v.known_from ORDER BY v.valid_from, v.valid_to))[1] AS started_latest,
        max(v.last_status_change) FILTER (
            WHERE v.period = 1 AND v.last_status_change BETWEEN v.valid_from AND v.known_from) AS told_start,
        max(v.valid_to) AS ended_at,
        (array_agg(v.valid_to_earliest ORDER BY v.valid_from DESC, v.valid_to DESC))[1] AS ended_earliest
    FROM (
        SELECT w.*, count(*) FILTER (WHERE w.begins) OVER in_order AS period
        FROM (
            SELECT t.*, lag(t.version_id) OVER of_task IS NULL
                OR lag(t.status) OVER of_task IS DISTINCT FROM t.status
                OR lag(t.is_deleted) OVER of_task IS DISTINCT FROM t.is_deleted AS begins
            FROM task_versions AS t
            WINDOW of_task AS (PARTITION BY t.workspace_id, t.clickup_task_id ORDER BY t.valid_from, t.valid_to)
        ) AS w
        WINDOW in_order AS (PARTITION BY w.workspace_id, w.clickup_task_id ORDER BY w.valid_from, w.valid_to
            ROWS UNBOUNDED PRECEDING)
    ) AS v
    GROUP BY v.workspace_id, v.clickup_task_id, v.period, v.is_deleted
) AS p
WHERE NOT p.is_deleted;

-- The views as they were. Only the owner may read the views of the past, and set their instant: these functions do.
CREATE FUNCTION {views}.tasks_at(instant timestamptz) RETURNS SETOF {views}.tasks
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('clickup_sync.as_of', instant::text, true);
    RETURN QUERY SELECT * FROM {schema}.past_view_tasks;
END
$$;
REVOKE ALL ON FUNCTION {views}.tasks_at(timestamptz) FROM PUBLIC;

CREATE FUNCTION {views}.time_entries_at(instant timestamptz) RETURNS SETOF {views}.time_entries
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('clickup_sync.as_of', instant::text, true);
    RETURN QUERY SELECT * FROM {schema}.past_view_time_entries;
END
$$;
REVOKE ALL ON FUNCTION {views}.time_entries_at(timestamptz) FROM PUBLIC;
