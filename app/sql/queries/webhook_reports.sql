-- Whether ClickUp's deliveries arrive.

-- part: latest_accepted
-- Since when a delivery may be missed: the latest accepted one of a webhook there is, or since it was made.
    SELECT coalesce(max(greatest(
        w.created_at,
        (SELECT max(d.received_at) FROM {schema}.deliveries AS d WHERE d.webhook_id = w.webhook_id)
    )), '-infinity') AS at
    FROM {schema}.webhooks AS w WHERE w.workspace_id = %(workspace_id)s

-- name: list_webhook_health
-- The webhooks of this mirror, as ClickUp last said they were, and their latest delivery.
SELECT w.webhook_id, w.endpoint, w.status, w.fail_count, w.revived_at, w.checked_at,
    (SELECT max(d.received_at) FROM {schema}.deliveries AS d WHERE d.webhook_id = w.webhook_id) AS last_delivery_at
FROM {schema}.webhooks AS w WHERE w.workspace_id = %(workspace_id)s ORDER BY w.created_at;

-- name: list_webhook_checks
-- How the latest look after the webhook ended; one row or none.
SELECT endpoint, outcome, reason, since FROM {schema}.webhook_checks WHERE workspace_id = %(workspace_id)s;

-- name: list_refused_deliveries
-- Refused deliveries of the last 24 hours, and all since the latest accepted one, by reason.
SELECT r.reason,
    coalesce(sum(r.refused) FILTER (WHERE r.last_at > now() - interval '24 hours'), 0)::bigint AS last_day,
    coalesce(sum(r.refused) FILTER (WHERE r.last_at > accepted.at), 0)::bigint AS since_accepted,
    min(greatest(r.first_at, accepted.at)) FILTER (WHERE r.last_at > accepted.at) AS since,
    max(r.last_at) AS last_at
FROM {schema}.refused_deliveries AS r
CROSS JOIN (
{latest_accepted}
) AS accepted
WHERE r.workspace_id = %(workspace_id)s
  AND (r.last_at > now() - interval '24 hours' OR r.last_at > accepted.at)
GROUP BY r.reason ORDER BY r.reason;

-- name: list_unannounced_changes
-- When the first looks by the clock began that found changed tasks since the latest accepted delivery.
SELECT r.started_at
FROM {schema}.runs AS r
CROSS JOIN (
{latest_accepted}
) AS accepted
WHERE r.workspace_id = %(workspace_id)s AND r.kind = 'incremental' AND r.trigger <> 'webhook'
  AND r.status = 'succeeded' AND (r.counts ->> 'tasks written')::integer > 0
  AND r.started_at > accepted.at
ORDER BY r.started_at LIMIT %(looks)s;
