-- Indexes for what is reported.
SELECT 1;
