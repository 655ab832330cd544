-- Statements of locations on PostgreSQL.

-- name: search_locations  reads
-- $2 and $3 are the location and the folded email address wanted, empty for any.
SELECT loc, id, company_id, name, created_at, details FROM locations
WHERE company_id = $1 AND ($2::text = '' OR id = $2) AND ($3::text = '' OR lower(details::json ->> 'email') = $3)
ORDER BY loc LIMIT $4 OFFSET $5;

-- name: search_newest_locations  reads
SELECT loc, id, company_id, name, created_at, details FROM locations
WHERE company_id = $1 AND ($2::text = '' OR id = $2) AND ($3::text = '' OR lower(details::json ->> 'email') = $3)
ORDER BY loc DESC LIMIT $4 OFFSET $5;
