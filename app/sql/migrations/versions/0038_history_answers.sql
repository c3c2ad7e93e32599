-- What is asked about the past. The views of the past that called no function showed their tables to whoever may
-- select from them: each now calls one that only the owner may call.
CREATE OR REPLACE VIEW past_workspaces AS SELECT * FROM workspaces WHERE past_instant() IS NOT NULL;
CREATE OR REPLACE VIEW past_custom_fields AS SELECT * FROM custom_fields WHERE past_instant() IS NOT NULL;

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
