-- Statements of installs on PostgreSQL, where transactions wait for each other only when they ask for it.

-- name: lock_install  reads
SELECT id, app_id, company_id, location_id, user_id, scopes, installed_at, uninstalled_at FROM installs
WHERE app_id = $1 AND company_id = $2 AND coalesce(location_id, '') = $3 AND uninstalled_at IS NULL FOR UPDATE;

-- name: lock_install_by_id  reads
SELECT id, app_id, company_id, location_id, user_id, scopes, installed_at, uninstalled_at FROM installs WHERE id = $1
FOR UPDATE;
