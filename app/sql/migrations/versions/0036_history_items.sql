-- Who changed what, and when, as signed deliveries tell it. It is used for history only: what is mirrored is read.

CREATE TABLE history_items (
    item_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id  text NOT NULL,
    object_kind   text NOT NULL CHECK (object_kind IN ('task', 'comment', 'time_entry', 'list', 'folder', 'space')),
    object_id     text NOT NULL,
    field         text NOT NULL,
    before        jsonb,
    after         jsonb,
    tells_before  boolean NOT NULL,
    tells_after   boolean NOT NULL,
    added         jsonb,
    removed       jsonb,
    changed_at    timestamptz NOT NULL,
    user_id       text,
    user_name     text,
    item_key      text NOT NULL,
    received_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, item_key)
);
CREATE INDEX history_items_object ON history_items (workspace_id, object_kind, object_id);
CREATE INDEX history_items_received ON history_items (received_at);
ALTER TABLE history_items ENABLE ROW LEVEL SECURITY;
