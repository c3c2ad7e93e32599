-- How far an answer can be relied upon.

-- name: get_standing
-- When the latest sync that brought the mirror level was asked of ClickUp, by which clock that is so long ago,
-- what a service said of itself, and what is not in the mirror. Of `unread`, the live tasks whose comments were
-- neither read nor denied, there are as many as live tasks less those that were, each counted in an index.
SELECT now() AS now,
    (SELECT max(started_at) FROM runs
     WHERE workspace_id = %(workspace_id)s AND kind IN ('changes', 'full', 'deep') AND status = 'succeeded')
        AS as_of,
    (SELECT count(complete_at) = 3 FROM streams
     WHERE workspace_id = %(workspace_id)s AND stream IN ('tasks', 'archived tasks', 'time')) AS is_complete,
    greatest(
        (SELECT count(*) FROM tasks WHERE workspace_id = %(workspace_id)s AND NOT is_deleted)
        - (SELECT count(*) FROM task_reads
           WHERE workspace_id = %(workspace_id)s
             AND (comments_read_at IS NOT NULL OR comments_denied_at IS NOT NULL))
        + (SELECT count(*)
           FROM tasks AS t
           CROSS JOIN LATERAL (
               SELECT FROM task_reads AS reads
               WHERE reads.clickup_task_id = t.clickup_task_id AND reads.workspace_id = %(workspace_id)s
                 AND (reads.comments_read_at IS NOT NULL OR reads.comments_denied_at IS NOT NULL)
               LIMIT 1) AS settled
           WHERE t.workspace_id = %(workspace_id)s AND t.is_deleted),
        0) AS unread,
    (SELECT count(*) FROM task_reads AS reads JOIN tasks AS t USING (clickup_task_id)
     WHERE reads.workspace_id = %(workspace_id)s AND reads.comments_denied_at IS NOT NULL AND NOT t.is_deleted)
        AS denied,
    (SELECT coalesce(array_agg(stream || ': ' || blind_spot ORDER BY stream), '{}') FROM streams
     WHERE workspace_id = %(workspace_id)s AND blind_spot IS NOT NULL) AS blind_spots,
    (SELECT count(*) FROM skipped_objects WHERE workspace_id = %(workspace_id)s) AS skipped,
    s.seen_at, s.token_dead_since, s.token_error,
    coalesce(l.serves AND l.expires_at > now() AND l.holder = s.holder, false) AS is_running
FROM (SELECT) AS once
LEFT JOIN services AS s ON s.workspace_id = %(workspace_id)s
LEFT JOIN leases AS l ON l.workspace_id = s.workspace_id;
