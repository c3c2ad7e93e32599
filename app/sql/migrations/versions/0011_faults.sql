-- Whose matter it was that a run failed.

ALTER TABLE runs ADD COLUMN fault text
    CHECK (fault IN ('clickup', 'token', 'database', 'settings', 'process', 'mirror'));

-- What the database says of itself names hosts, users and statements, and was written here before.
UPDATE runs SET fault = 'database', error = 'the database could not be used; the log of the service says why'
WHERE error ~ '^the database .+: ';
UPDATE runs SET fault = 'mirror', error = 'PostgreSQL could not hold a value; the log of the service says which'
WHERE error ~ '^PostgreSQL cannot hold it: ';

