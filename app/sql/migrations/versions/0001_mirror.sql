-- The mirror: documented tables (tasks, employees, daily_syncs), the facts they are made of, and
-- the mirror's own books. Every row carries its workspace. Keys between the facts are soft: a row
-- may arrive before the row it points to.

CREATE TABLE workspaces (
    workspace_id     text PRIMARY KEY,
    name             text NOT NULL,
    color            text,
    avatar           text,
    plan_name        text,
    members_count    integer NOT NULL DEFAULT 0,
    token_user_id    text,
    token_user_name  text,
    token_role       text,
    owner_time_zone  text,
    rendered_zone    text,
    task_types       jsonb NOT NULL DEFAULT '{}',
    updated_at       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE employees (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    workspace_id     text NOT NULL,
    clickup_user_id  text NOT NULL UNIQUE,
    name             text NOT NULL,
    email            text,
    role             text,
    is_active        boolean NOT NULL DEFAULT true,
    left_at          timestamptz,
    time_denied_at   timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX employees_workspace ON employees (workspace_id);

CREATE TABLE spaces (
    space_id            text PRIMARY KEY,
    workspace_id        text NOT NULL,
    name                text NOT NULL,
    archived            boolean NOT NULL,
    is_deleted          boolean NOT NULL DEFAULT false,
    color               text,
    private             boolean,
    multiple_assignees  boolean,
    statuses            jsonb NOT NULL DEFAULT '[]',
    features            jsonb NOT NULL DEFAULT '{}',
    fingerprint         text NOT NULL,
    updated_at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX spaces_workspace ON spaces (workspace_id);

CREATE TABLE folders (
    folder_id         text PRIMARY KEY,
    workspace_id      text NOT NULL,
    space_id          text,
    parent_folder_id  text,
    name              text NOT NULL,
    archived          boolean NOT NULL,
    is_deleted        boolean NOT NULL DEFAULT false,
    details           jsonb NOT NULL DEFAULT '{}',
    fingerprint       text NOT NULL,
    updated_at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX folders_workspace ON folders (workspace_id, space_id);

CREATE TABLE lists (
    list_id       text PRIMARY KEY,
    workspace_id  text NOT NULL,
    space_id      text,
    folder_id     text,
    name          text NOT NULL,
    archived      boolean NOT NULL,
    is_deleted    boolean NOT NULL DEFAULT false,
    details       jsonb NOT NULL DEFAULT '{}',
    fingerprint   text NOT NULL,
    updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX lists_workspace ON lists (workspace_id, space_id, folder_id);

CREATE TABLE tasks (
    id                     uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    workspace_id           text NOT NULL,
    clickup_task_id        text NOT NULL UNIQUE,
    title                  text NOT NULL,
    description            text,
    type                   text NOT NULL,
    status                 text,
    status_type            text,
    priority               text,
    tags                   text[] NOT NULL DEFAULT '{}',
    summary                text,
    sprint_points          numeric,
    assigned_comment       text,
    assignee_name          text,
    assignee_ids           text,
    employee_id            uuid,
    employee_ids           uuid[] NOT NULL DEFAULT '{}',
    assigned_by            text,
    followers              text[] NOT NULL DEFAULT '{}',
    space_id               text,
    space_name             text,
    folder_id              text,
    folder_name            text,
    list_id                text,
    list_name              text,
    date_created           timestamptz,
    date_updated           timestamptz,
    date_done              timestamptz,
    date_closed            timestamptz,
    last_status_change     timestamptz,
    updated_at             timestamptz NOT NULL DEFAULT now(),
    start_date             date,
    due_date               date,
    time_estimate_minutes  integer,
    start_times            text[] NOT NULL DEFAULT '{}',
    end_times              text[] NOT NULL DEFAULT '{}',
    tracked_minutes        integer,
    archived               boolean NOT NULL DEFAULT false,
    is_deleted             boolean NOT NULL DEFAULT false,
    is_recurring           boolean NOT NULL DEFAULT false,
    dependencies           jsonb NOT NULL DEFAULT '{}',
    custom_id              text,
    parent                 text,
    top_level_parent       text,
    url                    text,
    points                 text,
    custom_fields          jsonb NOT NULL DEFAULT '{}',
    locations              jsonb NOT NULL DEFAULT '[]',
    group_assignees        text[] NOT NULL DEFAULT '{}',
    start_at               timestamptz,
    due_at                 timestamptz,
    time_spent_ms          bigint NOT NULL DEFAULT 0,
    deleted_at             timestamptz,
    created_at             timestamptz NOT NULL DEFAULT now(),
    read_at                timestamptz NOT NULL,
    fingerprint            text NOT NULL,
    CHECK (cardinality(start_times) = cardinality(end_times)),
    CHECK (is_deleted = (deleted_at IS NOT NULL))
);
CREATE INDEX tasks_changed ON tasks (workspace_id, date_updated DESC, clickup_task_id);
CREATE INDEX tasks_list ON tasks (list_id) WHERE NOT is_deleted;
CREATE INDEX tasks_parent ON tasks (parent) WHERE parent IS NOT NULL;
CREATE INDEX tasks_employees ON tasks USING gin (employee_ids);
CREATE INDEX tasks_tags ON tasks USING gin (tags);

CREATE TABLE task_people (
    workspace_id     text NOT NULL,
    clickup_task_id  text NOT NULL,
    relation         text NOT NULL CHECK (relation IN ('assignee', 'watcher', 'creator')),
    clickup_user_id  text NOT NULL,
    position         integer NOT NULL,
    name             text NOT NULL,
    email            text,
    PRIMARY KEY (clickup_task_id, relation, clickup_user_id)
);
CREATE INDEX task_people_user ON task_people (clickup_user_id, relation);

CREATE TABLE task_tags (
    workspace_id     text NOT NULL,
    clickup_task_id  text NOT NULL,
    tag              text NOT NULL,
    PRIMARY KEY (clickup_task_id, tag)
);
CREATE INDEX task_tags_tag ON task_tags (workspace_id, tag);

CREATE TABLE task_dependencies (
    workspace_id     text NOT NULL,
    clickup_task_id  text NOT NULL,
    relation         text NOT NULL CHECK (relation IN ('waiting_on', 'blocking', 'linked')),
    other_task_id    text NOT NULL,
    PRIMARY KEY (clickup_task_id, relation, other_task_id)
);
CREATE INDEX task_dependencies_other ON task_dependencies (other_task_id);

CREATE TABLE custom_fields (
    field_id      text PRIMARY KEY,
    workspace_id  text NOT NULL,
    name          text NOT NULL,
    type          text NOT NULL,
    type_config   jsonb NOT NULL DEFAULT '{}',
    updated_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE task_custom_fields (
    workspace_id     text NOT NULL,
    clickup_task_id  text NOT NULL,
    field_id         text NOT NULL,
    name             text NOT NULL,
    value_text       text,
    value            jsonb,
    PRIMARY KEY (clickup_task_id, field_id)
);
CREATE INDEX task_custom_fields_field ON task_custom_fields (field_id);

CREATE TABLE time_entries (
    clickup_entry_id  text PRIMARY KEY,
    workspace_id      text NOT NULL,
    clickup_task_id   text,
    clickup_user_id   text,
    user_name         text,
    started_at        timestamptz,
    ended_at          timestamptz,
    duration_ms       bigint,
    is_running        boolean NOT NULL,
    billable          boolean,
    description       text,
    tags              text[],
    entry_updated_at  timestamptz,
    read_at           timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL DEFAULT now(),
    CHECK (is_running = (duration_ms IS NULL))
);
CREATE INDEX time_entries_task ON time_entries (clickup_task_id);
CREATE INDEX time_entries_started ON time_entries (workspace_id, started_at);

CREATE TABLE comments (
    clickup_comment_id  text PRIMARY KEY,
    workspace_id        text NOT NULL,
    clickup_task_id     text NOT NULL,
    parent_comment_id   text,
    text                text NOT NULL,
    author_id           text,
    author_name         text,
    assignee_id         text,
    assignee_name       text,
    assigned_by_id      text,
    assigned_by_name    text,
    resolved            boolean NOT NULL,
    commented_at        timestamptz,
    reply_count         integer NOT NULL DEFAULT 0,
    read_at             timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX comments_task ON comments (clickup_task_id);
CREATE INDEX comments_parent ON comments (parent_comment_id) WHERE parent_comment_id IS NOT NULL;
CREATE INDEX comments_waiting ON comments (workspace_id, assignee_id)
    WHERE assignee_id IS NOT NULL AND NOT resolved;

-- The day's report; filled by the daily snapshot.
CREATE TABLE daily_syncs (
    id                     uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    workspace_id           text NOT NULL,
    clickup_task_id        text NOT NULL,
    title                  text,
    description            text,
    status                 text,
    tags                   text[],
    priority               text,
    start_times            text[],
    end_times              text[],
    tracked_minutes        integer,
    status_type            text,
    type                   text,
    assignee_name          text[],
    assigned_by            text,
    due_date               date,
    assigned_comment       text,
    date_created           timestamptz,
    date_closed            timestamptz,
    time_estimate_minutes  integer,
    start_date             date,
    space_name             text,
    folder_name            text,
    list_name              text,
    followers              text[],
    summary                text,
    sprint_points          numeric,
    dependencies           jsonb,
    last_status_change     timestamptz,
    clickup_user_id        text
);
CREATE INDEX daily_syncs_task ON daily_syncs (clickup_task_id);

-- The mirror's own books.

CREATE TABLE runs (
    run_id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    workspace_id   text NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('changes', 'full', 'deep', 'employees')),
    trigger        text NOT NULL,
    status         text NOT NULL DEFAULT 'running'
                   CHECK (status IN ('running', 'succeeded', 'failed', 'interrupted')),
    fence          bigint NOT NULL,
    started_at     timestamptz NOT NULL DEFAULT now(),
    ended_at       timestamptz,
    requests       integer NOT NULL DEFAULT 0,
    rows_written   integer NOT NULL DEFAULT 0,
    counts         jsonb NOT NULL DEFAULT '{}',
    notes          jsonb NOT NULL DEFAULT '[]',
    error          text,
    CHECK ((status = 'running') = (ended_at IS NULL)),
    CHECK ((status = 'failed') = (error IS NOT NULL))
);
CREATE INDEX runs_latest ON runs (workspace_id, started_at DESC);

CREATE TABLE skipped_objects (
    workspace_id  text NOT NULL,
    kind          text NOT NULL,
    object_id     text NOT NULL,
    reason        text NOT NULL,
    run_id        uuid NOT NULL,
    skipped_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, kind, object_id)
);

CREATE TABLE streams (
    workspace_id  text NOT NULL,
    stream        text NOT NULL,
    watermark     timestamptz,
    read_at       timestamptz,
    complete_at   timestamptz,
    blind_spot    text,
    PRIMARY KEY (workspace_id, stream)
);

CREATE TABLE task_reads (
    clickup_task_id    text PRIMARY KEY,
    workspace_id       text NOT NULL,
    comments_read_at   timestamptz,
    comments_for       timestamptz,
    time_read_at       timestamptz,
    time_spent_ms      bigint,
    time_stored_ms     bigint,
    denied_at          timestamptz
);
CREATE INDEX task_reads_workspace ON task_reads (workspace_id, comments_read_at);

CREATE TABLE leases (
    workspace_id  text PRIMARY KEY,
    holder        text NOT NULL,
    fence         bigint NOT NULL,
    heartbeat_at  timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL
);

-- A Supabase project publishes the tables of `public` by its web API. Row-level security without a
-- policy shows nothing there until the owner decides; the owner of the tables is not held by it.
ALTER TABLE workspaces ENABLE ROW LEVEL SECURITY;
ALTER TABLE employees ENABLE ROW LEVEL SECURITY;
ALTER TABLE spaces ENABLE ROW LEVEL SECURITY;
ALTER TABLE folders ENABLE ROW LEVEL SECURITY;
ALTER TABLE lists ENABLE ROW LEVEL SECURITY;
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE task_people ENABLE ROW LEVEL SECURITY;
ALTER TABLE task_tags ENABLE ROW LEVEL SECURITY;
ALTER TABLE task_dependencies ENABLE ROW LEVEL SECURITY;
ALTER TABLE custom_fields ENABLE ROW LEVEL SECURITY;
ALTER TABLE task_custom_fields ENABLE ROW LEVEL SECURITY;
ALTER TABLE time_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE comments ENABLE ROW LEVEL SECURITY;
ALTER TABLE daily_syncs ENABLE ROW LEVEL SECURITY;
ALTER TABLE runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE skipped_objects ENABLE ROW LEVEL SECURITY;
ALTER TABLE streams ENABLE ROW LEVEL SECURITY;
ALTER TABLE task_reads ENABLE ROW LEVEL SECURITY;
ALTER TABLE leases ENABLE ROW LEVEL SECURITY;
