-- Kinds of runs and jobs have standard terms: `incremental` (was `changes`), `snapshot` (`daily`), `verification`
-- (`verify`) and `webhook` (`tasks`, a run only).

ALTER TABLE runs DROP CONSTRAINT runs_kind_check;
DROP INDEX runs_one_of_a_kind;

UPDATE runs AS r SET kind = renamed.kind
FROM (VALUES ('changes', 'incremental'), ('daily', 'snapshot'), ('verify', 'verification'), ('tasks', 'webhook'))
    AS renamed (old, kind)
WHERE r.kind = renamed.old;

ALTER TABLE runs ADD CONSTRAINT runs_kind_check CHECK (
    kind IN ('incremental', 'first', 'full', 'deep', 'employees', 'webhook', 'verification', 'snapshot'));
CREATE UNIQUE INDEX runs_one_of_a_kind ON runs (workspace_id, kind)
    WHERE status IN ('waiting', 'running') AND kind NOT IN ('webhook', 'verification');

UPDATE schedules AS s SET kind = renamed.kind
FROM (VALUES ('changes', 'incremental'), ('daily', 'snapshot'), ('verify', 'verification')) AS renamed (old, kind)
WHERE s.kind = renamed.old;

UPDATE failed_jobs AS f SET kind = renamed.kind
FROM (VALUES ('changes', 'incremental'), ('daily', 'snapshot'), ('verify', 'verification')) AS renamed (old, kind)
WHERE f.kind = renamed.old;

-- Jobs that wait or run keep their place; the lock of a kind has had the new term already.
DO $$
BEGIN
    -- A new database gets the job queue after all migrations.
    IF to_regclass('{jobs}.procrastinate_jobs') IS NOT NULL THEN
        UPDATE {jobs}.procrastinate_jobs AS j
        SET task_name = renamed.kind,
            queueing_lock = regexp_replace(j.queueing_lock, '/' || renamed.old || '$', '/' || renamed.kind)
        FROM (VALUES ('changes', 'incremental'), ('daily', 'snapshot'), ('verify', 'verification'))
            AS renamed (old, kind)
        WHERE j.task_name = renamed.old;
    END IF;
END
$$;
