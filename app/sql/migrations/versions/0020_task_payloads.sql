-- What a task's payload was when its row was made: a full pass does not read a task whose payload is the same.
ALTER TABLE task_reads ADD COLUMN payload text;
