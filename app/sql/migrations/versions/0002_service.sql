-- The service: who holds the workspace may do what others ask for, webhooks ring, and it says how it is.

-- A run may wait for the holder of the lease. One of a kind at a time waits or runs, whoever asks;
-- single tasks and verifications, which only the holder starts, may be several.
ALTER TABLE runs
    DROP CONSTRAINT runs_kind_check,
    DROP CONSTRAINT runs_status_check,
    DROP CONSTRAINT runs_check,
    ADD COLUMN max_deleted_percent integer,
    ADD COLUMN progress jsonb NOT NULL DEFAULT '{}',
    ADD CONSTRAINT runs_kind_check
        CHECK (kind IN ('changes', 'full', 'deep', 'employees', 'tasks', 'verify', 'daily')),
    ADD CONSTRAINT runs_status_check
        CHECK (status IN ('waiting', 'running', 'succeeded', 'failed', 'interrupted')),
    ADD CONSTRAINT runs_ended_check CHECK ((status IN ('waiting', 'running')) = (ended_at IS NULL));
UPDATE runs AS r SET status = 'interrupted', ended_at = now()
WHERE status = 'running'
  AND EXISTS (SELECT FROM runs AS later WHERE later.workspace_id = r.workspace_id AND later.fence > r.fence);
CREATE UNIQUE INDEX runs_one_of_a_kind ON runs (workspace_id, kind)
    WHERE status IN ('waiting', 'running') AND kind NOT IN ('tasks', 'verify');
CREATE INDEX runs_ended ON runs (ended_at);

ALTER TABLE leases ADD COLUMN serves boolean NOT NULL DEFAULT false;

ALTER TABLE task_reads ADD COLUMN comments_denied_at timestamptz;

CREATE TABLE webhooks (
    webhook_id    text PRIMARY KEY,
    workspace_id  text NOT NULL,
    endpoint      text NOT NULL,
    secret        text NOT NULL,
    status        text NOT NULL,
    fail_count    integer NOT NULL DEFAULT 0,
    revived_at    timestamptz,
    checked_at    timestamptz NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX webhooks_workspace ON webhooks (workspace_id);

CREATE TABLE deliveries (
    delivery_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id  text NOT NULL,
    webhook_id    text NOT NULL,
    event         text NOT NULL,
    subject_kind  text NOT NULL CHECK (subject_kind IN ('task', 'list', 'folder', 'space', 'none')),
    subject_id    text NOT NULL,
    received_at   timestamptz NOT NULL DEFAULT now(),
    handled_at    timestamptz,
    outcome       text,
    CHECK ((handled_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX deliveries_unhandled ON deliveries (workspace_id, delivery_id) WHERE handled_at IS NULL;
CREATE INDEX deliveries_received ON deliveries (received_at);

CREATE TABLE services (
    workspace_id         text PRIMARY KEY,
    holder               text NOT NULL,
    started_at           timestamptz NOT NULL,
    seen_at              timestamptz NOT NULL,
    token_dead_since     timestamptz,
    token_error          text,
    requests_a_minute    integer,
    requests_left        integer,
    changes_every        interval NOT NULL,
    full_pass_every      interval NOT NULL,
    full_pass_reason     text,
    trouble              text,
    public_url           text
);

ALTER TABLE webhooks ENABLE ROW LEVEL SECURITY;
ALTER TABLE deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE services ENABLE ROW LEVEL SECURITY;
