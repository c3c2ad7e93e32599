-- How far an answer can be relied upon.

-- part: of_a_live_task
-- Deleted tasks are few, or those that are counted are: the planner begins with whichever it is.
  AND NOT EXISTS (SELECT FROM {schema}.tasks AS t WHERE t.clickup_task_id = reads.clickup_task_id AND t.is_deleted)

-- name: get_sync_status
-- When the latest sync that updated the whole mirror was requested, the clock for its age,
-- what workers know of the workspace, and what is not in the mirror: the live tasks whose comments were neither read
-- nor refused (`unread`) or were shown in part (`short`), counted in an index of few, what is refused, by kind,
-- and more.
SELECT now() AS now,
    (SELECT max(started_at) FROM {schema}.runs
     WHERE workspace_id = %(workspace_id)s AND kind IN ('incremental', 'first', 'full', 'deep') AND status = 'succeeded')
        AS as_of,
    (SELECT count(complete_at) = 3 FROM {schema}.streams
     WHERE workspace_id = %(workspace_id)s AND stream IN ('tasks', 'archived tasks', 'time')) AS is_complete,
    (SELECT count(*) FROM {schema}.task_reads AS reads
     WHERE reads.workspace_id = %(workspace_id)s
       AND reads.comments_read_at IS NULL
       AND NOT EXISTS (SELECT FROM {schema}.refusals AS r WHERE r.workspace_id = reads.workspace_id
                       AND r.kind = 'comments' AND r.object_id = reads.clickup_task_id)
{of_a_live_task}
    ) AS unread,
    (SELECT coalesce(jsonb_agg(by_kind ORDER BY kind), '[]') FROM (
        SELECT r.kind, sum(r.objects)::integer AS objects, bool_or(r.object_id = '') AS is_many
        FROM {schema}.refusals AS r
        LEFT JOIN {schema}.tasks AS t ON t.clickup_task_id = r.object_id
        WHERE r.workspace_id = %(workspace_id)s AND t.is_deleted IS NOT TRUE
        GROUP BY r.kind
    ) AS by_kind) AS refusals,
    (SELECT count(*) FROM {schema}.task_reads AS reads
     WHERE reads.workspace_id = %(workspace_id)s AND reads.comments_short_reads > 0
{of_a_live_task}
    ) AS short,
    (SELECT coalesce(array_agg(stream || ': ' || blind_spot ORDER BY stream), '{}') FROM {schema}.streams
     WHERE workspace_id = %(workspace_id)s AND blind_spot IS NOT NULL) AS blind_spots,
    (SELECT count(*) FROM {schema}.skipped_objects WHERE workspace_id = %(workspace_id)s) AS skipped,
    {unreadable_rows} AS unreadable,
    (SELECT coalesce(jsonb_object_agg(table_name, total), '{}')
     FROM (SELECT table_name, count(*) AS total FROM {schema}.external_changes
           WHERE workspace_id = %(workspace_id)s GROUP BY table_name) AS changed) AS external_changes,
    s.seen_at, s.token_rejected_at, s.token_error,
    {is_running}
FROM (SELECT) AS once
LEFT JOIN {schema}.workspace_states AS s ON s.workspace_id = %(workspace_id)s;
