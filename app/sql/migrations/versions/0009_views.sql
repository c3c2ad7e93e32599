-- Views.
SELECT 1;
