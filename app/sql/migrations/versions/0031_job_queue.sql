-- Jobs run on Procrastinate, in a schema of its own. What a run writes stands under the run's own row, so that no
-- process leads a workspace any more.

-- The same as before, but that a workspace is mirrored where something of it was read.
CREATE OR REPLACE FUNCTION restore_external_changes(mirror regnamespace, workspace text, tasks text[])
RETURNS TABLE (changed_table text, changed_rows bigint, changed_tasks text[])
LANGUAGE plpgsql AS $$  -- the search path stays as it is: triggers of the user's fire in here
DECLARE
    data      record;
    picked    bigint[];
    batch     bigint[];
    size      integer;
    position  integer;
    restored  bigint;
BEGIN
    FOR data IN EXECUTE format('
        SELECT table_name, bool_or(column_name = ''id'') AS has_id,
            string_agg(quote_ident(column_name), '', '' ORDER BY column_id) FILTER (WHERE is_key) AS keys,
            string_agg(format(''t.%%I'', column_name), '', '' ORDER BY column_id) FILTER (WHERE is_key) AS row_key,
            string_agg(quote_ident(column_name), '', '' ORDER BY column_id) AS names,
            string_agg(CASE column_name WHEN ''updated_at'' THEN ''now()'' ELSE format(''r.%%I'', column_name) END,
                '', '' ORDER BY column_id) AS image,
            string_agg(format(''%%1$I = excluded.%%1$I'', column_name), '', '' ORDER BY column_id) AS assignments
        FROM %s.mirrored_columns GROUP BY table_name ORDER BY min(column_id)', mirror)
    LOOP
        EXECUTE format('
            SELECT array_agg(change_id),
                coalesce(array_agg(DISTINCT task_id) FILTER (WHERE task_id IS NOT NULL), ''{}'')
            FROM %1$s.external_changes
            WHERE table_name = %2$L
              AND CASE WHEN $2 IS NULL
                  THEN workspace_id = $1 OR workspace_id NOT IN (SELECT workspace_id FROM %1$s.streams)
                  ELSE task_id = ANY($2)
              END', mirror, data.table_name)
        INTO picked, changed_tasks USING workspace, tasks;
        CONTINUE WHEN picked IS NULL;
        size := cardinality(picked);
        position := 1;
        restored := 0;
        WHILE position <= cardinality(picked) LOOP
            batch := picked[position : position + size - 1];
            BEGIN
                EXECUTE format('
                    DELETE FROM %1$s.%2$I AS t USING %1$s.external_changes AS e
                    WHERE e.change_id = ANY($1) AND e.before IS NULL AND e.row_key = ARRAY[%3$s]::text[]',
                    mirror, data.table_name, data.row_key) USING batch;
                IF data.has_id THEN
                    -- Else a row that has the id of another one would be in the way of that one.
                    EXECUTE format('
                        DELETE FROM %1$s.%2$I AS t USING %1$s.external_changes AS e
                        WHERE e.change_id = ANY($1) AND t.id = (e.before ->> ''id'')::uuid
                          AND e.row_key <> ARRAY[%3$s]::text[]',
                        mirror, data.table_name, data.row_key) USING batch;
                END IF;
                EXECUTE format('
                    INSERT INTO %1$s.%2$I AS t (%3$s)
                    SELECT %4$s
                    FROM %1$s.external_changes AS e
                    CROSS JOIN LATERAL jsonb_populate_record(NULL::%1$s.%2$I, e.before) AS r
                    WHERE e.change_id = ANY($1) AND e.before IS NOT NULL
                    ORDER BY e.row_key
                    ON CONFLICT (%5$s) DO UPDATE SET %6$s',
                    mirror, data.table_name, data.names, data.image, data.keys, data.assignments) USING batch;
                EXECUTE format('DELETE FROM %s.external_changes WHERE change_id = ANY($1)', mirror) USING batch;
                restored := restored + cardinality(batch);
                position := position + size;
            EXCEPTION WHEN foreign_key_violation THEN
                -- A table of the user's points to such a row: that one stays as it is, and remembered.
                IF size = 1 THEN
                    position := position + 1;
                END IF;
                size := 1;
            END;
        END LOOP;
        CONTINUE WHEN restored = 0;
        changed_table := data.table_name;
        changed_rows := restored;
        RETURN NEXT;
    END LOOP;
END
$$;

DROP TABLE leases;

-- Runs of processes that led a workspace: whoever goes on begins them anew. What waits is done by the first worker.
UPDATE runs SET status = 'interrupted', ended_at = now() WHERE status = 'running';

-- A first sync is one by name.
ALTER TABLE runs
    DROP CONSTRAINT runs_kind_check,
    ADD CONSTRAINT runs_kind_check
        CHECK (kind IN ('changes', 'first', 'full', 'deep', 'employees', 'tasks', 'verify', 'daily'));

CREATE INDEX runs_unended ON runs (workspace_id, kind) WHERE status IN ('waiting', 'running');
CREATE INDEX runs_latest ON runs (workspace_id, kind, started_at DESC);

CREATE TABLE schedules (
    workspace_id  text NOT NULL,
    kind          text NOT NULL,
    due_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, kind)
);
CREATE INDEX schedules_due ON schedules (due_at);

CREATE TABLE worker_processes (
    worker       text PRIMARY KEY,
    queues       text[] NOT NULL,
    concurrency  integer NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT now(),
    seen_at      timestamptz NOT NULL DEFAULT now(),
    error        text
);

ALTER TABLE services RENAME TO workspace_states;
ALTER TABLE workspace_states RENAME CONSTRAINT services_pkey TO workspace_states_pkey;
ALTER TABLE workspace_states RENAME COLUMN token_dead_since TO token_rejected_at;
ALTER TABLE workspace_states RENAME COLUMN requests_a_minute TO requests_per_minute;
ALTER TABLE workspace_states RENAME COLUMN changes_every TO incremental_interval;
ALTER TABLE workspace_states RENAME COLUMN full_pass_every TO full_interval;
ALTER TABLE workspace_states RENAME COLUMN full_pass_reason TO full_interval_reason;
ALTER TABLE workspace_states RENAME COLUMN trouble TO last_error;
ALTER TABLE workspace_states
    DROP COLUMN holder,
    ADD COLUMN requests_answered bigint NOT NULL DEFAULT 0,
    ADD COLUMN requests_rate_limited bigint NOT NULL DEFAULT 0,
    ADD COLUMN requests_failed bigint NOT NULL DEFAULT 0;

ALTER TABLE schedules ENABLE ROW LEVEL SECURITY;
ALTER TABLE worker_processes ENABLE ROW LEVEL SECURITY;
