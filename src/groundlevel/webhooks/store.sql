-- Statements of subscriptions and of deliveries. None keeps to one location: a worker serves all.

-- name: list_subscribers  reads
-- The webhooks that receive events of the location number $1: events, and app and scopes for an app's.
SELECT w.id, w.events, w.app_id, i.scopes FROM locations l
JOIN webhooks w ON w.app_id IS NOT NULL OR w.location_id = l.id
     OR (w.location_id IS NULL AND w.company_id = l.company_id)
LEFT JOIN installs i ON i.app_id = w.app_id AND i.uninstalled_at IS NULL
     AND (i.location_id = l.id OR (i.location_id IS NULL AND i.company_id = l.company_id))
WHERE l.loc = $1 AND (w.app_id IS NULL OR i.id IS NOT NULL)
ORDER BY w.id;

-- name: list_installed_apps  reads
-- The apps that are installed in the location number $1 or in its company, whether or not they have webhooks.
SELECT DISTINCT i.app_id FROM locations l
JOIN installs i ON i.uninstalled_at IS NULL
     AND (i.location_id = l.id OR (i.location_id IS NULL AND i.company_id = l.company_id))
WHERE l.loc = $1;

-- name: insert_webhook  writes
INSERT INTO webhooks (id, app_id, company_id, location_id, url, events, listens_until, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: find_webhook  reads
SELECT id, app_id, company_id, location_id, url, events, listens_until, created_at FROM webhooks WHERE id = $1;

-- name: list_webhooks  reads
SELECT id, app_id, company_id, location_id, url, events, listens_until, created_at FROM webhooks
ORDER BY created_at, id;

-- name: list_webhooks_of_company  reads
SELECT id, app_id, company_id, location_id, url, events, listens_until, created_at FROM webhooks
WHERE company_id = $1 ORDER BY created_at, id;

-- name: list_webhooks_of_app  reads
SELECT id, app_id, company_id, location_id, url, events, listens_until, created_at FROM webhooks
WHERE app_id = $1 ORDER BY created_at, id;

-- name: update_webhook  writes
UPDATE webhooks SET url = $2, events = $3 WHERE id = $1;

-- name: renew_listener  writes
UPDATE webhooks SET listens_until = $2 WHERE id = $1;

-- name: list_expired_listeners  reads
SELECT id FROM webhooks WHERE listens_until < $1;

-- name: delete_webhook  writes
DELETE FROM webhooks WHERE id = $1 RETURNING app_id, company_id, location_id;

-- name: delete_unfinished  writes
-- What was never delivered to a webhook goes with it; the log of the rest lasts as long as any.
DELETE FROM deliveries WHERE webhook_id = $1 AND finished_at IS NULL;

-- name: app_exists  reads
SELECT id FROM apps WHERE id = $1;

-- name: has_due_work  reads
-- Whether anything is to be done: $1 a listening webhook or NULL for the workers, $2 the moment.
SELECT 1 WHERE EXISTS (SELECT 1 FROM outbox) OR EXISTS (
    SELECT 1 FROM webhooks w
    WHERE (w.id = $1 OR (CAST($1 AS text) IS NULL AND w.listens_until IS NULL))
      AND EXISTS (SELECT 1 FROM deliveries d WHERE d.webhook_id = w.id AND d.state = 'pending' AND d.due_at <= $2)
);

-- name: take_events  writes
DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox ORDER BY seq LIMIT $1)
RETURNING seq, loc, app_id, webhook_id, type, subject, payload, created_at;

-- name: insert_delivery  writes
-- It waits while an earlier one of the same webhook and subject is not finished.
INSERT INTO deliveries (id, loc, seq, webhook_id, type, subject, payload, state, attempts, due_at, created_at)
SELECT CAST($1 AS text), CAST($2 AS integer), CAST($3 AS bigint), CAST($4 AS text), CAST($5 AS text), CAST($6 AS text),
       CAST($7 AS text),
       CASE WHEN EXISTS (SELECT 1 FROM deliveries
                         WHERE loc = $2 AND webhook_id = $4 AND subject = $6 AND finished_at IS NULL)
            THEN 'waiting' ELSE 'pending' END,
       0, CAST($8 AS bigint), CAST($8 AS bigint)
FROM webhooks WHERE id = $4;

-- name: list_due_webhooks  reads
-- $1 a listening webhook or NULL for the workers, $2 the moment.
SELECT w.id, w.app_id, w.company_id, w.location_id, w.url, w.events, w.listens_until, w.created_at FROM webhooks w
WHERE (w.id = $1 OR (CAST($1 AS text) IS NULL AND w.listens_until IS NULL))
  AND EXISTS (SELECT 1 FROM deliveries d WHERE d.webhook_id = w.id AND d.state = 'pending' AND d.due_at <= $2);

-- name: lease_deliveries  writes
-- $1 webhook, $2 the moment, $3 the moment from which others may claim them again, $4 how many.
UPDATE deliveries SET due_at = $3 WHERE id IN (
    SELECT id FROM deliveries WHERE webhook_id = $1 AND state = 'pending' AND due_at <= $2 ORDER BY due_at, seq LIMIT $4
)
RETURNING id, loc, seq, webhook_id, type, subject, payload, state, attempts, due_at, created_at, finished_at;

-- name: insert_attempt  writes
-- Numbered over all replays; none when the delivery is gone.
INSERT INTO attempts (delivery_id, n, at, status, latency_ms, head, error)
SELECT id, (SELECT coalesce(max(n), 0) + 1 FROM attempts WHERE delivery_id = $2),
       CAST($3 AS bigint), CAST($4 AS integer), CAST($5 AS integer), CAST($6 AS text), CAST($7 AS text)
FROM deliveries WHERE loc = $1 AND id = $2;

-- name: record_outcome  writes
UPDATE deliveries SET state = $3, attempts = attempts + 1, due_at = $4, finished_at = $5
WHERE loc = $1 AND id = $2 AND state = 'pending';

-- name: free_subject  writes
-- The first that is left of the webhook $2 and the subject $3 waits no longer.
UPDATE deliveries SET state = 'pending', due_at = $4 WHERE loc = $1 AND state = 'waiting' AND id = (
    SELECT id FROM deliveries WHERE loc = $1 AND webhook_id = $2 AND subject = $3 AND finished_at IS NULL
    ORDER BY seq LIMIT 1
);

-- name: release_delivery  writes
UPDATE deliveries SET due_at = $3 WHERE loc = $1 AND id = $2 AND state = 'pending';

-- name: find_delivery  reads
SELECT id, loc, seq, webhook_id, type, subject, payload, state, attempts, due_at, created_at, finished_at
FROM deliveries WHERE id = $1;

-- name: list_deliveries  reads
-- $1 webhook, $2 a state or NULL, $3 only what is older than this number, $4 how many. Payloads may be long, and the log
-- does not show them.
SELECT id, loc, seq, webhook_id, type, subject, '', state, attempts, due_at, created_at, finished_at
FROM deliveries WHERE webhook_id = $1 AND (CAST($2 AS text) IS NULL OR state = $2) AND seq < $3
ORDER BY seq DESC LIMIT $4;

-- name: list_deliveries_of_subject  reads
-- Of the location number $1, whose id is $2, about the subject $3; to webhooks of its own.
SELECT id, loc, seq, webhook_id, type, subject, '', state, attempts, due_at, created_at, finished_at
FROM deliveries WHERE loc = $1 AND subject = $3 AND seq < $4
  AND webhook_id IN (SELECT id FROM webhooks WHERE location_id = $2 AND app_id IS NULL)
ORDER BY seq DESC LIMIT $5;

-- name: count_dead_deliveries  reads
-- Of the location number $1, whose id is $2, to webhooks of its own; counted up to $3.
SELECT count(*) FROM (
    SELECT 1 FROM deliveries WHERE loc = $1 AND state = 'dead'
      AND webhook_id IN (SELECT id FROM webhooks WHERE location_id = $2 AND app_id IS NULL)
    LIMIT $3
) found;

-- name: list_attempts  reads
-- The last $2 of the delivery $1.
SELECT delivery_id, n, at, status, latency_ms, head, error FROM attempts WHERE delivery_id = $1 ORDER BY n DESC LIMIT $2;

-- name: replay_delivery  writes
UPDATE deliveries SET state = 'pending', attempts = 0, due_at = $3, finished_at = NULL
WHERE loc = $1 AND id = $2 AND finished_at IS NOT NULL;

-- name: list_finished_deliveries  reads
SELECT loc, id FROM deliveries WHERE finished_at < $1 ORDER BY finished_at LIMIT $2;

-- name: delete_attempts  writes
DELETE FROM attempts WHERE delivery_id = $1;

-- name: delete_delivery  writes
DELETE FROM deliveries WHERE loc = $1 AND id = $2;

-- name: find_egress_policy  reads
SELECT networks FROM egress_policy;

-- name: store_egress_policy  writes
INSERT INTO egress_policy (one, networks) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET networks = excluded.networks;
