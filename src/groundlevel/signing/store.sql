-- Statements of key pairs. None belongs to a location.

-- name: list_signing_keys  reads
SELECT id, purpose, private_pem, public_pem, created_at, retired_at FROM signing_keys
WHERE purpose = $1 AND retired_at IS NULL ORDER BY created_at DESC, id DESC;

-- name: list_all_signing_keys  reads
SELECT id, purpose, private_pem, public_pem, created_at, retired_at FROM signing_keys ORDER BY created_at, id;

-- name: update_private_key  writes
UPDATE signing_keys SET private_pem = $2 WHERE id = $1;

-- name: insert_signing_key  writes
INSERT INTO signing_keys (id, purpose, private_pem, public_pem, created_at) VALUES ($1, $2, $3, $4, $5);

-- name: retire_signing_key  writes
UPDATE signing_keys SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL RETURNING id;
