-- Statements of key pairs on SQLite.

-- name: lock_signing_keys  reads
-- There is one writer at a time already.
SELECT 1;
