-- Statements that delete what belongs to a location, $1 its number or its id; objects and associations go one by one.

-- name: delete_pipelines  writes
DELETE FROM pipelines WHERE loc = $1;

-- name: delete_attempts_of_location  writes
DELETE FROM attempts WHERE delivery_id IN (SELECT id FROM deliveries WHERE loc = $1);

-- name: delete_deliveries_of_location  writes
DELETE FROM deliveries WHERE loc = $1;

-- name: delete_events_of_location  writes
DELETE FROM outbox WHERE loc = $1;

-- name: delete_idempotency_keys  writes
DELETE FROM idempotency_keys WHERE loc = $1;

-- name: delete_webhooks_of_location  writes
DELETE FROM webhooks WHERE location_id = $1;

-- name: delete_grants_of_location  writes
DELETE FROM grants WHERE install_id IN (SELECT id FROM installs WHERE location_id = $1);

-- name: delete_installs_of_location  writes
DELETE FROM installs WHERE location_id = $1;

-- name: delete_tokens_of_location  writes
DELETE FROM tokens WHERE location_id = $1 RETURNING id;

-- name: delete_users_of_location  writes
DELETE FROM users WHERE location_id = $1;

-- name: delete_location  writes
DELETE FROM locations WHERE loc = $1;
