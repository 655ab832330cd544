-- Statements of relations on SQLite. `$1` is the location's number: what is found by a record's or a relation's own
-- id has to belong to an association of it. Sides of counts: 1 as the first record, 2 as the second, 3 with itself.

-- name: list_related  reads
-- The relations in location $1 of one record, $2, on either side, up to $3 of them in the order of the indexes: both are
-- read in it and merged. A relation of a record with itself is found on its first side.
SELECT r.assoc, r.id, r.first_id, r.second_id FROM relations r
WHERE r.first_id = $2 AND EXISTS (SELECT 1 FROM associations a WHERE a.assoc = r.assoc AND a.loc = $1)
UNION ALL
SELECT r.assoc, r.id, r.first_id, r.second_id FROM relations r
WHERE r.second_id = $2 AND r.first_id <> $2
  AND EXISTS (SELECT 1 FROM associations a WHERE a.assoc = r.assoc AND a.loc = $1)
ORDER BY 1, 2 LIMIT $3;

-- name: lock_records  reads
-- Two records, by object and id. The write transaction holds them anyway.
SELECT obj, id, (SELECT schema_version FROM locations WHERE loc = $1) FROM records
WHERE (obj = $2 AND id = $3) OR (obj = $4 AND id = $5);

-- name: find_pair  reads
SELECT (SELECT id FROM relations WHERE assoc = $2 AND first_id = $3 AND second_id = $4),
       (SELECT coalesce(sum(n), 0) FROM relation_counts WHERE record_id = $3 AND assoc = $2 AND side IN (1, 3)),
       (SELECT coalesce(sum(n), 0) FROM relation_counts WHERE record_id = $4 AND assoc = $2 AND side IN (2, 3));

-- name: insert_relation  writes
INSERT INTO relations (assoc, first_id, second_id, id) VALUES ($2, $3, $4, $5);

-- name: count_relation  writes
-- $2 association, $3 the first record, $4 the second.
INSERT INTO relation_counts (record_id, assoc, side, n)
SELECT $3, $2, CASE WHEN $3 = $4 THEN 3 ELSE 1 END, 1 UNION ALL SELECT $4, $2, 2, 1 WHERE $3 <> $4
ON CONFLICT (assoc, record_id, side) DO UPDATE SET n = n + 1;

-- name: uncount_relation  writes
UPDATE relation_counts SET n = n - 1
WHERE record_id IN ($3, $4) AND assoc = $2
  AND side = CASE WHEN $3 = $4 THEN 3 WHEN record_id = $3 THEN 1 ELSE 2 END;

-- name: find_relation  reads
SELECT assoc, id, first_id, second_id FROM relations
WHERE id = $2 AND assoc IN (SELECT assoc FROM associations WHERE loc = $1);

-- name: delete_relation  writes
DELETE FROM relations WHERE assoc = $2 AND first_id = $3 AND second_id = $4 RETURNING assoc;

-- name: list_relation_counts  reads
SELECT assoc, sum(n) FROM relation_counts
WHERE record_id = $2 AND assoc IN (SELECT assoc FROM associations WHERE loc = $1) GROUP BY assoc ORDER BY assoc;

-- name: list_relation_rows  reads
-- $1 record, $2 association, $3 how many to leave out, $4 how many to take.
SELECT assoc, id, first_id, second_id FROM relations WHERE first_id = $1 AND assoc = $2
UNION ALL
SELECT assoc, id, first_id, second_id FROM relations WHERE second_id = $1 AND assoc = $2 AND first_id <> $1
ORDER BY 2 LIMIT $4 OFFSET $3;

-- name: uncount_others  writes
-- The records that one is related to have a relation less, on the side on which it is not.
UPDATE relation_counts AS c SET n = c.n - 1 FROM relations r
WHERE (r.first_id = $2 OR r.second_id = $2) AND r.first_id <> r.second_id AND c.assoc = r.assoc
  AND c.record_id = CASE WHEN r.first_id = $2 THEN r.second_id ELSE r.first_id END
  AND c.side = CASE WHEN r.first_id = $2 THEN 2 ELSE 1 END;

-- name: delete_relations_of  writes
-- Those by a deleted association are left to its own removal, which emits their events.
DELETE FROM relations WHERE (first_id = $2 OR second_id = $2)
  AND EXISTS (SELECT 1 FROM associations a WHERE a.assoc = relations.assoc AND a.loc = $1);

-- name: delete_counts_of  writes
-- $2 association, $3 record.
DELETE FROM relation_counts WHERE assoc = $2 AND record_id = $3;

-- name: delete_relations_by  writes
-- Up to $3 of an association.
DELETE FROM relations WHERE assoc = $2
  AND (first_id, second_id) IN (SELECT first_id, second_id FROM relations WHERE assoc = $2 LIMIT $3)
RETURNING assoc, id, first_id, second_id;

-- name: delete_counts_by  writes
-- Up to $3 of an association.
DELETE FROM relation_counts WHERE assoc = $2
  AND (record_id, side) IN (SELECT record_id, side FROM relation_counts WHERE assoc = $2 LIMIT $3)
RETURNING side;

-- name: count_dangling_relations  reads
SELECT count(*), count(*) FILTER (
    WHERE NOT EXISTS (SELECT 1 FROM records f WHERE f.obj = a.first_obj AND f.id = r.first_id)
       OR NOT EXISTS (SELECT 1 FROM records s WHERE s.obj = a.second_obj AND s.id = r.second_id))
FROM relations r JOIN associations a ON a.assoc = r.assoc WHERE a.loc = $1;

-- name: count_miscounted_relations  reads
WITH own AS (SELECT assoc FROM associations WHERE loc = $1)
SELECT count(*) FROM (
    SELECT record_id, assoc, side FROM (
        SELECT first_id AS record_id, assoc, CASE WHEN first_id = second_id THEN 3 ELSE 1 END AS side, 1 AS n
        FROM relations WHERE assoc IN own
        UNION ALL
        SELECT second_id, assoc, 2, 1 FROM relations WHERE assoc IN own AND first_id <> second_id
        UNION ALL
        SELECT record_id, assoc, side, -n FROM relation_counts WHERE assoc IN own
    ) GROUP BY record_id, assoc, side HAVING sum(n) <> 0
);

-- name: count_relations  reads
-- By association; one without relations has no row.
SELECT assoc, count(*) FROM relations WHERE assoc IN (SELECT assoc FROM associations WHERE loc = $1) GROUP BY assoc;
