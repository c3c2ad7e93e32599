-- Why a job failed stands until a job of its kind succeeds: before, any other job that succeeded took it away.

CREATE TABLE failed_jobs (
    workspace_id  text NOT NULL,
    kind          text NOT NULL,
    error         text NOT NULL,
    attempts      integer NOT NULL,
    failed_at     timestamptz NOT NULL DEFAULT now(),
    retry_at      timestamptz,
    PRIMARY KEY (workspace_id, kind)
);
ALTER TABLE failed_jobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE workspace_states DROP COLUMN last_error;
