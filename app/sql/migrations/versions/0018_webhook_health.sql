-- Deliveries that were refused, counted by reason and hour: whoever posts nonsense fills no table.
CREATE TABLE refused_deliveries (
    workspace_id  text NOT NULL,
    hour          timestamptz NOT NULL,
    reason        text NOT NULL,
    refused       bigint NOT NULL,
    first_at      timestamptz NOT NULL,
    last_at       timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, hour, reason)
);
ALTER TABLE refused_deliveries ENABLE ROW LEVEL SECURITY;

-- How the latest look after the webhook ended; the webhook itself is in `webhooks`, where there is one.
CREATE TABLE webhook_checks (
    workspace_id  text PRIMARY KEY,
    endpoint      text NOT NULL,
    outcome       text NOT NULL CHECK (outcome IN ('in_force', 'owned_by_other', 'refused')),
    reason        text,
    since         timestamptz NOT NULL,
    checked_at    timestamptz NOT NULL
);
ALTER TABLE webhook_checks ENABLE ROW LEVEL SECURITY;

-- The latest delivery of a webhook is asked for whenever somebody looks at the status.
CREATE INDEX deliveries_webhook ON deliveries (webhook_id, received_at);
