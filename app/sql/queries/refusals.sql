-- What ClickUp refuses this token: objects, one row each, and many of a kind together (an empty `object_id`).

-- part: task_is_refused
-- In force: not before its next try, unless the task `t` changed since. Many together hold back a kind whole.
  EXISTS (
    SELECT FROM {schema}.refusals AS refused
    WHERE refused.workspace_id = t.workspace_id AND refused.kind = 'task'
      AND refused.object_id IN (t.clickup_task_id, '') AND refused.retry_at > now()
      AND (refused.object_id = '' OR refused.changed_at IS NOT DISTINCT FROM t.date_updated)
  )

-- part: comments_are_refused
-- As `task_is_refused`, of the comments of the task `t`.
  EXISTS (
    SELECT FROM {schema}.refusals AS refused
    WHERE refused.workspace_id = t.workspace_id AND refused.kind = 'comments'
      AND refused.object_id IN (t.clickup_task_id, '') AND refused.retry_at > now()
      AND (refused.object_id = '' OR refused.changed_at IS NOT DISTINCT FROM t.date_updated)
  )

-- part: time_is_refused
-- As `task_is_refused`, of the own time of the task `t`.
  EXISTS (
    SELECT FROM {schema}.refusals AS refused
    WHERE refused.workspace_id = t.workspace_id AND refused.kind = 'task_time'
      AND refused.object_id IN (t.clickup_task_id, '') AND refused.retry_at > now()
      AND (refused.object_id = '' OR refused.changed_at IS NOT DISTINCT FROM t.date_updated)
  )

-- name: get_refusals_of_late
-- What tells whether refusals of a kind are believed: how many of these objects could be read before and had no
-- record, how many such records are younger than an hour, and since when many together are refused.
SELECT
    (SELECT count(*) FROM unnest(%(ids)s::text[]) AS asked (object_id)
     LEFT JOIN {schema}.tasks AS t ON t.clickup_task_id = asked.object_id
     LEFT JOIN {schema}.task_reads AS reads ON reads.clickup_task_id = asked.object_id
     WHERE CASE %(kind)s
            WHEN 'task' THEN t.clickup_task_id IS NOT NULL
            WHEN 'comments' THEN reads.comments_read_at IS NOT NULL
            WHEN 'task_time' THEN reads.time_read_at IS NOT NULL
            ELSE false
        END
       AND NOT EXISTS (SELECT FROM {schema}.refusals AS known
                       WHERE known.workspace_id = %(workspace_id)s AND known.kind = %(kind)s
                         AND known.object_id = asked.object_id)) AS readable,
    (SELECT count(*) FROM {schema}.refusals
     WHERE workspace_id = %(workspace_id)s AND kind = %(kind)s AND object_id <> '' AND was_readable
       AND since > now() - interval '1 hour') AS recorded,
    (SELECT now() - since FROM {schema}.refusals
     WHERE workspace_id = %(workspace_id)s AND kind = %(kind)s AND object_id = '') AS many_for;

-- name: upsert_refusals
-- Refused again, the next try is twice as far away: after an hour first, after a day at most.
INSERT INTO {schema}.refusals AS stored
    (workspace_id, kind, object_id, retry_at, reason, was_readable, changed_at)
SELECT %(workspace_id)s, %(kind)s, r.object_id, now() + interval '1 hour', r.reason,
    CASE %(kind)s
        WHEN 'task' THEN t.clickup_task_id IS NOT NULL
        WHEN 'comments' THEN reads.comments_read_at IS NOT NULL
        WHEN 'task_time' THEN reads.time_read_at IS NOT NULL
        ELSE false
    END,
    t.date_updated
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (object_id text, reason text)
LEFT JOIN {schema}.tasks AS t ON t.clickup_task_id = r.object_id
LEFT JOIN {schema}.task_reads AS reads ON reads.clickup_task_id = r.object_id
ON CONFLICT (workspace_id, kind, object_id) DO UPDATE SET
    refused_at = now(), times = stored.times + 1, reason = excluded.reason, changed_at = excluded.changed_at,
    retry_at = now() + least(interval '1 hour' * 2 ^ least(stored.times, 5), interval '1 day');

-- name: upsert_many_refused
-- So many objects of a kind together. Tried again after a minute, then twice as late, after a quarter of an hour at
-- most; at once where `is_believed`, for then each gets its own record.
INSERT INTO {schema}.refusals AS stored (workspace_id, kind, object_id, objects, retry_at, reason)
VALUES (%(workspace_id)s, %(kind)s, '', %(objects)s, now() + interval '1 minute', %(reason)s)
ON CONFLICT (workspace_id, kind, object_id) DO UPDATE SET
    refused_at = now(), times = stored.times + 1, reason = excluded.reason, objects = excluded.objects,
    retry_at = CASE WHEN %(is_believed)s THEN now()
        ELSE now() + least(interval '1 minute' * 2 ^ least(stored.times, 5), interval '15 minutes') END;

-- name: list_refused
-- Every object of which a refusal is recorded.
SELECT kind, object_id FROM {schema}.refusals WHERE workspace_id = %(workspace_id)s;

-- name: delete_refusals
-- These could be read.
DELETE FROM {schema}.refusals
WHERE workspace_id = %(workspace_id)s AND kind = %(kind)s AND object_id = ANY(%(ids)s);

-- name: delete_many_refused
-- A try of these kinds brought no refusal of what could be read before.
DELETE FROM {schema}.refusals
WHERE workspace_id = %(workspace_id)s AND kind = ANY(%(kinds)s) AND object_id = '' AND retry_at <= now();

-- name: delete_obsolete_refusals
-- Of what is gone: deleted tasks and places, people who left.
DELETE FROM {schema}.refusals AS r
WHERE r.workspace_id = %(workspace_id)s
  AND CASE
    WHEN r.kind IN ('task', 'comments', 'task_time') THEN EXISTS (
        SELECT FROM {schema}.tasks WHERE clickup_task_id = r.object_id AND is_deleted)
    WHEN r.kind = 'person_time' THEN NOT EXISTS (
        SELECT FROM {schema}.memberships AS m
        WHERE m.workspace_id = r.workspace_id AND m.clickup_user_id = r.object_id AND m.is_active)
    WHEN r.kind = 'space' THEN EXISTS (SELECT FROM {schema}.spaces WHERE space_id = r.object_id AND is_deleted)
    WHEN r.kind = 'folder' THEN EXISTS (SELECT FROM {schema}.folders WHERE folder_id = r.object_id AND is_deleted)
    WHEN r.kind IN ('list', 'list_tasks') THEN EXISTS (SELECT FROM {schema}.lists WHERE list_id = r.object_id AND is_deleted)
    ELSE false
  END;

-- name: retry_refusals_of
-- These objects show a sign of life: whatever of them was refused is tried at once, and soon again.
UPDATE {schema}.refusals SET retry_at = now(), times = 0
WHERE workspace_id = %(workspace_id)s AND object_id = ANY(%(ids)s) AND retry_at > now();

-- name: retry_oldest_refusals
-- A full pass tries those that were tried longest ago, no more of them than `limit`.
UPDATE {schema}.refusals AS r SET retry_at = now()
FROM (
    SELECT kind, object_id FROM {schema}.refusals
    WHERE workspace_id = %(workspace_id)s AND retry_at > now()
    ORDER BY refused_at, kind, object_id
    LIMIT %(limit)s
) AS oldest
WHERE r.workspace_id = %(workspace_id)s AND r.kind = oldest.kind AND r.object_id = oldest.object_id;

-- name: count_refusals
-- By kind: how many objects, since when the first, when the next is tried, and the latest reason.
SELECT kind, sum(objects)::integer AS objects, min(since) AS since, min(retry_at) AS retry_at,
    (array_agg(reason ORDER BY refused_at DESC, object_id))[1] AS reason,
    bool_or(object_id = '') AS is_many
FROM {schema}.refusals
WHERE workspace_id = %(workspace_id)s
GROUP BY kind ORDER BY kind;
