-- Statements of companies, locations, users and tokens.

-- name: insert_company  writes
INSERT INTO companies (id, name, created_at) VALUES ($1, $2, $3);

-- name: find_company  reads
SELECT id, name FROM companies WHERE id = $1;

-- name: insert_location  writes
INSERT INTO locations (id, company_id, name, details, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING loc;

-- name: find_location  reads
SELECT loc, id, company_id, name, created_at, details FROM locations WHERE id = $1;

-- name: update_location  writes
UPDATE locations SET name = $2, details = $3 WHERE loc = $1;

-- name: list_locations  reads
SELECT loc, id, company_id, name, created_at, details FROM locations ORDER BY loc;

-- name: insert_user  writes
INSERT INTO users (id, company_id, location_id, first_name, last_name, email) VALUES ($1, $2, $3, $4, $5, $6);

-- name: list_users  reads
SELECT id, company_id, location_id, first_name, last_name, email FROM users
WHERE company_id = $1 AND (location_id IS NULL OR location_id = $2) ORDER BY id;

-- name: list_users_of_company  reads
SELECT id, company_id, location_id, first_name, last_name, email FROM users WHERE company_id = $1 ORDER BY id;

-- name: find_user  reads
SELECT id, company_id, location_id, first_name, last_name, email FROM users WHERE id = $1;

-- name: insert_token  writes
INSERT INTO tokens (hash, id, name, company_id, location_id, scopes, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: find_token  reads
-- The hash is of the whole token, so that equality of hashes is all the comparison there is.
SELECT id, company_id, location_id, scopes, expires_at, client_id, session_id, name FROM tokens
WHERE hash = $1 AND revoked_at IS NULL;

-- name: list_tokens  reads
-- Private integration tokens; those of apps and of the console come and go by themselves.
SELECT id, name, company_id, location_id, scopes, created_at, expires_at, revoked_at, last_used_at FROM tokens
WHERE install_id IS NULL AND session_id IS NULL ORDER BY created_at, id;

-- name: store_last_use  writes
-- Of the private integration token $1 at $2, where none later than $3 is known, or one of a clock that was turned back.
UPDATE tokens SET last_used_at = $2
WHERE id = $1 AND install_id IS NULL AND session_id IS NULL
    AND (last_used_at IS NULL OR last_used_at <= $3 OR last_used_at > $2);

-- name: revoke_token  writes
UPDATE tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id;

-- name: locations_with_object  reads
-- For company tokens, which name no location: docs/contract.md#sdk-requirement-8.
SELECT l.id FROM objects o JOIN locations l ON l.loc = o.loc WHERE l.company_id = $1 AND (o.key = $2 OR o.id = $2)
ORDER BY l.loc;
