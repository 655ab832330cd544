-- Statements of operators, and of who is signed in.

-- name: insert_operator  writes
INSERT INTO operators (id, email, role, locations, password, created_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (email) DO NOTHING RETURNING id;

-- name: find_operator  reads
SELECT id, email, role, locations, password, created_at FROM operators WHERE email = $1;

-- name: list_operators  reads
SELECT id, email, role, locations, password, created_at FROM operators ORDER BY created_at, id;

-- name: update_operator_password  writes
UPDATE operators SET password = $2 WHERE email = $1 RETURNING id;

-- name: update_operator  writes
UPDATE operators SET role = $2, locations = $3, password = $4 WHERE id = $1 RETURNING id;

-- name: delete_operator  writes
DELETE FROM operators WHERE email = $1 RETURNING id;

-- name: insert_session  writes
INSERT INTO console_sessions (hash, id, operator_id, agent, created_at, seen_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $5, $6);

-- name: find_session  reads
-- A session whose operator is gone is no session.
SELECT s.id, s.operator_id, s.agent, s.created_at, s.seen_at, s.expires_at,
    o.id, o.email, o.role, o.locations, o.password, o.created_at
FROM console_sessions s LEFT JOIN operators o ON o.id = s.operator_id
WHERE s.hash = $1 AND s.expires_at > $2 AND s.seen_at > $3;

-- name: list_sessions  reads
SELECT s.id, s.operator_id, s.agent, s.created_at, s.seen_at, s.expires_at,
    o.id, o.email, o.role, o.locations, o.password, o.created_at
FROM console_sessions s LEFT JOIN operators o ON o.id = s.operator_id
WHERE s.expires_at > $1 AND s.seen_at > $2 ORDER BY s.seen_at DESC, s.id;

-- name: list_session_digests  reads
SELECT id, hash FROM console_sessions;

-- name: touch_session  writes
UPDATE console_sessions SET seen_at = $2 WHERE id = $1;

-- name: delete_session  writes
DELETE FROM console_sessions WHERE id = $1 RETURNING id;

-- name: list_session_ids  reads
SELECT id FROM console_sessions WHERE operator_id = $1 ORDER BY id;

-- name: delete_ended_sessions  writes
DELETE FROM console_sessions WHERE expires_at <= $1 OR seen_at <= $2;

-- name: insert_console_link  writes
INSERT INTO console_links (hash, expires_at) VALUES ($1, $2);

-- name: find_console_link  reads
SELECT 1 FROM console_links WHERE hash = $1 AND expires_at > $2;

-- name: use_console_link  writes
DELETE FROM console_links WHERE hash = $1 AND expires_at > $2 RETURNING hash;

-- name: delete_expired_links  writes
DELETE FROM console_links WHERE expires_at <= $1;

-- name: insert_session_token  writes
INSERT INTO tokens (hash, id, name, company_id, location_id, scopes, created_at, expires_at, session_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: delete_expired_session_tokens  writes
DELETE FROM tokens WHERE session_id IS NOT NULL AND expires_at <= $1;

-- name: delete_session_tokens  writes
DELETE FROM tokens WHERE session_id = $1 RETURNING id;

-- name: list_choices  reads
-- What the operator $1 has chosen in the location with the id $2.
SELECT name, value FROM console_choices WHERE owner = $1 AND location_id = $2 ORDER BY name;

-- name: store_choice  writes
INSERT INTO console_choices (owner, location_id, name, value) VALUES ($1, $2, $3, $4)
ON CONFLICT (owner, location_id, name) DO UPDATE SET value = excluded.value;

-- name: delete_choice  writes
DELETE FROM console_choices WHERE owner = $1 AND location_id = $2 AND name = $3;

-- name: delete_choices_of_operator  writes
DELETE FROM console_choices WHERE owner = $1;

-- name: delete_choices_of_location  writes
DELETE FROM console_choices WHERE location_id = $1;
