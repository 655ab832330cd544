-- Statements of deliveries on SQLite.

-- name: lock_deliveries  reads
-- There is one writer at a time already.
SELECT 1;
