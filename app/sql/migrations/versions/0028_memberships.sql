-- Who is in which workspace. `employees` has one row for each person, whatever workspaces they are in; what a workspace
-- says of a person is here. `employee_id` is `employees.id`.
CREATE TABLE memberships (
    workspace_id       text NOT NULL,
    employee_id        uuid NOT NULL,
    clickup_user_id    text NOT NULL,
    role               text,
    is_active          boolean NOT NULL DEFAULT true,
    left_at            timestamptz,
    time_zone          text,
    unreadable_fields  jsonb NOT NULL DEFAULT '{}',
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, clickup_user_id)
);
CREATE INDEX memberships_person ON memberships (clickup_user_id);
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;

INSERT INTO memberships (
    workspace_id, employee_id, clickup_user_id, role, is_active, left_at, time_zone, unreadable_fields, created_at,
    updated_at
)
SELECT e.workspace_id, e.id, e.clickup_user_id, e.role, e.is_active, e.left_at, w.owner_time_zone, e.unreadable_fields,
    e.created_at, e.updated_at
FROM employees AS e
LEFT JOIN workspaces AS w ON w.workspace_id = e.workspace_id AND w.token_user_id = e.clickup_user_id;

INSERT INTO mirrored_columns (table_name, column_name, is_key)
SELECT 'memberships', name, name IN ('workspace_id', 'clickup_user_id')
FROM unnest(ARRAY['workspace_id', 'employee_id', 'clickup_user_id', 'role', 'is_active', 'left_at', 'time_zone',
    'unreadable_fields', 'created_at', 'updated_at']) AS data (name);
SELECT install_change_triggers(quote_ident(current_schema())::regnamespace);

CREATE VIEW {views}.memberships AS
SELECT m.workspace_id, m.employee_id, m.clickup_user_id, e.name, m.role, m.is_active, m.left_at,
    EXISTS (SELECT FROM refusals AS r WHERE r.workspace_id = m.workspace_id AND r.kind = 'person_time'
            AND r.object_id = m.clickup_user_id) AS is_time_hidden,
    m.time_zone, m.unreadable_fields
FROM memberships AS m
LEFT JOIN employees AS e USING (clickup_user_id);

COMMENT ON VIEW {views}.memberships IS 'Who is in which workspace, and who left it: a row for each person and workspace.';
COMMENT ON COLUMN {views}.memberships.workspace_id IS 'The workspace.';
COMMENT ON COLUMN {views}.memberships.employee_id IS 'The person in employees.';
COMMENT ON COLUMN {views}.memberships.clickup_user_id IS 'ClickUp''s id of the person.';
COMMENT ON COLUMN {views}.memberships.name IS 'Name of the person, as in employees.';
COMMENT ON COLUMN {views}.memberships.role IS 'owner, admin, member, guest, or custom (N) in this workspace. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.memberships.is_active IS 'False for somebody who left this workspace.';
COMMENT ON COLUMN {views}.memberships.left_at IS 'When they were first found missing in this workspace. NULL: they are here.';
COMMENT ON COLUMN {views}.memberships.is_time_hidden IS 'ClickUp refuses the token of this workspace the person''s time.';
COMMENT ON COLUMN {views}.memberships.time_zone IS 'Time zone of the person in ClickUp. NULL: not told; ClickUp tells it of the token''s owner only.';
COMMENT ON COLUMN {views}.memberships.unreadable_fields IS 'Fields that could not be read, as {"ClickUp''s name of the field": "reason"}; empty where all could. Such a field is NULL or empty here.';
COMMENT ON COLUMN {views}.employees.workspace_id IS 'One of the workspaces of the person; memberships has all of them.';
COMMENT ON COLUMN {views}.employees.role IS 'owner, admin, member, guest, or custom (N) in that workspace. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.employees.is_active IS 'False for somebody who left every workspace.';
