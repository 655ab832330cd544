-- Statements of deliveries on PostgreSQL.

-- name: lock_deliveries  reads
-- One at a time, over all processes, so that what is told of one subject keeps its order.
SELECT pg_advisory_xact_lock(1198672996, 0);

-- name: lease_deliveries  writes
-- $1 webhook, $2 the moment, $3 the moment from which others may claim them again, $4 how many. What a replay or a
-- removal holds at the moment is left for the next look.
UPDATE deliveries SET due_at = $3 WHERE id = ANY (ARRAY(
    SELECT id FROM deliveries WHERE webhook_id = $1 AND state = 'pending' AND due_at <= $2 ORDER BY due_at, seq LIMIT $4
    FOR UPDATE SKIP LOCKED
))
RETURNING id, loc, seq, webhook_id, type, subject, payload, state, attempts, due_at, created_at, finished_at;
