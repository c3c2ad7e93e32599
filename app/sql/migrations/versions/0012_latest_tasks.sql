-- What changed last is what people ask first, also by SQL of their own, which names no workspace.

CREATE INDEX tasks_latest ON tasks (date_updated);
