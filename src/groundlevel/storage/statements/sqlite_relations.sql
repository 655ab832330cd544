-- Statements about relations on SQLite. `$1` is the location's number: what is found by a record's or a relation's own
-- id has to belong to an association of it. Sides of counts: 1 as the first record, 2 as the second, 3 with itself.

-- name: hold_records
-- Two records, by object and id. The write transaction holds them anyway.
SELECT obj, id, (SELECT schema_version FROM locations WHERE loc = $1) FROM records
WHERE (obj = $2 AND id = $3) OR (obj = $4 AND id = $5);

-- name: find_pair
SELECT (SELECT id FROM relations WHERE assoc = $2 AND first_id = $3 AND second_id = $4),
       (SELECT coalesce(sum(n), 0) FROM relation_counts WHERE record_id = $3 AND assoc = $2 AND side IN (1, 3)),
       (SELECT coalesce(sum(n), 0) FROM relation_counts WHERE record_id = $4 AND assoc = $2 AND side IN (2, 3));

-- name: add_relation
INSERT INTO relations (assoc, first_id, second_id, id) VALUES ($2, $3, $4, $5);

-- name: count_relation
-- $2 association, $3 the first record, $4 the second.
INSERT INTO relation_counts (record_id, assoc, side, n)
SELECT $3, $2, CASE WHEN $3 = $4 THEN 3 ELSE 1 END, 1 UNION ALL SELECT $4, $2, 2, 1 WHERE $3 <> $4
ON CONFLICT (record_id, assoc, side) DO UPDATE SET n = n + 1;

-- name: uncount_relation
UPDATE relation_counts SET n = n - 1
WHERE assoc = $2 AND ((record_id = $3 AND side = CASE WHEN $3 = $4 THEN 3 ELSE 1 END)
    OR (record_id = $4 AND side = 2));

-- name: find_relation
SELECT assoc, id, first_id, second_id FROM relations
WHERE id = $2 AND assoc IN (SELECT assoc FROM associations WHERE loc = $1);

-- name: delete_relation
DELETE FROM relations WHERE assoc = $2 AND first_id = $3 AND second_id = $4 RETURNING assoc;

-- name: list_relation_counts
SELECT c.assoc, sum(c.n) FROM relation_counts c
WHERE c.record_id = $2 AND c.n > 0 AND EXISTS (SELECT 1 FROM associations a WHERE a.assoc = c.assoc AND a.loc = $1)
GROUP BY c.assoc ORDER BY c.assoc;

-- name: relation_rows
-- $1 record, $2 association, $3 how many to leave out, $4 how many to take.
SELECT assoc, id, first_id, second_id FROM relations WHERE first_id = $1 AND assoc = $2
UNION ALL
SELECT assoc, id, first_id, second_id FROM relations WHERE second_id = $1 AND assoc = $2 AND first_id <> $1
ORDER BY 2 LIMIT $4 OFFSET $3;

-- name: relations_by
SELECT assoc, id, first_id, second_id FROM relations WHERE assoc = $2;

-- name: uncount_others_first
-- Those that the record is the second one of.
UPDATE relation_counts AS c SET n = c.n - 1 FROM relations r
WHERE r.second_id = $2 AND r.first_id <> $2 AND c.record_id = r.first_id AND c.assoc = r.assoc AND c.side = 1;

-- name: uncount_others_second
UPDATE relation_counts AS c SET n = c.n - 1 FROM relations r
WHERE r.first_id = $2 AND r.second_id <> $2 AND c.record_id = r.second_id AND c.assoc = r.assoc AND c.side = 2;

-- name: delete_relations_of
DELETE FROM relations WHERE first_id = $2 OR second_id = $2;

-- name: delete_counts_of
DELETE FROM relation_counts WHERE record_id = $2;

-- name: delete_relations_by
DELETE FROM relations WHERE assoc = $2;

-- name: delete_counts_by
DELETE FROM relation_counts WHERE assoc = $2;

-- name: lost_relations
SELECT count(*), coalesce(sum(f.id IS NULL OR s.id IS NULL), 0)
FROM relations r JOIN associations a ON a.assoc = r.assoc
LEFT JOIN records f ON f.obj = a.first_obj AND f.id = r.first_id
LEFT JOIN records s ON s.obj = a.second_obj AND s.id = r.second_id
WHERE a.loc = $1;

-- name: miscounted_relations
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
