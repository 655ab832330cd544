-- Statements of apps, installs, grants and access tokens. None belongs to a location.

-- name: insert_app  writes
INSERT INTO apps (id, client_id, secret, name, redirect_uris, scopes, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: find_app  reads
SELECT id, client_id, name, redirect_uris, scopes, created_at, secret FROM apps WHERE id = $1;

-- name: list_apps  reads
SELECT id, client_id, name, redirect_uris, scopes, created_at FROM apps ORDER BY created_at, id;

-- name: update_secret  writes
UPDATE apps SET secret = $2 WHERE id = $1;

-- name: delete_app  writes
DELETE FROM apps WHERE id = $1;

-- name: list_companies  reads
SELECT id, name FROM companies ORDER BY created_at, id;

-- name: list_locations_of_company  reads
SELECT loc, id, company_id, name, created_at, details FROM locations WHERE company_id = $1 ORDER BY loc;

-- name: insert_install  writes
-- None is added where the app is installed already.
INSERT INTO installs (id, app_id, company_id, location_id, user_id, scopes, installed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id;

-- name: lock_install  reads
-- $3 is empty for a whole company. Whatever gives or takes away what an install may do holds it to its end.
SELECT id, app_id, company_id, location_id, user_id, scopes, installed_at, uninstalled_at FROM installs
WHERE app_id = $1 AND company_id = $2 AND coalesce(location_id, '') = $3 AND uninstalled_at IS NULL;

-- name: lock_install_by_id  reads
SELECT id, app_id, company_id, location_id, user_id, scopes, installed_at, uninstalled_at FROM installs WHERE id = $1;

-- name: list_installs  reads
SELECT id, app_id, company_id, location_id, user_id, scopes, installed_at, uninstalled_at FROM installs
WHERE app_id = $1 AND uninstalled_at IS NULL ORDER BY installed_at, id;

-- name: update_install  writes
UPDATE installs SET scopes = $2 WHERE id = $1 RETURNING company_id, location_id;

-- name: end_install  writes
UPDATE installs SET uninstalled_at = $2 WHERE id = $1 RETURNING company_id, location_id;

-- name: insert_grant  writes
INSERT INTO grants (hash, kind, install_id, family, details, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: find_grant  reads
SELECT kind, install_id, family, details, created_at, expires_at, used_at, answer FROM grants WHERE hash = $1;

-- name: use_grant  writes
UPDATE grants SET used_at = $2 WHERE hash = $1 AND used_at IS NULL RETURNING hash;

-- name: update_answer  writes
UPDATE grants SET answer = $2 WHERE hash = $1;

-- name: delete_answers  writes
-- Of one family only, whose install is locked: transactions that take each other's rows could wait in a circle.
UPDATE grants SET answer = NULL WHERE family = $1 AND used_at < $2 AND answer IS NOT NULL;

-- name: insert_access_token  writes
INSERT INTO tokens (hash, id, name, company_id, location_id, scopes, created_at, expires_at, client_id, install_id, family)
VALUES ($1, $2, '', $3, $4, $5, $6, $7, $8, $9, $10);

-- name: find_access_token  reads
SELECT id, client_id, install_id, family, company_id, location_id, scopes, created_at, expires_at FROM tokens
WHERE id = $1 AND install_id IS NOT NULL;

-- name: revoke_family_tokens  writes
DELETE FROM tokens WHERE family = $1 RETURNING id;

-- name: revoke_family_grants  writes
DELETE FROM grants WHERE family = $1;

-- name: revoke_install_tokens  writes
DELETE FROM tokens WHERE install_id = $1 RETURNING id;

-- name: revoke_install_grants  writes
DELETE FROM grants WHERE install_id = $1;

-- name: delete_expired_tokens  writes
DELETE FROM tokens WHERE install_id IS NOT NULL AND expires_at <= $1;

-- name: delete_expired_grants  writes
DELETE FROM grants WHERE expires_at <= $1;
