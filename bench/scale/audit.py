"""What the database itself saw of jobs and of writes: triggers that no worker knows of.

Each connection has the name of its worker, so it is known who wrote what, and when.
"""

from bench.scale.server import Server

_INSTALL = """
CREATE SCHEMA scale;
CREATE TABLE scale.job_changes (
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    job_id bigint, kind text, lock text, old text, new text,
    worker text NOT NULL DEFAULT current_setting('application_name')
);
CREATE TABLE scale.writes (
    at timestamptz NOT NULL DEFAULT clock_timestamp(), workspace_id text,
    worker text NOT NULL DEFAULT current_setting('application_name')
);
CREATE FUNCTION scale.note_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO scale.job_changes (job_id, kind, lock, old, new) VALUES (
        coalesce(new.id, old.id), coalesce(new.task_name, old.task_name), coalesce(new.lock, old.lock),
        old.status::text, CASE WHEN tg_op = 'DELETE' THEN 'deleted' ELSE new.status::text END
    );
    RETURN NULL;
END $$;
CREATE FUNCTION scale.note_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO scale.writes (workspace_id) VALUES (new.workspace_id);
    RETURN NULL;
END $$;
CREATE TRIGGER scale_jobs AFTER INSERT OR DELETE OR UPDATE OF status ON clickup_jobs.procrastinate_jobs
    FOR EACH ROW EXECUTE FUNCTION scale.note_job();
CREATE TRIGGER scale_tasks AFTER INSERT OR UPDATE ON tasks
    FOR EACH ROW EXECUTE FUNCTION scale.note_write();
CREATE TRIGGER scale_comments AFTER INSERT OR UPDATE ON comments
    FOR EACH ROW EXECUTE FUNCTION scale.note_write();
"""

# When each job ran: from its start to its end, or to now.
_RAN = """
WITH ran AS (
    SELECT s.job_id, s.kind, s.lock, s.worker, s.at AS began_at, coalesce(min(e.at), 'infinity') AS ended_at
    FROM scale.job_changes AS s
    LEFT JOIN scale.job_changes AS e ON e.job_id = s.job_id AND e.old = 'doing' AND e.at > s.at
    WHERE s.new = 'doing'
    GROUP BY s.job_id, s.kind, s.lock, s.worker, s.at
)
"""
_SIDE_BY_SIDE = (
    _RAN + "SELECT count(*) FROM ran AS a JOIN ran AS b ON a.lock = b.lock AND a.job_id < b.job_id"
    " AND a.began_at < b.ended_at AND b.began_at < a.ended_at"
)
_TWICE = (
    "SELECT count(*) FROM (SELECT job_id FROM scale.job_changes WHERE new = 'doing'"
    " GROUP BY job_id HAVING count(*) > 1) AS twice"
)
# One that was cut off, and after which none of its kind was ever done in its workspace.
_LOST = """
SELECT count(*) FROM scale.job_changes AS c
WHERE c.new = 'aborted' AND NOT EXISTS (
    SELECT FROM scale.job_changes AS n
    WHERE n.kind = c.kind AND n.lock = c.lock AND n.job_id <> c.job_id AND n.new = 'doing' AND n.at > c.at
)
"""
_LATE_WRITES = (
    _RAN + "SELECT count(*) FROM scale.writes AS w WHERE w.worker = %(worker)s AND w.at > %(since)s"
    " AND NOT EXISTS (SELECT FROM ran WHERE ran.worker = w.worker AND ran.lock LIKE w.workspace_id || '/%%'"
    " AND w.at BETWEEN ran.began_at AND ran.ended_at)"
)


def install(server: Server) -> None:
    """Begins to note, in a database that is migrated."""
    server.run(_INSTALL)


def count_side_by_side(server: Server) -> int:
    """Pairs of jobs with one lock that ran at the same time."""
    return int(server.value(_SIDE_BY_SIDE))


def count_twice(server: Server) -> int:
    """Jobs that were begun more than once."""
    return int(server.value(_TWICE))


def count_lost(server: Server) -> int:
    """Jobs that were cut off and never done again."""
    return int(server.value(_LOST))


def count_late_writes(server: Server, worker: str, since: object) -> int:
    """Rows that a worker wrote after that moment and that belong to no job that was its own then."""
    return int(server.value(_LATE_WRITES, worker=worker, since=since))
