-- The relations of some records, $2, on either side, up to $3 of each in the order of the indexes: both are read in it
-- and merged. A relation of a record with itself is found on its first side.

-- name: related
SELECT t.id, x.assoc, x.id, x.first_id, x.second_id FROM unnest($2::bytea[]) AS t (id)
CROSS JOIN LATERAL (
    (SELECT assoc, id, first_id, second_id FROM relations
     WHERE loc = $1 AND first_id = t.id ORDER BY assoc, id LIMIT $3)
    UNION ALL
    (SELECT assoc, id, first_id, second_id FROM relations
     WHERE loc = $1 AND second_id = t.id AND first_id <> t.id ORDER BY assoc, id LIMIT $3)
    ORDER BY 1, 2 LIMIT $3
) AS x ORDER BY t.id, x.assoc, x.id;
