-- Statements of the outbox on PostgreSQL.

-- name: add_event
INSERT INTO outbox (loc, app_id, webhook_id, type, subject, payload, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: add_events
-- Apps, webhooks, types, subjects, payloads and moments as arrays, numbered in their order.
INSERT INTO outbox (loc, app_id, webhook_id, type, subject, payload, created_at)
SELECT $1, t.app_id, t.webhook_id, t.type, t.subject, t.payload, t.created_at
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[]) WITH ORDINALITY
    AS t (app_id, webhook_id, type, subject, payload, created_at, n) ORDER BY t.n;
