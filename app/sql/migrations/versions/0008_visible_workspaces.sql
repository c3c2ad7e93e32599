-- Which workspaces a token can see, the mirrored one among them; and words that are found whatever stands
-- between them.

CREATE TABLE visible_workspaces (
    workspace_id   text NOT NULL,
    visible_id     text NOT NULL,
    name           text NOT NULL,
    color          text,
    avatar         text,
    plan_name      text,
    members_count  integer NOT NULL,
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, visible_id)
);
ALTER TABLE visible_workspaces ENABLE ROW LEVEL SECURITY;

-- PostgreSQL takes `<b>`, an address and a file's path for one word or none.
DROP INDEX tasks_words;
CREATE INDEX tasks_words ON tasks USING gin (to_tsvector('simple',
    translate(title || ' ' || left(coalesce(description, ''), 50000), '<>/\@.:;,&=?#+*~|"''()[]{}!$^`-', repeat(' ', 30))));
