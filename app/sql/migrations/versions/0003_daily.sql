-- The daily snapshot: the day's report is in daily_syncs, and each day's last one is kept here.

CREATE TABLE daily_snapshots (
    id                     uuid PRIMARY KEY,
    workspace_id           text NOT NULL,
    snapshot_date          date NOT NULL,
    taken_at               timestamptz NOT NULL,
    clickup_task_id        text NOT NULL,
    title                  text NOT NULL,
    description            text,
    status                 text,
    tags                   text[] NOT NULL,
    priority               text,
    start_times            text[] NOT NULL,
    end_times              text[] NOT NULL,
    tracked_minutes        integer,
    status_type            text,
    type                   text NOT NULL,
    assignee_name          text[] NOT NULL,
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
    followers              text[] NOT NULL,
    summary                text,
    sprint_points          numeric,
    dependencies           jsonb NOT NULL,
    last_status_change     timestamptz,
    clickup_user_id        text
);
CREATE UNIQUE INDEX daily_snapshots_day ON daily_snapshots (workspace_id, snapshot_date, clickup_task_id);
CREATE INDEX daily_snapshots_task ON daily_snapshots (clickup_task_id, snapshot_date);
CREATE INDEX daily_syncs_workspace ON daily_syncs (workspace_id);

ALTER TABLE daily_snapshots ENABLE ROW LEVEL SECURITY;
