-- Statements of key pairs on PostgreSQL.

-- name: lock_signing_keys  reads
-- Two processes that start together make one pair.
SELECT pg_advisory_xact_lock(1198672996, 1);
