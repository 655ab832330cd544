-- The relations in location $1 of one record, $2, on either side, up to $3 of them in the order of the indexes: both are
-- read in it and merged. A relation of a record with itself is found on its first side.

-- name: related
SELECT r.assoc, r.id, r.first_id, r.second_id FROM relations r
WHERE r.first_id = $2 AND EXISTS (SELECT 1 FROM associations a WHERE a.assoc = r.assoc AND a.loc = $1)
UNION ALL
SELECT r.assoc, r.id, r.first_id, r.second_id FROM relations r
WHERE r.second_id = $2 AND r.first_id <> $2
  AND EXISTS (SELECT 1 FROM associations a WHERE a.assoc = r.assoc AND a.loc = $1)
ORDER BY 1, 2 LIMIT $3;
