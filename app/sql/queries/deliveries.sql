-- Webhooks and their deliveries.

-- name: list_own_webhooks
-- The webhooks that this mirror registered.
SELECT webhook_id, endpoint, secret_encrypted, status, fail_count, revived_at, checked_at, created_at
FROM {schema}.webhooks WHERE workspace_id = %(workspace_id)s ORDER BY created_at;

-- name: list_webhook_secrets
-- What deliveries may be signed with, encrypted.
SELECT webhook_id, workspace_id, secret_encrypted FROM {schema}.webhooks;

-- name: lock_webhook_secrets
-- The same, for who encrypts them anew: nobody changes one meanwhile.
SELECT webhook_id AS row_id, secret_encrypted AS encrypted FROM {schema}.webhooks ORDER BY webhook_id FOR UPDATE;

-- name: update_webhook_secret
-- The same secret, encrypted anew.
UPDATE {schema}.webhooks SET secret_encrypted = %(encrypted)s WHERE webhook_id = %(row_id)s;

-- name: upsert_webhook
-- A webhook of this mirror as ClickUp says it is.
INSERT INTO {schema}.webhooks AS stored
    (webhook_id, workspace_id, endpoint, secret_encrypted, status, fail_count, revived_at, checked_at)
VALUES (
    %(webhook_id)s, %(workspace_id)s, %(endpoint)s, %(secret_encrypted)s, %(status)s, %(fail_count)s,
    %(revived_at)s, %(checked_at)s
)
ON CONFLICT (webhook_id) DO UPDATE SET
    workspace_id = excluded.workspace_id, endpoint = excluded.endpoint,
    secret_encrypted = excluded.secret_encrypted, status = excluded.status, fail_count = excluded.fail_count,
    revived_at = coalesce(excluded.revived_at, stored.revived_at), checked_at = excluded.checked_at;

-- name: delete_webhook
-- One that exists no more.
DELETE FROM {schema}.webhooks WHERE webhook_id = %(webhook_id)s;

-- name: insert_deliveries
-- Kept before they are answered, a row for each object that they name; what names nothing that is mirrored needs no
-- work. What they tell of changes comes with them, each change once: in one order, because processes that insert the
-- same keys wait for each other.
WITH told AS (
    INSERT INTO {schema}.history_items
        (workspace_id, object_kind, object_id, field, before, after, tells_before, tells_after, added, removed,
        changed_at, user_id, user_name, item_key)
    SELECT r.workspace_id, r.object_kind, r.object_id, r.field, r.before, r.after, r.tells_before, r.tells_after,
        r.added, r.removed, r.changed_at, r.user_id, r.user_name, r.item_key
    FROM jsonb_to_recordset(%(items)s::jsonb) AS r (
        workspace_id text, object_kind text, object_id text, field text, before jsonb, after jsonb, tells_before boolean,
        tells_after boolean, added jsonb, removed jsonb, changed_at timestamptz, user_id text, user_name text, item_key text
    )
    ORDER BY r.workspace_id, r.item_key
    ON CONFLICT (workspace_id, item_key) DO NOTHING
)
INSERT INTO {schema}.deliveries
    (workspace_id, webhook_id, event, subject_kind, subject_id, handled_at, outcome)
SELECT r.workspace_id, r.webhook_id, r.event, r.kind, r.id,
    CASE WHEN r.kind = 'none' THEN now() END,
    CASE WHEN r.kind = 'none' THEN 'nothing that is mirrored' END
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (workspace_id text, webhook_id text, event text, kind text, id text);

-- name: list_pending_objects
-- What unhandled deliveries name, each object once, the longest wait first; with `unlisted_only` without those of
-- which a listing of changed tasks shows what happened.
SELECT subject_kind AS kind, subject_id, array_agg(DISTINCT event) AS events,
    max(delivery_id) AS last_delivery
FROM {schema}.deliveries
WHERE workspace_id = %(workspace_id)s AND handled_at IS NULL
GROUP BY subject_kind, subject_id
HAVING NOT %(unlisted_only)s OR subject_kind <> 'task' OR bool_or(event ~* %(unlisted)s)
ORDER BY min(delivery_id)
LIMIT %(limit)s;

-- name: mark_deliveries_handled
-- Everything that named these objects up to the delivery that was known when they were read.
UPDATE {schema}.deliveries AS d
SET handled_at = now(), outcome = r.outcome
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (kind text, id text, last bigint, outcome text)
WHERE d.workspace_id = %(workspace_id)s AND d.handled_at IS NULL AND d.subject_kind = r.kind
  AND d.subject_id = r.id AND d.delivery_id <= r.last;

-- name: mark_deliveries_listed
-- Deliveries about tasks that came before this run read the listing of changed ones, unless the event speaks of what
-- no listing shows.
UPDATE {schema}.deliveries AS d SET handled_at = now(), outcome = 'read with others'
FROM {schema}.runs AS r
WHERE r.run_id = %(run_id)s AND d.workspace_id = r.workspace_id AND d.handled_at IS NULL
  AND d.subject_kind = 'task' AND d.received_at < r.started_at AND d.event !~* %(unlisted)s;

-- name: count_pending_objects
-- Objects that wait to be read because a webhook event named them, and since when.
SELECT count(DISTINCT (subject_kind, subject_id)) AS waiting, min(received_at) AS oldest
FROM {schema}.deliveries WHERE workspace_id = %(workspace_id)s AND handled_at IS NULL;

-- name: add_refused_deliveries
-- Counts refused deliveries by hour and reason; their times come as ages, because the database's clock counts.
INSERT INTO {schema}.refused_deliveries AS stored (workspace_id, hour, reason, refused, first_at, last_at)
SELECT r.workspace_id, date_trunc('hour', now() - r.last_age * interval '1 second', 'UTC'), r.reason, r.refused,
    now() - r.first_age * interval '1 second', now() - r.last_age * interval '1 second'
FROM jsonb_to_recordset(%(rows)s::jsonb)
    AS r (workspace_id text, reason text, refused bigint, first_age double precision, last_age double precision)
ORDER BY r.workspace_id, r.reason
ON CONFLICT (workspace_id, hour, reason) DO UPDATE SET
    refused = stored.refused + excluded.refused,
    first_at = least(stored.first_at, excluded.first_at), last_at = greatest(stored.last_at, excluded.last_at);

-- name: record_webhook_check
-- How a look after the webhook ended, and since when it ends like that.
INSERT INTO {schema}.webhook_checks AS stored (workspace_id, endpoint, outcome, reason, since, checked_at)
VALUES (%(workspace_id)s, %(endpoint)s, %(outcome)s, %(reason)s, now(), now())
ON CONFLICT (workspace_id) DO UPDATE SET
    endpoint = excluded.endpoint, outcome = excluded.outcome, reason = excluded.reason,
    since = CASE WHEN (stored.endpoint, stored.outcome) = (excluded.endpoint, excluded.outcome)
        THEN stored.since ELSE excluded.since END,
    checked_at = excluded.checked_at;
