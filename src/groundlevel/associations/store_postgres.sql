-- Statements of relations on PostgreSQL. `$1` is the location's number. Sides of counts: 1 as the first record, 2 as
-- the second, 3 with itself.

-- name: list_related  reads
-- The relations of some records, $1, on either side, up to $3 of each in the order of the indexes: both are read in it
-- and merged. A relation of a record with itself is found on its first side.
SELECT t.id, x.assoc, x.id, x.first_id, x.second_id FROM unnest($1::bytea[]) AS t (id)
CROSS JOIN LATERAL (
    (SELECT assoc, id, first_id, second_id FROM relations r
     WHERE loc = $2 AND first_id = t.id
       AND EXISTS (SELECT 1 FROM associations a WHERE a.loc = $2 AND a.assoc = r.assoc)
     ORDER BY assoc, id LIMIT $3)
    UNION ALL
    (SELECT assoc, id, first_id, second_id FROM relations r
     WHERE loc = $2 AND second_id = t.id AND first_id <> t.id
       AND EXISTS (SELECT 1 FROM associations a WHERE a.loc = $2 AND a.assoc = r.assoc)
     ORDER BY assoc, id LIMIT $3)
    ORDER BY 1, 2 LIMIT $3
) AS x ORDER BY t.id, x.assoc, x.id;

-- name: lock_records  reads
-- Two records, by object and id; in the order of their ids, so that two writers cannot wait for each other.
SELECT obj, id, (SELECT schema_version FROM locations WHERE loc = $1) FROM records
WHERE loc = $1 AND obj IN ($2, $4) AND id IN ($3, $5) ORDER BY id FOR NO KEY UPDATE OF records;

-- name: find_pair  reads
-- Compared as one value, a pair is found by the key alone: by either record it would be sought among all of its relations.
SELECT (SELECT id FROM relations WHERE loc = $1 AND assoc = $2 AND pair = $3::bytea || $4::bytea),
       (SELECT coalesce(sum(n), 0)::integer FROM relation_counts
        WHERE loc = $1 AND record_id = $3 AND assoc = $2 AND side IN (1, 3)),
       (SELECT coalesce(sum(n), 0)::integer FROM relation_counts
        WHERE loc = $1 AND record_id = $4 AND assoc = $2 AND side IN (2, 3));

-- name: insert_relation  writes
INSERT INTO relations (loc, assoc, first_id, second_id, id) VALUES ($1, $2, $3, $4, $5);

-- name: count_relation  writes
-- $2 association, $3 the first record, $4 the second.
INSERT INTO relation_counts (loc, record_id, assoc, side, n)
SELECT $1::integer, $3::bytea, $2::integer, CASE WHEN $3 = $4 THEN 3 ELSE 1 END, 1
UNION ALL SELECT $1, $4::bytea, $2, 2, 1 WHERE $3 <> $4
ON CONFLICT (loc, assoc, record_id, side) DO UPDATE SET n = relation_counts.n + 1;

-- name: uncount_relation  writes
-- Each record for itself, so that both are found by the whole key.
WITH second AS (
    UPDATE relation_counts SET n = n - 1
    WHERE loc = $1 AND assoc = $2 AND record_id = $4 AND side = 2 AND $3::bytea <> $4::bytea
)
UPDATE relation_counts SET n = n - 1
WHERE loc = $1 AND assoc = $2 AND record_id = $3 AND side = CASE WHEN $3::bytea = $4::bytea THEN 3 ELSE 1 END;

-- name: find_relation  reads
SELECT assoc, id, first_id, second_id FROM relations r WHERE loc = $1 AND id = $2
  AND EXISTS (SELECT 1 FROM associations a WHERE a.loc = $1 AND a.assoc = r.assoc);

-- name: delete_relation  writes
DELETE FROM relations WHERE loc = $1 AND assoc = $2 AND pair = $3::bytea || $4::bytea RETURNING assoc;

-- name: list_relation_counts  reads
-- Of one record, by every association in its turn.
SELECT a.assoc, c.n FROM associations a
CROSS JOIN LATERAL (
    SELECT sum(n)::integer AS n FROM relation_counts WHERE loc = $1 AND assoc = a.assoc AND record_id = $2
) AS c
WHERE a.loc = $1 AND c.n IS NOT NULL ORDER BY a.assoc;

-- name: list_relation_rows  reads
-- Of one record: $3 associations, $4 how many to leave out of each, $5 how many to take, as arrays. With a limit of its
-- own each side is read in the order of its index; an equation instead of BETWEEN would let the order by id alone do.
SELECT x.* FROM unnest($3::integer[], $4::integer[], $5::integer[]) AS w (assoc, skipped, taken)
CROSS JOIN LATERAL (
    (SELECT assoc, id, first_id, second_id FROM relations
     WHERE loc = $1 AND first_id = $2 AND assoc BETWEEN w.assoc AND w.assoc
     ORDER BY assoc, id LIMIT w.skipped + w.taken)
    UNION ALL
    (SELECT assoc, id, first_id, second_id FROM relations
     WHERE loc = $1 AND second_id = $2 AND assoc BETWEEN w.assoc AND w.assoc AND first_id <> $2
     ORDER BY assoc, id LIMIT w.skipped + w.taken)
    ORDER BY assoc, id OFFSET w.skipped LIMIT w.taken
) AS x ORDER BY x.assoc, x.id;

-- name: uncount_others  writes
-- The records that one is related to have a relation less, on the side on which it is not.
UPDATE relation_counts c SET n = c.n - 1 FROM relations r
WHERE r.loc = $1 AND (r.first_id = $2 OR r.second_id = $2) AND r.first_id <> r.second_id
  AND c.loc = r.loc AND c.assoc = r.assoc
  AND c.record_id = CASE WHEN r.first_id = $2 THEN r.second_id ELSE r.first_id END
  AND c.side = CASE WHEN r.first_id = $2 THEN 2 ELSE 1 END;

-- name: delete_relations_of  writes
-- Those by a deleted association are left to its own removal, which emits their events.
DELETE FROM relations r WHERE loc = $1 AND (first_id = $2 OR second_id = $2)
  AND EXISTS (SELECT 1 FROM associations a WHERE a.loc = $1 AND a.assoc = r.assoc);

-- name: delete_counts_of  writes
-- $2 association, $3 record.
DELETE FROM relation_counts WHERE loc = $1 AND assoc = $2 AND record_id = $3;

-- name: delete_relations_by  writes
-- Up to $3 of an association.
DELETE FROM relations WHERE loc = $1 AND assoc = $2
  AND pair IN (SELECT pair FROM relations WHERE loc = $1 AND assoc = $2 LIMIT $3)
RETURNING assoc, id, first_id, second_id;

-- name: delete_counts_by  writes
-- Up to $3 of an association.
DELETE FROM relation_counts WHERE loc = $1 AND assoc = $2
  AND (record_id, side) IN (SELECT record_id, side FROM relation_counts WHERE loc = $1 AND assoc = $2 LIMIT $3)
RETURNING side;

-- name: count_dangling_relations  reads
SELECT count(*), count(*) FILTER (
    WHERE NOT EXISTS (SELECT 1 FROM records f WHERE f.loc = $1 AND f.obj = a.first_obj AND f.id = r.first_id)
       OR NOT EXISTS (SELECT 1 FROM records s WHERE s.loc = $1 AND s.obj = a.second_obj AND s.id = r.second_id))
FROM relations r JOIN associations a ON a.loc = $1 AND a.assoc = r.assoc WHERE r.loc = $1;

-- name: count_miscounted_relations  reads
SELECT count(*) FROM (
    SELECT record_id, assoc, side FROM (
        SELECT first_id AS record_id, assoc, CASE WHEN first_id = second_id THEN 3 ELSE 1 END AS side, 1 AS n
        FROM relations WHERE loc = $1
        UNION ALL
        SELECT second_id, assoc, 2, 1 FROM relations WHERE loc = $1 AND first_id <> second_id
        UNION ALL
        SELECT record_id, assoc, side, -n FROM relation_counts WHERE loc = $1
    ) AS each WHERE assoc IN (SELECT assoc FROM associations WHERE loc = $1) GROUP BY record_id, assoc, side HAVING sum(n) <> 0
) AS wrong;

-- name: count_relations  reads
-- By association; one without relations has no row.
SELECT assoc, count(*) FROM relations WHERE loc = $1 GROUP BY assoc;
