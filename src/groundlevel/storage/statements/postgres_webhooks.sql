-- Statements of deliveries on PostgreSQL.

-- name: lock_deliveries
-- One at a time, over all processes, so that what is told of one subject keeps its order.
SELECT pg_advisory_xact_lock(1198672996, 0);
