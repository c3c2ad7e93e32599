-- A long pass is several jobs: where one stopped is stored in the run's row, and the next one continues there.

ALTER TABLE runs ADD COLUMN checkpoint jsonb;
CREATE INDEX runs_to_continue ON runs (workspace_id, kind) WHERE checkpoint IS NOT NULL;

-- What its listings showed so far, a part for each checkpoint: too much to be written again with each of them.
CREATE TABLE run_seen_tasks (
    run_id uuid NOT NULL REFERENCES runs ON DELETE CASCADE,
    seen_before integer NOT NULL,
    task_ids text[] NOT NULL,
    PRIMARY KEY (run_id, seen_before)
);
ALTER TABLE run_seen_tasks ENABLE ROW LEVEL SECURITY;
